/**
 * `npx plateau watch <url>`: the dashboard of a running service in the terminal. In a pipe, a line each ten seconds and
 * at each change of the verdict. A folder of black boxes, or a process that writes one, is what `plateau top` shows.
 */

import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DashboardHistory, DashboardState } from '../dashboard/types';
import { native } from '../native';
import { DashboardClient, Refused } from './watch-source';
import { type HeapPoint, line, screen, type ViewOptions } from './watch-view';

const USAGE = `Usage: plateau watch <url> [options]
       plateau watch <folder> | <pid> [options]

Shows the dashboard of a running service: <url> is where the service serves it. Or, as \`plateau top\`, the processes that
record into a folder; for <pid> the folder into which that process records (on Linux).

  -H, --header <name: value>  sent with each request; may be given several times
      --once                  shows the state once; exit code 1 if the verdict is a leak
      --json                  prints states as JSON, one per line; of a folder, once
      --no-color              no colours (also: the variable NO_COLOR)
  -h, --help                  this text

Exit codes: 0 fine, 1 a leak, 2 could not judge or bad usage.
`;

/** Exit codes, those of all commands. */
const FINE = 0;
const FINDING = 1;
const FAILED = 2;

/** Before a lost connection is tried again, in ms. */
const RETRY = 2000;
/** Between two lines that say the same, in ms. */
const QUIET = 10_000;
const MOST_POINTS = 600;
/** How the name of a black box ends. */
const BLACK_BOX = 'plateau';

/** Home, clear from there: without the flicker of clearing everything. */
const [HOME, CLEAR_LINE, CLEAR_BELOW] = ['\u001b[H', '\u001b[K', '\u001b[J'];
const [OTHER_SCREEN, FIRST_SCREEN] = ['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'];

interface Options {
  /** Of a dashboard, or a folder of black boxes. */
  source: URL | string;
  headers: Headers;
  once: boolean;
  json: boolean;
  color: boolean;
}

/** Runs the command; returns its exit code. */
export async function watch(args: string[]): Promise<number> {
  let options: Options | undefined;
  try {
    options = readArgs(args);
  } catch (error) {
    console.error(`plateau watch: ${(error as Error).message}\n\n${USAGE}`);
    return FAILED;
  }
  if (options === undefined) {
    process.stdout.write(USAGE);
    return FINE;
  }
  const { source } = options;
  if (typeof source === 'string') return top(source, options);
  const client = new DashboardClient(source, options.headers);
  try {
    return await (options.once ? showOnce(client, options) : follow(client, source, options));
  } catch (error) {
    console.error(`plateau watch: ${source.origin}${source.pathname}: ${reason(error)}`);
    return FAILED;
  }
}

/** The options; `undefined` when help is asked for. */
function readArgs(args: string[]): Options | undefined {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'no-color': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const [address = '', ...more] = positionals;
  if (address === '' || more.length > 0) throw new Error('it takes one address');
  const source = readSource(address);
  const headers = new Headers();
  if (source instanceof URL && source.username !== '') {
    const credentials = `${decodeURIComponent(source.username)}:${decodeURIComponent(source.password)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  }
  for (const header of values.header) {
    const at = header.indexOf(':');
    // The value is not repeated: it may be a secret.
    if (at < 1) throw new Error('--header takes "name: value"');
    headers.append(header.slice(0, at).trim(), header.slice(at + 1).trim());
  }
  const { once, json } = values;
  const color = process.stdout.isTTY === true && !values['no-color'] && !process.env.NO_COLOR;
  return { source, headers, once, json, color };
}

function readSource(address: string): URL | string {
  if (/^\d+$/.test(address)) return folderOf(address);
  if (statSync(address, { throwIfNoEntry: false })?.isDirectory()) return address;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${JSON.stringify(address)} is no http or https address, no folder and no process`);
  }
  return url;
}

/** Into which folder a process records: its black box is mapped into its memory. */
function folderOf(pid: string): string {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch (error) {
    throw new Error(
      `process ${pid} cannot be looked at (${reason(error)}): give the folder into which it records`,
    );
  }
  const file = new RegExp(`^.* (/.*\\.${BLACK_BOX})$`, 'm').exec(maps)?.[1];
  if (file === undefined)
    throw new Error(`process ${pid} has no black box: start its sampler with the option recorder`);
  return dirname(file);
}

function top(folder: string, { once, json, color }: Options): number {
  const flags = [...(once ? ['--once'] : []), ...(json ? ['--json'] : []), ...(color ? [] : ['--no-color'])];
  return native.cliRun(['top', ...flags, '--', folder]);
}

async function showOnce(client: DashboardClient, { json, color }: Options): Promise<number> {
  const state = await client.state();
  const points = json ? [] : pointsOf(await client.history());
  process.stdout.write(`${json ? JSON.stringify(state) : screen(state, points, sizes(color, 1000))}\n`);
  return state.verdict.verdict === 'leak' ? FINDING : FINE;
}

/** Shows what comes until it is interrupted. */
async function follow(client: DashboardClient, url: URL, { json, color }: Options): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  // A pipe that nobody reads any more is the end, and no error.
  process.stdout.on('error', interrupt);
  const print = process.stdout.isTTY && !json ? onScreen(color) : inLines(json);
  let last: DashboardState | undefined;
  try {
    while (!stop.signal.aborted) {
      try {
        const points = json ? [] : pointsOf(await client.history());
        for await (const state of client.events(stop.signal)) {
          last = state;
          points.push(...pointOf(state));
          points.splice(0, points.length - MOST_POINTS);
          print.show(state, points);
        }
      } catch (error) {
        if (stop.signal.aborted) break;
        // What has never worked will not by itself.
        if (error instanceof Refused || last === undefined) throw error;
        print.note(`${url.origin}: ${reason(error)}; trying again`);
      }
      await sleep(RETRY, undefined, { signal: stop.signal }).catch(() => {});
    }
  } finally {
    print.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  return last?.verdict.verdict === 'leak' ? FINDING : FINE;
}

interface Printer {
  show(state: DashboardState, points: HeapPoint[]): void;
  note(text: string): void;
  end(): void;
}

function onScreen(color: boolean): Printer {
  process.stdout.write(OTHER_SCREEN);
  const draw = (text: string) =>
    process.stdout.write(`${HOME}${text.replaceAll('\n', `${CLEAR_LINE}\n`)}${CLEAR_LINE}${CLEAR_BELOW}`);
  let shown = '';
  return {
    show(state, points) {
      shown = screen(state, points, sizes(color));
      draw(shown);
    },
    note: (text) => void draw(`${text}\n${shown}`),
    end: () => void process.stdout.write(FIRST_SCREEN),
  };
}

function inLines(json: boolean): Printer {
  let said = '';
  let saidAt = 0;
  return {
    show(state) {
      const { verdict, place } = state.verdict;
      const what = `${verdict} ${place}`;
      if (!json && what === said && state.at - saidAt < QUIET) return;
      said = what;
      saidAt = state.at;
      process.stdout.write(`${json ? JSON.stringify(state) : line(state)}\n`);
    },
    note: (text) => console.error(`plateau watch: ${text}`),
    end() {},
  };
}

function sizes(color: boolean, rows = process.stdout.rows || 50): ViewOptions {
  return { columns: process.stdout.columns || 100, rows, color };
}

function pointsOf({ used, floor }: DashboardHistory): HeapPoint[] {
  let known = 0;
  const points = used.map((each, i) => {
    // A floor holds until the next collection; where there was none, the history has nothing.
    known = floor[i] || known;
    return { used: each, floor: known };
  });
  return points.filter((point) => point.used > 0);
}

function pointOf({ sample }: DashboardState): HeapPoint[] {
  return sample === null ? [] : [{ used: sample.heap.used, floor: sample.heap.floor }];
}

/** Of a failed request the cause says more than the error. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
