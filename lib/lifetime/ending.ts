/**
 * When something ends: a response, a request, a socket, a stream, a WebSocket, an AbortSignal, or one of plateau's own
 * trackers and scopes. The one place that knows how each of them says so.
 *
 * However many wait for one thing to end, it gets one listener per event, which goes when the last of them has lost
 * interest. So neither a response with twenty trackers nor a signal that lives as long as the process warns of too many
 * listeners or keeps anything alive.
 */

import { invalidOption } from '../errors';
import { reportError } from './report-error';

/** The method by which plateau's own objects announce their end. */
export const onDispose: unique symbol = Symbol('plateau.onDispose');

/** Things of plateau that end: what `until` takes besides Node's. */
export interface Ends {
  /** Whether it has ended. */
  readonly disposed: boolean;
  /** @internal */
  [onDispose](callback: () => void): () => void;
}

/** An emitter, as little of it as is needed. */
interface Emitter {
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
}

interface Target {
  addEventListener(type: string, listener: () => void): void;
  removeEventListener(type: string, listener: () => void): void;
}

/** What can end a tracker or a scope. */
export type Until =
  | Ends
  | AbortSignal
  // Structural, so that frameworks' requests and responses, sockets, streams and WebSockets of any version fit.
  | (Emitter &
      ({ destroyed: boolean } | { writableEnded: boolean } | { readyState: number } | { closed: boolean }))
  | (Target & { readyState: number })
  | { readonly raw: Until };

/** How one kind of thing ends. */
interface Kind {
  ended(): boolean;
  /** Calls back at most once per listener that it sets; returns what takes them away again. */
  listen(callback: () => void): () => void;
}

/** Those who wait for one thing. */
interface Waiting {
  callbacks: Set<() => void>;
  stop: () => void;
}

const waiting = new WeakMap<object, Waiting>();
const ACCEPTED =
  'a response, a request, a socket, a stream, a WebSocket, an AbortSignal, or a tracker or scope of plateau';

/** Whether `until` has ended. Throws as {@link onEnd} does. */
export function hasEnded(until: unknown, option = 'until'): boolean {
  return kindOf(until, option).ended();
}

/**
 * Calls back once when `until` ends, synchronously. Returns what ends the waiting, or `undefined` when it has ended
 * already: then nothing is called. What a callback throws becomes a process warning.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` when `until` is nothing that ends
 */
export function onEnd(until: unknown, callback: () => void, option = 'until'): (() => void) | undefined {
  const kind = kindOf(until, option);
  if (kind.ended()) return undefined;
  const target = until as object;
  let group = waiting.get(target);
  if (group === undefined) {
    const callbacks = new Set<() => void>();
    const created: Waiting = { callbacks, stop: () => {} };
    created.stop = kind.listen(() => {
      created.stop();
      if (waiting.get(target) === created) waiting.delete(target);
      // A callback may cancel others, which must not be called then.
      for (const each of callbacks) {
        callbacks.delete(each);
        try {
          each();
        } catch (error) {
          reportError(error, 'while a lifetime ended');
        }
      }
    });
    waiting.set(target, created);
    group = created;
  }
  const { callbacks, stop } = group;
  // Its own function, so that the same callback can wait twice.
  const entry = (): void => callback();
  callbacks.add(entry);
  return () => {
    if (!callbacks.delete(entry) || callbacks.size > 0) return;
    stop();
    if (waiting.get(target)?.callbacks === callbacks) waiting.delete(target);
  };
}

// biome-ignore lint/suspicious/noExplicitAny: objects of any origin, of which some properties are looked at
type Any = any;

function kindOf(until: unknown, option: string): Kind {
  if ((typeof until !== 'object' && typeof until !== 'function') || until === null) {
    throw invalidOption(option, ACCEPTED, until);
  }
  const it = until as Any;
  if (typeof it[onDispose] === 'function') return oursKind(it);
  if (it instanceof AbortSignal) return signalKind(it);
  // Fastify's requests and replies wrap Node's.
  if (typeof it.raw === 'object' && it.raw !== null && typeof it.raw.on === 'function')
    return kindOf(it.raw, option);
  const isEmitter = typeof it.on === 'function' && typeof it.removeListener === 'function';
  if (isEmitter) {
    if (isResponse(it)) return responseKind(it);
    if (isServerRequest(it)) return requestKind(it);
    if (isStream(it)) return streamKind(it);
    if (typeof it.readyState === 'number') return socketKind(it, 'on', 'removeListener');
    if (typeof it.destroyed === 'boolean' || typeof it.closed === 'boolean') {
      return emitterKind(it, () => it.destroyed === true || it.closed === true, ['close']);
    }
  } else if (typeof it.addEventListener === 'function' && typeof it.readyState === 'number') {
    return socketKind(it, 'addEventListener', 'removeEventListener');
  }
  throw invalidOption(option, ACCEPTED, until);
}

function oursKind(ours: Ends): Kind {
  return { ended: () => ours.disposed, listen: (callback) => ours[onDispose](callback) };
}

function signalKind(signal: AbortSignal): Kind {
  return {
    ended: () => signal.aborted,
    listen(callback) {
      signal.addEventListener('abort', callback);
      return () => signal.removeEventListener('abort', callback);
    },
  };
}

function emitterKind(
  emitter: Emitter,
  ended: () => boolean,
  events: readonly string[],
  then?: () => boolean,
): Kind {
  return {
    ended,
    listen(callback) {
      const listener = then === undefined ? callback : () => void (then() && callback());
      for (const event of events) emitter.on(event, listener);
      return () => {
        for (const event of events) emitter.removeListener(event, listener);
      };
    },
  };
}

/** `ServerResponse` and its HTTP/2 likeness. */
function isResponse(it: Any): boolean {
  return (
    typeof it.writeHead === 'function' && typeof it.setHeader === 'function' && typeof it.end === 'function'
  );
}

/** Ended when all is handed to the system (`finish`), or when there is nobody to take it (`close`). */
function responseKind(response: Any): Kind {
  const ended = (): boolean =>
    response.writableFinished === true ||
    response.destroyed === true ||
    response.closed === true ||
    // HTTP/2, whose responses have no such properties but a stream.
    (response.stream !== undefined && (response.stream === null || response.stream.destroyed === true));
  return emitterKind(response, ended, ['finish', 'close']);
}

/** A server's `IncomingMessage`; a client's has a status. */
function isServerRequest(it: Any): boolean {
  return typeof it.method === 'string' && typeof it.url === 'string' && typeof it.headers === 'object';
}

/**
 * A request lasts as long as its response: its own `close` comes when the body has been read, which a body parser has
 * done before the first handler runs.
 */
function requestKind(request: Any): Kind {
  // HTTP/2: the stream lives until the response has been sent, and its socket may not be touched.
  const { stream } = request;
  if (typeof stream?.respond === 'function') return streamKind(stream);
  const current = request.socket?._httpMessage;
  const response = request.res ?? (current?.req === request ? current : undefined);
  if (response !== undefined && isResponse(response)) return responseKind(response);
  // After an upgrade there is no response, only a connection.
  const { socket } = request;
  return streamKind(socket !== undefined && socket !== null && isStream(socket) ? socket : request);
}

function isStream(it: Any): boolean {
  return typeof it.destroy === 'function' && typeof it.destroyed === 'boolean';
}

function streamKind(stream: Any): Kind {
  const states = [stream._readableState, stream._writableState].filter(Boolean);
  // Those that were made not to say `close` are over when both directions are.
  const silent = states.some((state: Any) => state.emitClose === false || state.autoDestroy === false);
  const bothDone = (): boolean =>
    (stream._readableState === undefined || stream.readableEnded === true || stream.readable === false) &&
    (stream._writableState === undefined || stream.writableFinished === true || stream.writable === false);
  const ended = (): boolean => stream.destroyed === true || stream.closed === true || (silent && bothDone());
  if (!silent) return emitterKind(stream, ended, ['close']);
  return emitterKind(stream, ended, ['close', 'end', 'finish'], ended);
}

/** WebSockets, ours or the browser's: `readyState` 3 is closed. */
function socketKind(socket: Any, add: string, remove: string): Kind {
  return {
    ended: () => socket.readyState === 3,
    listen(callback) {
      socket[add]('close', callback);
      return () => socket[remove]('close', callback);
    },
  };
}
