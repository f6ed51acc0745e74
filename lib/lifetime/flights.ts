/**
 * What is under way, once per key (single-flight). A flight belongs to nobody: a caller that gives up (its signal, its
 * timeout) leaves the others waiting, and only when the last has left is the flight's signal aborted.
 */

import { realNow } from '../background';
import { MAX_DELAY } from '../cache/clock';
import { plateauError } from '../errors';

/** Something under way. */
export interface Flight<T> {
  readonly promise: Promise<T>;
  readonly controller: AbortController;
  /** Started for nobody: goes on though nobody waits. */
  isBackground: boolean;
  waiters: number;
}

/** One of {@link Flights}. */
export interface KeyedFlight<T> extends Flight<T> {
  /** When it began: what comes of it is at least as new. */
  readonly began: number;
}

export class Flights<T> {
  readonly #flights = new Map<string, KeyedFlight<T>>();
  readonly #clock: () => number;
  /** Those under way, also ones that were forgotten. */
  count = 0;

  /** @param clock what `began` is told by */
  constructor(clock: () => number = realNow) {
    this.#clock = clock;
  }

  get(key: string): KeyedFlight<T> | undefined {
    return this.#flights.get(key);
  }

  start(
    key: string,
    isBackground: boolean,
    run: (controller: AbortController) => Promise<T>,
  ): KeyedFlight<T> {
    const controller = new AbortController();
    let begin: (() => void) | undefined;
    const promise = new Promise<T>((resolve, reject) => {
      begin = () => run(controller).then(resolve, reject);
    });
    const flight = { promise, began: this.#clock(), controller, isBackground, waiters: 0 };
    this.#flights.set(key, flight);
    this.count++;
    const land = (): void => {
      this.count--;
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    // Also where nobody waits for it: then its failure is in the counters.
    promise.then(land, land);
    // There is a flight before the loader runs, which may ask for the same key.
    begin?.();
    return flight;
  }

  /** Who asks from now on does not get what is under way. */
  forget(key: string): void {
    if (this.#flights.size > 0) this.#flights.delete(key);
  }

  forgetAll(): void {
    this.#flights.clear();
  }

  /** Waits for a flight, for as long as the caller wants to. */
  join(key: string, flight: KeyedFlight<T>, signal?: AbortSignal, timeout?: number): Promise<T> {
    return join(flight, signal, timeout, () => {
      // The next caller starts anew instead of joining one that was called off.
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
  }
}

/**
 * One caller's wait for a flight.
 *
 * @param abandoned called when the last has left, before the flight's signal is aborted
 */
export function join<T>(
  flight: Flight<T>,
  signal: AbortSignal | undefined,
  timeout: number | undefined,
  abandoned: () => void,
): Promise<T> {
  flight.waiters++;
  if (signal === undefined && timeout === undefined) return flight.promise;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const leave = (reason: unknown): void => {
      done();
      flight.waiters--;
      if (flight.waiters === 0 && !flight.isBackground) {
        abandoned();
        flight.controller.abort(reason);
      }
      reject(reason);
    };
    const onAbort = (): void => leave(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      const expire = (): void =>
        leave(plateauError('PLATEAU_LOAD_TIMEOUT', `loading took longer than the timeout of ${timeout} ms`));
      timer = setTimeout(expire, Math.min(timeout, MAX_DELAY));
    }
    flight.promise.then(
      (value) => {
        done();
        resolve(value);
      },
      (error) => {
        done();
        reject(error);
      },
    );
  });
}
