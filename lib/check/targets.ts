/** Which of the app's servers is loaded, and which of its isolates are judged. */

import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import type { Control, Isolate } from './control';
import { CheckFailure } from './failure';
import type { Origin } from './load/types';
import type { CheckSettings } from './options';
import type { Listening } from './protocol';

/** After the first server listens, others may, in ms: the one with HTTP is wanted. */
const OTHERS = 400;

/** The address among the targets that are whole, where there is one. */
export function fixedOrigin({ urls, websocket }: CheckSettings): URL | undefined {
  const whole = [...urls, ...websocket].find((url) => URL.canParse(url));
  return whole === undefined ? undefined : new URL(whole.replace(/^ws/, 'http'));
}

/** Fails when somebody listens already where the app is going to: the load would be theirs. */
export async function refuseTakenPort(settings: CheckSettings): Promise<void> {
  const url = fixedOrigin(settings);
  const port = Number(url?.port || (url?.protocol === 'https:' ? 443 : 80));
  if (url === undefined || !isLocal(url.hostname)) return;
  if (await answers(url.hostname.replace(/^\[|\]$/g, ''), port)) {
    throw new CheckFailure(`port ${port} is taken: another program listens on it, and would get the load`);
  }
}

function isLocal(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const done = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}

/** What is known of the app besides what its agents say. */
export interface Surroundings {
  /** What it has printed. */
  printed: () => string;
  /** Told to the reader of the report. */
  notes: string[];
}

/** Waits until the app listens. Rejects when it does not in time. */
export async function waitForServer(
  control: Control,
  settings: CheckSettings,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Origin> {
  const fixed = fixedOrigin(settings);
  const port = settings.port ?? (fixed === undefined ? undefined : Number(fixed.port || 0) || undefined);
  const found = await choose(await servers(control, settings, port, signal), settings, around);
  if (found.kind === 'http2') {
    throw new CheckFailure('the app serves HTTP/2, which is loaded by a script of yours only: --scenario');
  }
  return fixed === undefined ? originOf(found) : { url: fixed.origin };
}

/** The servers of the app that can be loaded, or those on a port. */
function servers(
  control: Control,
  settings: CheckSettings,
  port: number | undefined,
  signal: AbortSignal,
): Promise<Listening[]> {
  const timeout = settings.startTimeout;
  const scenario = settings.scenario !== undefined;
  const find = (): Listening[] => {
    // A watcher has servers of its own, to talk to what it started.
    const own = [...control.isolates].filter(({ hello }) => !isRunner(hello.script));
    const all = own.flatMap(({ listening }) => listening);
    if (port !== undefined) return all.filter((each) => each.port === port);
    // Other protocols are for a scenario.
    return all.filter(({ kind }) => kind !== 'net' || scenario);
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => done(() => reject(new CheckFailure(tooLate(control, timeout / 1000, port)))),
      timeout,
    );
    const abort = (): void => done(() => reject(signal.reason));
    signal.addEventListener('abort', abort);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      control.onChange = () => {};
      settle();
    };
    let waiting = false;
    control.onChange = () => {
      if (waiting || find().length === 0) return;
      waiting = true;
      setTimeout(() => done(() => resolve(find())), OTHERS);
    };
    control.onChange();
  });
}

/**
 * The one that is meant, of several: on the port of the variable PORT, or one that the app says it listens on; else one
 * that knows the first path, on a port that was asked for, and rather the last: what a server needs is started before it.
 */
async function choose(
  all: Listening[],
  { urls }: CheckSettings,
  { printed, notes }: Surroundings,
): Promise<Listening> {
  const ports = new Set(all.map(({ port, path }) => path ?? port));
  const [first] = all as [Listening];
  if (ports.size === 1) return first;
  const text = printed();
  const named = (each: Listening): boolean => new RegExp(`\\b${each.port}\\b`).test(text);
  const knows = new Map<Listening, boolean>();
  for (const each of all) knows.set(each, await answersWell(each, urls[0] ?? '/'));
  const rank = (each: Listening): number =>
    (String(each.port) === process.env.PORT ? 8 : 0) +
    (named(each) ? 4 : 0) +
    (knows.get(each) ? 2 : 0) +
    (each.fixed ? 1 : 0);
  const best = all.reduce((found, each) => (rank(each) >= rank(found) ? each : found));
  notes.push(
    `the app listens on ${[...ports].join(', ')}; ${best.path ?? best.port} was loaded (--port chooses)`,
  );
  return best;
}

/** Whether a server has something at a path. */
function answersWell(server: Listening, target: string): Promise<boolean> {
  if (server.kind === 'net' || server.kind === 'http2') return Promise.resolve(false);
  const { url, socketPath } = originOf(server);
  return new Promise((resolve) => {
    const options = {
      agent: false,
      timeout: 2000,
      rejectUnauthorized: false,
      ...(socketPath ? { socketPath } : {}),
    };
    const request = (server.kind === 'https' ? https : http).get(
      new URL(target, url),
      options,
      ({ statusCode = 0 }) => {
        resolve(statusCode < 400);
        request.destroy();
      },
    );
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}

function originOf({ kind, host, port, path }: Listening): Origin {
  const protocol = kind === 'https' ? 'https:' : 'http:';
  if (path !== undefined) return { url: `${protocol}//localhost`, socketPath: path };
  return { url: `${protocol}//${hostOf(host)}:${port}` };
}

function hostOf(host: string): string {
  // `::` takes IPv4 as well, unless that was forbidden.
  if (host === '' || host === '::' || host === '0.0.0.0') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function tooLate(control: Control, seconds: number, port: number | undefined): string {
  if (control.isolates.size === 0)
    return `the app does not run Node, or not with NODE_OPTIONS: no agent in ${seconds} s`;
  const others = [...control.isolates].flatMap(({ listening }) => listening.map((each) => each.port));
  if (port !== undefined && others.length > 0) {
    return `the app does not listen on port ${port}, but on ${others.join(', ')}`;
  }
  const also =
    others.length > 0 ? ` with HTTP (but on ${others.join(', ')}: --scenario loads other protocols)` : '';
  return `the app did not listen on any port${also} in ${seconds} s`;
}

/** The isolates that are judged: all but those of package managers and watchers, which started the app. */
export function judgedIsolates(isolates: Iterable<Isolate>): Isolate[] {
  return [...isolates].filter(({ hello }) => !isRunner(hello.script));
}

const RUNNERS = ['npm', 'npx', 'yarn', 'pnpm', 'corepack', 'nodemon', 'tsx', 'ts-node-dev', 'concurrently'];

/** Whether this is the script of one of them: `…/bin/npm`, `…/npm-cli.js`, `…/node_modules/tsx/dist/cli.mjs`. */
function isRunner(script: string): boolean {
  const parts = script.split(/[\\/]/);
  const name = (parts.at(-1) ?? '').replace(/\.[cm]?js$/, '').replace(/-cli$/, '');
  const inside = parts[parts.lastIndexOf('node_modules') + 1] ?? '';
  return RUNNERS.includes(name) || (parts.includes('node_modules') && RUNNERS.includes(inside));
}
