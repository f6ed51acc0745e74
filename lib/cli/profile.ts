/**
 * `npx plateau profile <pid | url>`: makes a growth profile in a running process, and prints it. A process is asked by its
 * control socket, a service by its dashboard; both have to be told to allow it.
 */

import { parseArgs } from 'node:util';
import { ask } from '../control/client';
import { LEAST_DURATION, MOST_DURATION } from '../profile/options';
import { printable } from '../profile/report';
import type { GrowthProfile } from '../profile/types';
import { DashboardClient } from './watch-source';

const USAGE = `Usage: plateau profile <pid> | <url> [options]

Samples what a running process allocates, and says which functions allocate what stays. The process has to allow it:
<pid> one that was started with PLATEAU_CONTROL=1 and --import plateau/register, or startMemorySampler({ control: true });
<url> where a service serves its dashboard, with the option profile: true.

      --duration <time>       how long, as 30s or 2m (default 30s). What half of it has survived is told
      --interval <bytes>      from one sample to the next, on average (default 131072)
      --limit <count>         stacks that are reported (default 20)
      --gc                    collects garbage at the beginning and the end, which stops the process for a moment
  -H, --header <name: value>  sent to the url; may be given several times
      --json                  prints the profile as JSON
  -h, --help                  this text

Exit codes: 0 nothing grows, 1 something does, 2 could not judge or bad usage.
`;

const FINE = 0;
const FINDING = 1;
const FAILED = 2;

/** More than it takes to collect garbage and answer, in ms. */
const GRACE = 60_000;
/** Longer, and Node gives up waiting for an answer of HTTP. */
const MOST_BY_URL = 240_000;
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };

interface Options {
  target: number | URL;
  headers: Headers;
  json: boolean;
  duration: number;
  profile: { duration: number; interval?: number; limit?: number; gc?: boolean };
}

/** Runs the command; returns its exit code. */
export async function profile(args: string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = readArgs(args);
  } catch (error) {
    console.error(`plateau profile: ${(error as Error).message}\n\n${USAGE}`);
    return FAILED;
  }
  if (options === undefined) {
    process.stdout.write(USAGE);
    return FINE;
  }
  try {
    const { target, json, duration } = options;
    if (process.stderr.isTTY) console.error(`profiling for ${duration / 1000} s…`);
    const found = await profileOf(options);
    if (found?.schema !== 1 || !Array.isArray(found.stacks)) {
      throw new Error(
        `${show(target)} answers with something else than a profile: is it another version of plateau?`,
      );
    }
    process.stdout.write(`${json ? JSON.stringify(found) : String(printable(found))}\n`);
    return found.stacks.some(({ verdict }) => verdict === 'growing') ? FINDING : FINE;
  } catch (error) {
    const { message, cause } = error as Error;
    const because = cause instanceof Error && !message.includes(cause.message) ? `: ${cause.message}` : '';
    console.error(`plateau profile: ${message}${because}`);
    return FAILED;
  }
}

function profileOf({ target, headers, duration, profile: asked }: Options): Promise<GrowthProfile> {
  const patience = duration + GRACE;
  if (target instanceof URL) return new DashboardClient(target, headers).profile(asked, patience);
  return ask(target, { command: 'profile', options: asked }, patience) as Promise<GrowthProfile>;
}

/** Without what may be secret. */
function show(target: number | URL): string {
  return target instanceof URL ? `${target.origin}${target.pathname}` : `process ${target}`;
}

/** The options; `undefined` when help is asked for. */
function readArgs(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      duration: { type: 'string', default: '30s' },
      interval: { type: 'string' },
      limit: { type: 'string' },
      gc: { type: 'boolean', default: false },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [address = '', ...more] = positionals;
  if (address === '' || more.length > 0) throw new Error('it takes one process or address');
  const target = readTarget(address);
  const duration = readTime(values.duration, target instanceof URL ? MOST_BY_URL : MOST_DURATION);
  return {
    target,
    headers: readHeaders(target, values.header),
    json: values.json,
    duration,
    profile: {
      duration,
      ...(values.interval === undefined ? {} : { interval: readNumber('interval', values.interval) }),
      ...(values.limit === undefined ? {} : { limit: readNumber('limit', values.limit) }),
      ...(values.gc ? { gc: true } : {}),
    },
  };
}

function readTarget(address: string): number | URL {
  if (/^[1-9]\d{0,9}$/.test(address)) return Number(address);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${JSON.stringify(address)} is no process and no http or https address`);
  }
  return url;
}

function readTime(text: string, most: number): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|min|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? 0);
  if (!(ms >= LEAST_DURATION && ms <= most)) {
    throw new Error(
      `--duration takes a time from 1s to ${most / 60_000}m, as 30s, got ${JSON.stringify(text)}`,
    );
  }
  return ms;
}

function readNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, got ${JSON.stringify(text)}`);
  return Number(text);
}

function readHeaders(target: number | URL, given: string[]): Headers {
  const headers = new Headers();
  if (target instanceof URL && target.username !== '') {
    const credentials = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  }
  for (const header of given) {
    const at = header.indexOf(':');
    // The value is not repeated: it may be a secret.
    if (at < 1) throw new Error('--header takes "name: value"');
    headers.append(header.slice(0, at).trim(), header.slice(at + 1).trim());
  }
  return headers;
}
