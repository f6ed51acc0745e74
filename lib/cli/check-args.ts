/** The arguments of `plateau check`: each error names the option, what was given, and what is taken. */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CheckOptions } from '../check/options';

/** Where the report goes. */
export interface Outputs {
  /** A file, or `-` for stdout. */
  json: string | undefined;
  html: string | undefined;
  markdown: string | undefined;
  junit: string | undefined;
  github: boolean;
  color: boolean;
}

export interface CheckArguments {
  options: CheckOptions;
  outputs: Outputs;
  /** What to tell of how they were read. */
  notes: string[];
}

const STRINGS = [
  ...[
    'method',
    'body',
    'connections',
    'rate',
    'abort-ratio',
    'har',
    'scenario',
    'message',
    'port',
    'max-growth',
  ],
  ...[
    'max-errors',
    'requests',
    'rounds',
    'max-rounds',
    'timeout',
    'start-timeout',
    'patience',
    'html',
    'markdown',
  ],
  ...['junit', 'keep-snapshots'],
] as const;

type Values = Partial<Record<(typeof STRINGS)[number], string>>;

/** Reads them; `undefined` when help is asked for. */
export function readCheckArgs(args: readonly string[]): CheckArguments | undefined {
  const split = args.indexOf('--');
  const own = split < 0 ? args : args.slice(0, split);
  const command = split < 0 ? [] : args.slice(split + 1);
  const [rest, json] = takeJson(own);
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(STRINGS.map((name) => [name, { type: 'string', ...shortOf(name) }] as const)),
      url: { type: 'string', multiple: true },
      header: { type: 'string', short: 'H', multiple: true },
      websocket: { type: 'string', multiple: true },
      github: { type: 'boolean' },
      'no-snapshots': { type: 'boolean' },
      'no-color': { type: 'boolean' },
      verbose: { type: 'boolean', short: 'v' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  if (positionals.length > 0) {
    throw new Error(
      `${JSON.stringify(positionals[0])} is no option: the command comes after --, as in "-- node server.js"`,
    );
  }
  const notes: string[] = [];
  const urls = (values.url as string[] | undefined) ?? urlsOf(command, notes);
  if (command.length === 0)
    throw new Error('there is no command: give one after --, as in "-- node server.js"');
  const texts = values as Values;
  const options = {
    command,
    urls,
    headers: readHeaders((values.header as string[] | undefined) ?? []),
    websocket: values.websocket as string[] | undefined,
    ...readTexts(texts),
    ...(values['no-snapshots'] === true ? { snapshots: false } : {}),
    showOutput: values.verbose === true,
  };
  const color = process.stdout.isTTY === true && values['no-color'] !== true && !process.env.NO_COLOR;
  const { html, markdown, junit } = texts;
  return {
    options: withoutUndefined(options) as unknown as CheckOptions,
    outputs: { json, html, markdown, junit, github: values.github === true, color },
    notes,
  };
}

function shortOf(name: string): { short?: string } {
  const short = { method: 'X', body: 'b' }[name];
  return short === undefined ? {} : { short };
}

/** `--json` may have a value, and may have none, which `parseArgs` does not know. */
function takeJson(args: readonly string[]): [string[], string | undefined] {
  const at = args.findIndex((each) => each === '--json' || each.startsWith('--json='));
  if (at < 0) return [[...args], undefined];
  const joined = args[at]?.slice('--json='.length);
  const next = args[at + 1];
  if (joined) return [args.toSpliced(at, 1), joined];
  if (next === undefined || next.startsWith('-')) return [args.toSpliced(at, 1), '-'];
  return [args.toSpliced(at, 2), next];
}

/** Addresses at the end of the command, `-- node server.js --url http://localhost:3000/cart`, are the check's. */
function urlsOf(command: string[], notes: string[]): string[] | undefined {
  const found: string[] = [];
  while (command.length > 2 && command.at(-2) === '--url' && isLocalUrl(command.at(-1) ?? '')) {
    found.unshift(command.at(-1) as string);
    command.length -= 2;
  }
  if (found.length === 0) return undefined;
  notes.push('--url at the end of the command is taken as an option of the check: it belongs before --');
  return found;
}

function isLocalUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(text);
}

function readTexts(texts: Values): Record<string, unknown> {
  const read = <T>(name: keyof Values, how: (name: string, text: string) => T): T | undefined =>
    texts[name] === undefined ? undefined : how(name, texts[name]);
  return {
    method: texts.method?.toUpperCase(),
    body: read('body', readBody),
    connections: read('connections', readWhole),
    rate: read('rate', readNumber),
    abortRatio: read('abort-ratio', readShare),
    har: texts.har,
    scenario: texts.scenario,
    message: texts.message,
    port: read('port', readWhole),
    maxGrowth: read('max-growth', readSize),
    maxErrors: read('max-errors', readShare),
    requests: read('requests', readWhole),
    rounds: read('rounds', readWhole),
    maxRounds: read('max-rounds', readWhole),
    timeout: read('timeout', readDuration),
    startTimeout: read('start-timeout', readDuration),
    patience: read('patience', readDuration),
    keepSnapshots: texts['keep-snapshots'],
  };
}

function wrong(name: string, accepted: string, text: string): Error {
  return new Error(`--${name} must be ${accepted}, got ${JSON.stringify(text)}`);
}

function readWhole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw wrong(name, 'a positive whole number', text);
  return Number(text);
}

function readNumber(name: string, text: string): number {
  if (!/^\d+(?:\.\d+)?$/.test(text) || !(Number(text) > 0)) throw wrong(name, 'a positive number', text);
  return Number(text);
}

/** `0.1` or `10%`. */
function readShare(name: string, text: string): number {
  const [, digits = '', percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const share = digits === '' ? Number.NaN : Number(digits) / (percent === '%' ? 100 : 1);
  if (!(share >= 0 && share <= 1)) throw wrong(name, 'a share such as 0.1 or 10%', text);
  return share;
}

const UNITS: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
};

/** `50`, `50B`, `0.1KB/req`. */
function readSize(name: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*)(?:\/req(?:uest)?)?$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  const size = digits === '' || factor === undefined ? Number.NaN : Number(digits) * factor;
  if (!(size > 0)) throw wrong(name, 'a size per request such as 50B/req or 1KB/req', text);
  return size;
}

/** `300` and `300s` are seconds; `500ms`, `5m`. */
function readDuration(name: string, text: string): number {
  const [, digits = '', unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const factor = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? Number.NaN;
  const duration = digits === '' ? Number.NaN : Number(digits) * factor;
  if (!(duration > 0 || (duration === 0 && name === 'patience'))) {
    throw wrong(name, 'a duration such as 90s, 5m or 500ms', text);
  }
  return duration;
}

function readBody(name: string, text: string): string {
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(text.slice(1), 'utf8');
  } catch (error) {
    throw new Error(`--${name} ${text} cannot be read: ${(error as Error).message}`);
  }
}

function readHeaders(texts: readonly string[]): Record<string, string> | undefined {
  if (texts.length === 0) return undefined;
  const headers = new Headers();
  for (const text of texts) {
    const at = text.indexOf(':');
    // The value is not repeated: it may be a secret.
    if (at < 1) throw new Error('--header must be "name: value"');
    try {
      headers.append(text.slice(0, at).trim(), text.slice(at + 1).trim());
    } catch {
      throw new Error(`--header ${JSON.stringify(text.slice(0, at))}: that cannot be sent`);
    }
  }
  return Object.fromEntries(headers);
}

function withoutUndefined(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
