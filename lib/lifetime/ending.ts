/**
 * When something ends: a response, a request, a socket, a stream, a WebSocket, an AbortSignal, or one of plateau's own
 * trackers and scopes. The one place that knows how each of them says so.
 *
 * However many wait for one thing to end, it gets one listener per event, which goes when the last of them has lost
 * interest. So neither a response with twenty trackers nor a signal that lives as long as the process warns of too many
 * listeners or keeps anything alive.
 */

import { invalidOption } from '../errors';
import { type Exchange, exchangeOf, findExchangeOf } from './exchange';
import { type EmitterLike, isDestroyable, isEmitter, isObject, type TargetLike } from './shapes';
import { type Waited, type Waiter, Waiters } from './waiters';

/** The method by which plateau's own objects are waited for. */
export const onDispose: unique symbol = Symbol('plateau.onDispose');

/** Things of plateau that end: what `until` takes besides Node's. */
export interface Ends {
  /** Whether it has ended. */
  readonly disposed: boolean;
  /** @internal */
  [onDispose](waiter: Waiter): Waited;
}

/** What can end a tracker or a scope. */
export type Until =
  | Ends
  | AbortSignal
  // Structural, so that frameworks' requests and responses, sockets, streams and WebSockets of any version fit.
  | (EmitterLike &
      ({ destroyed: boolean } | { writableEnded: boolean } | { readyState: number } | { closed: boolean }))
  | (TargetLike & { readyState: number })
  | { readonly raw: Until };

/** How one kind of thing ends. */
interface Kind {
  ended(target: Any): boolean;
  listen(target: Any, listener: () => void): void;
  unlisten(target: Any, listener: () => void): void;
  /** Whether being called is the end, whatever `ended` says. */
  readonly said: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: objects of any origin, of which some properties are looked at
type Any = any;

/** Those who wait for one thing, and the listener that it has for them. */
class Waiting implements Waited {
  readonly #kind: Kind;
  readonly #target: object;
  readonly #waiters = new Waiters();
  readonly #listener: () => void;

  constructor(kind: Kind, target: object) {
    this.#kind = kind;
    this.#target = target;
    this.#listener = () => this.#fire();
    kind.listen(target, this.#listener);
  }

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
  }

  remove(waiter: Waiter): void {
    if (this.#waiters.remove(waiter) && this.#waiters.isEmpty) this.#stop();
  }

  #fire(): void {
    // Some say twice that they end, and some say things that are not the end.
    if (!this.#kind.said && !this.#kind.ended(this.#target)) return;
    this.#stop();
    this.#waiters.end(performance.now());
  }

  #stop(): void {
    this.#kind.unlisten(this.#target, this.#listener);
    if (waiting.get(this.#target) === this) waiting.delete(this.#target);
  }
}

const waiting = new WeakMap<object, Waiting>();
const ACCEPTED =
  'a response, a request, a socket, a stream, a WebSocket, an AbortSignal, or a tracker or scope of plateau';

/** Whether `until` has ended. Throws as {@link onEnd} does. */
export function hasEnded(until: unknown, option = 'until'): boolean {
  if (isOurs(until)) return until.disposed;
  const target = targetOf(until, option);
  return kindOf(target, option).ended(target);
}

/**
 * Tells `waiter` once when `until` ends, synchronously; what it throws becomes a process warning. Returns where it
 * waits, or `undefined` when `until` has ended already: then nothing is told.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` when `until` is nothing that ends
 */
export function onEnd(until: unknown, waiter: Waiter, option = 'until'): Waited | undefined {
  const known = exchangeOf(until);
  if (known !== undefined) return join(known, waiter);
  if (isOurs(until)) return until.disposed ? undefined : until[onDispose](waiter);
  const target = targetOf(until, option);
  const exchange = exchangeOf(target);
  if (exchange !== undefined) return join(exchange, waiter);
  const kind = kindOf(target, option);
  if (kind.ended(target)) return undefined;
  let waited = waiting.get(target);
  if (waited === undefined) {
    waited = new Waiting(kind, target);
    waiting.set(target, waited);
  }
  waited.add(waiter);
  return waited;
}

function join(exchange: Exchange | null, waiter: Waiter): Waited | undefined {
  const waiters = exchange?.waiters;
  waiters?.add(waiter);
  return waiters;
}

function isOurs(until: unknown): until is Ends {
  return typeof (until as Partial<Ends> | null | undefined)?.[onDispose] === 'function';
}

/**
 * What has to end for `until` to have ended: Fastify's requests and replies wrap Node's, and a request lasts as long as
 * its response.
 */
export function targetOf(until: unknown, option: string): object {
  if (!isObject(until)) throw invalidOption(option, ACCEPTED, until);
  const it = until as Any;
  if (isEmitter(it as object)) return isServerRequest(it) ? endOfRequest(it) : it;
  const { raw } = it;
  return typeof raw === 'object' && raw !== null && isEmitter(raw) ? targetOf(raw, option) : it;
}

function kindOf(it: Any, option: string): Kind {
  if (isEmitter(it as object)) {
    if (isResponse(it)) return RESPONSE;
    if (isDestroyable(it as object)) return isSilent(it) ? SILENT_STREAM : STREAM;
    if (typeof it.readyState === 'number') return WEB_SOCKET;
    if (typeof it.destroyed === 'boolean' || typeof it.closed === 'boolean') return STREAM;
  } else if (it instanceof AbortSignal) return SIGNAL;
  else if (typeof it.addEventListener === 'function' && typeof it.readyState === 'number')
    return TARGET_SOCKET;
  throw invalidOption(option, ACCEPTED, it);
}

const SIGNAL: Kind = {
  ended: (signal: AbortSignal) => signal.aborted,
  listen: (signal: AbortSignal, listener) => signal.addEventListener('abort', listener),
  unlisten: (signal: AbortSignal, listener) => signal.removeEventListener('abort', listener),
  said: true,
};

function emitterKind(events: readonly string[], ended: (target: Any) => boolean, said = true): Kind {
  return {
    ended,
    listen(target: EmitterLike, listener) {
      for (const event of events) target.on(event, listener);
    },
    unlisten(target: EmitterLike, listener) {
      for (const event of events) target.removeListener(event, listener);
    },
    said,
  };
}

/**
 * Responses end when all is handed to the system, or when there is nobody to take it. Those of Node's HTTP/1 server
 * are waited for in `exchange.ts`; of the others (HTTP/2, injected requests) some only say `finish`.
 */
const RESPONSE: Kind = emitterKind(['close', 'finish'], (response) => {
  if (response.writableFinished === true || response.destroyed === true || response.closed === true)
    return true;
  // HTTP/2, whose responses have no such properties but a stream.
  const { stream } = response;
  return stream !== undefined && (stream === null || stream.destroyed === true);
});

const STREAM: Kind = emitterKind(['close'], isGone);

/** Those that were made not to say `close` are over when both directions are. */
const SILENT_STREAM: Kind = emitterKind(
  ['close', 'end', 'finish'],
  (stream) =>
    isGone(stream) ||
    ((stream._readableState === undefined || stream.readableEnded === true || stream.readable === false) &&
      (stream._writableState === undefined || stream.writableFinished === true || stream.writable === false)),
  false,
);

/** WebSockets, ws's or the browser's: `readyState` 3 is closed. */
const WEB_SOCKET: Kind = emitterKind(['close'], (socket) => socket.readyState === 3);
const TARGET_SOCKET: Kind = {
  ended: (socket) => socket.readyState === 3,
  listen: (socket, listener) => socket.addEventListener('close', listener),
  unlisten: (socket, listener) => socket.removeEventListener('close', listener),
  said: true,
};

function isGone(stream: Any): boolean {
  return stream.destroyed === true || stream.closed === true;
}

/** `ServerResponse` and its HTTP/2 likeness. */
function isResponse(it: Any): boolean {
  return (
    typeof it.writeHead === 'function' && typeof it.setHeader === 'function' && typeof it.end === 'function'
  );
}

/** A server's `IncomingMessage`; a client's has a status. */
function isServerRequest(it: Any): boolean {
  return typeof it.method === 'string' && typeof it.url === 'string' && typeof it.headers === 'object';
}

/**
 * What a request lasts as long as: its response. Its own `close` comes when the body has been read, which a body parser
 * has done before the first handler runs.
 */
function endOfRequest(request: Any): object {
  // HTTP/2: the stream lives until the response has been sent, and its socket may not be touched.
  const { stream } = request;
  if (typeof stream?.respond === 'function') return stream;
  const current = request.socket?._httpMessage;
  const known = request.res ?? findExchangeOf(request)?.response;
  const response = known ?? (current?.req === request ? current : undefined);
  if (response !== undefined && isResponse(response)) return response;
  // After an upgrade there is no response, only a connection.
  const { socket } = request;
  return socket !== undefined && socket !== null && isDestroyable(socket as object) ? socket : request;
}

function isSilent(stream: Any): boolean {
  const { _readableState: readable, _writableState: writable } = stream;
  return (
    readable?.emitClose === false ||
    readable?.autoDestroy === false ||
    writable?.emitClose === false ||
    writable?.autoDestroy === false
  );
}
