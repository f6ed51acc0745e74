/**
 * Waiting for one event: always settles, and leaves nothing behind when it has.
 */

import { MAX_DELAY } from '../cache/clock';
import { describe } from '../describe';
import { invalidOption, outOfRange, plateauError } from '../errors';
import { onEnd } from '../lifetime/ending';
import { isDestroyable, isEmitter } from '../lifetime/shapes';
import { ended, type Waiter } from '../lifetime/waiters';
import { readKnown } from '../options';
import { add, type EventSource, type Listener, readSource, remove } from './emitters';
import { readEvent } from './options';

/** Options of {@link waitForEvent}. */
// biome-ignore lint/suspicious/noExplicitAny: the arguments of an event are whatever its emitter says
export interface WaitOptions<Args extends unknown[] = any[]> {
  /**
   * Rejects with `PLATEAU_WAIT_TIMEOUT` after this many milliseconds, at most 2,147,483,647. `Infinity` only with a
   * `signal` or in a scope: else it might never settle.
   * @default 30_000
   */
  timeout?: number | undefined;
  /** Rejects with the signal's reason when it is aborted. */
  signal?: AbortSignal | undefined;
  /** Takes the event's arguments and says whether it is the one that is waited for. What it throws rejects. */
  filter?: ((...args: Args) => unknown) | undefined;
}

interface Wait {
  timeout: number;
  signal: AbortSignal | undefined;
  filter: ((...args: unknown[]) => unknown) | undefined;
}

const KNOWN = ['timeout', 'signal', 'filter'] as const;

/**
 * Resolves with the arguments of the next `event`, as an array like that of `events.once` (an EventTarget's has the event
 * object alone). However it settles, its listeners, its timer and its hold on the signal are gone.
 *
 * It rejects on `'error'` (unless that is the event), when a stream or a WebSocket closes first (`PLATEAU_WAIT_CLOSED`),
 * after `timeout` (`PLATEAU_WAIT_TIMEOUT`), and when `signal` is aborted. While it waits its timer keeps the process
 * alive, since otherwise it would not settle.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `emitter` is not an EventEmitter or EventTarget; as all that is wrong
 * with the arguments, as a rejection
 *
 * @example
 * const [message] = await waitForEvent(bus, 'reply', { timeout: 5000, filter: (reply) => reply.id === id });
 */
// biome-ignore lint/suspicious/noExplicitAny: the same
export function waitForEvent<Args extends unknown[] = any[]>(
  emitter: EventSource,
  event: string | symbol,
  options?: WaitOptions<Args>,
): Promise<Args> {
  return startWait<Args>(emitter, event, options, false).promise;
}

/** A wait that can be given up, and who is told that it has settled. */
export interface StartedWait<T> {
  promise: Promise<T>;
  /** Rejects it; nobody need handle that. */
  cancel(reason: unknown): void;
  /** Whether it has been settled. */
  isSettled: boolean;
  onSettled: (() => void) | undefined;
}

/** Begins to wait. Never throws: what is wrong with the arguments rejects. */
export function startWait<Args extends unknown[]>(
  source: EventSource,
  event: string | symbol,
  given: unknown,
  scoped: boolean,
): StartedWait<Args> {
  // Settled already where the arguments are refused.
  const wait: StartedWait<Args> = {
    promise: undefined as never,
    cancel: () => {},
    isSettled: true,
    onSettled: undefined,
  };
  wait.promise = new Promise<Args>((resolve, reject) => {
    readSource(source);
    readEvent(event);
    const { timeout, signal, filter } = readWait(given, scoped);
    const what = `the event ${describe(event)}`;
    const undo: (() => void)[] = [];
    wait.isSettled = false;
    const settle = (how: () => void): void => {
      if (wait.isSettled) return;
      wait.isSettled = true;
      for (const each of undo) each();
      how();
      wait.onSettled?.();
    };
    const fail = (reason: unknown): void => settle(() => reject(reason));
    wait.cancel = (reason) => {
      if (wait.isSettled) return;
      wait.promise.catch(() => {});
      fail(reason);
    };
    const listen = (name: string | symbol, fn: Listener): void => {
      undo.push(() => remove(source, name, fn));
      add(source, name, fn);
    };

    if (signal?.aborted) return fail(signal.reason);
    if (isClosed(source)) return fail(closedError(what, 'was waited for when its emitter had closed'));
    try {
      listen(event, (...args) => {
        let matches = true;
        try {
          if (filter !== undefined) matches = Boolean(filter(...args));
        } catch (error) {
          return fail(error);
        }
        if (matches) settle(() => resolve(args as Args));
      });
      if (event !== 'error')
        listen('error', (error) => fail(isEmitter(source) ? error : errorOf(error, what)));
      if (event !== 'close' && isClosable(source)) {
        listen('close', () => fail(closedError(what, 'did not come before its emitter closed')));
      }
      if (signal !== undefined) {
        const waiter: Waiter = { [ended]: () => fail(signal.reason) };
        const waited = onEnd(signal, waiter, 'signal');
        if (waited !== undefined) undo.push(() => waited.remove(waiter));
      }
      if (timeout !== Number.POSITIVE_INFINITY) {
        const timer = setTimeout(() => {
          fail(plateauError('PLATEAU_WAIT_TIMEOUT', `${what} did not come within ${timeout} ms`));
        }, timeout);
        undo.push(() => clearTimeout(timer));
      }
    } catch (error) {
      // An emitter that refuses to be listened to.
      fail(error);
    }
  });
  return wait;
}

function readWait(given: unknown, scoped: boolean): Wait {
  if (given === undefined) return { timeout: 30_000, signal: undefined, filter: undefined };
  const { timeout = 30_000, signal, filter } = readKnown(given, KNOWN);
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidOption('signal', 'an AbortSignal', signal);
  }
  if (filter !== undefined && typeof filter !== 'function')
    throw invalidOption('filter', 'a function', filter);
  const endless = scoped || signal !== undefined;
  const infinity = endless ? ', or Infinity' : '; Infinity only with a signal, since it might never settle';
  const accepted = `a positive number of milliseconds, at most ${MAX_DELAY}${infinity}`;
  if (typeof timeout !== 'number') throw invalidOption('timeout', accepted, timeout);
  const isEndless = endless && timeout === Number.POSITIVE_INFINITY;
  if (!isEndless && !(timeout > 0 && timeout <= MAX_DELAY)) throw outOfRange('timeout', accepted, timeout);
  return { timeout, signal, filter: filter as Wait['filter'] };
}

interface MayClose {
  destroyed?: unknown;
  closed?: unknown;
  readyState?: unknown;
}

/** Streams and WebSockets, after whose `close` nothing comes; what other emitters mean by it is theirs. */
function isClosable(source: EventSource): boolean {
  return isDestroyable(source) || typeof (source as MayClose).readyState === 'number';
}

function isClosed(source: EventSource): boolean {
  if (!isClosable(source)) return false;
  const { destroyed, closed, readyState } = source as MayClose;
  // A stream that is destroyed still says so.
  if (typeof destroyed === 'boolean') return destroyed && closed === true;
  return readyState === 3;
}

function closedError(what: string, how: string): Error {
  return plateauError('PLATEAU_WAIT_CLOSED', `${what} ${how}`);
}

/** An EventTarget's `error` is an event, which may have the error. */
function errorOf(event: unknown, what: string): unknown {
  const { error, message } = event as { error?: unknown; message?: unknown };
  if (error !== undefined && error !== null) return error;
  const detail = typeof message === 'string' && message !== '' ? `: ${message}` : '';
  return Object.assign(new Error(`an error event came instead of ${what}${detail}`), { event });
}
