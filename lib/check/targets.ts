/** Which of the app's servers is loaded, and which of its isolates are judged. */

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

/** Waits until the app listens. Rejects when it does not in time. */
export async function waitForServer(
  control: Control,
  settings: CheckSettings,
  signal: AbortSignal,
): Promise<Origin> {
  const fixed = fixedOrigin(settings);
  const port = settings.port ?? (fixed === undefined ? undefined : Number(fixed.port || 0) || undefined);
  const find = (): Listening | undefined => choose(control.isolates, port);
  const found = await new Promise<Listening>((resolve, reject) => {
    const seconds = settings.startTimeout / 1000;
    const timer = setTimeout(
      () => reject(new CheckFailure(tooLate(control, seconds, port))),
      settings.startTimeout,
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
      if (waiting || find() === undefined) return;
      waiting = true;
      setTimeout(() => done(() => resolve(find() as Listening)), OTHERS);
    };
    control.onChange();
  });
  if (found.kind === 'http2') {
    throw new CheckFailure('the app serves HTTP/2, which is loaded by a script of yours only: --scenario');
  }
  if (fixed !== undefined) return { url: fixed.origin };
  const protocol = found.kind === 'https' ? 'https:' : 'http:';
  if (found.path !== undefined) return { url: `${protocol}//localhost`, socketPath: found.path };
  return { url: `${protocol}//${hostOf(found.host)}:${found.port}` };
}

/** HTTP before others; the first to listen. With a port, whatever listens there. */
function choose(isolates: Iterable<Isolate>, port: number | undefined): Listening | undefined {
  const all = [...isolates].flatMap(({ listening }) => listening);
  if (port !== undefined) return all.find((each) => each.port === port);
  const rank = ['http', 'https', 'http2', 'net'];
  return all.sort((a, b) => rank.indexOf(a.kind) - rank.indexOf(b.kind))[0];
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
  return `the app did not listen on any port in ${seconds} s`;
}

/**
 * The isolates that are judged: all but those of package managers and watchers, which are what started a server and
 * serve nothing themselves. The primary of a cluster is one of those by this rule only when nothing is sent to it.
 */
export function judgedIsolates(isolates: Iterable<Isolate>): Isolate[] {
  return [...isolates].filter(({ hello, listening }) => listening.length > 0 || !isRunner(hello.script));
}

const RUNNERS = ['npm', 'npx', 'yarn', 'pnpm', 'corepack', 'nodemon', 'tsx', 'ts-node-dev', 'concurrently'];

/** Whether this is the script of one of them: `…/bin/npm`, `…/npm-cli.js`, `…/node_modules/tsx/dist/cli.mjs`. */
function isRunner(script: string): boolean {
  const parts = script.split(/[\\/]/);
  const name = (parts.at(-1) ?? '').replace(/\.[cm]?js$/, '').replace(/-cli$/, '');
  const inside = parts[parts.lastIndexOf('node_modules') + 1] ?? '';
  return RUNNERS.includes(name) || (parts.includes('node_modules') && RUNNERS.includes(inside));
}
