/**
 * What the agent sees of the app while it runs: servers that begin to listen, requests that are answered, and how long
 * its timers are. Each costs the app a few nanoseconds, keeps nothing alive and changes no answer.
 */

import { subscribe } from 'node:diagnostics_channel';
import { Server } from 'node:net';
import type { Listening } from '../protocol';

type Listen = (this: Server, ...args: unknown[]) => Server;
type Timer = ((callback: unknown, delay?: unknown, ...rest: unknown[]) => unknown) & object;

/** Timers longer than this are taken to have nothing to do with how long things are kept, in ms. */
const LONGEST = 10 * 60_000;

let served = 0;
let longest = 0;
const servers = new Set<WeakRef<Server>>();
const known = new WeakSet<Server>();

/** Requests that this isolate has begun to answer. HTTP/1 only; upgrades are not among them. */
export function servedRequests(): number {
  return served;
}

/** The longest delay, in ms, that a timer of the app was given. */
export function longestTimer(): number {
  return longest;
}

/** Begins to look. */
export function observe(onListening: (listening: Listening) => void): void {
  subscribe('http.server.request.start', () => {
    served++;
  });
  observeServers(onListening);
  observeTimers();
}

/** Connections that are open, to all servers of this isolate. */
export async function openConnections(): Promise<number> {
  let open = 0;
  for (const reference of servers) {
    const server = reference.deref();
    if (server === undefined) servers.delete(reference);
    else
      open += await new Promise<number>((resolve) =>
        server.getConnections((_, count) => resolve(count ?? 0)),
      );
  }
  return open;
}

function observeServers(onListening: (listening: Listening) => void): void {
  const prototype = Server.prototype as unknown as { listen: Listen };
  const original = prototype.listen;
  const listen: Listen = function (...args) {
    // Before the call, since a pipe listens at once; gone as soon as it has been called.
    if (!known.has(this)) {
      known.add(this);
      servers.add(new WeakRef(this));
    }
    this.once('listening', () => {
      const told = describe(this, isFixed(args[0]));
      if (told !== undefined) onListening(told);
    });
    return Reflect.apply(original, this, args);
  };
  Object.defineProperty(prototype, 'listen', { value: listen, configurable: true, writable: true });
}

function describe(server: Server, fixed: boolean): Listening | undefined {
  const address = server.address();
  const kind = kindOf(server);
  if (address === null) return undefined;
  if (typeof address === 'string')
    return { tell: 'listening', kind, host: '', port: 0, fixed, path: address };
  return { tell: 'listening', kind, host: address.address, port: address.port, fixed };
}

/** `listen(3000)`, `listen('3000')`, `listen({ port: 3000 })`; not with 0, or without a port. */
function isFixed(first: unknown): boolean {
  const port = typeof first === 'object' && first !== null ? (first as { port?: unknown }).port : first;
  return Number(port) > 0;
}

/** Without loading the modules of servers that the app does not use. */
function kindOf(server: Server): Listening['kind'] {
  const secure = 'setSecureContext' in server;
  // What `http.Server` and `https.Server` have, and no other.
  if ('headersTimeout' in server) return secure ? 'https' : 'http';
  // One that also speaks HTTP/1 over TLS cannot be told from one that does not, so it is asked to.
  if (/^Http2/.test(server.constructor.name)) return 'http2';
  return 'net';
}

function observeTimers(): void {
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const original = globalThis[name] as unknown as Timer;
    const ours: Timer = function (this: unknown, callback, delay, ...rest) {
      if (typeof delay === 'number' && delay > longest && delay <= LONGEST) longest = delay;
      return Reflect.apply(original, this, [callback, delay, ...rest]);
    };
    // With what hangs on it, such as its form that returns a promise.
    Object.defineProperties(ours, Object.getOwnPropertyDescriptors(original));
    // Not those of `node:timers`, from where Node takes its own.
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    if (before?.configurable) Object.defineProperty(globalThis, name, { ...before, value: ours });
  }
}
