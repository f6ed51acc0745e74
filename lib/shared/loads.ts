/**
 * Loading on a miss, once per key in the whole process: within a thread callers share a promise, and between threads a
 * lease says who loads (`src/shared/lease.rs`). The others wait for the lease to end, and look again.
 *
 * A lease has a time limit, ends with its thread, and is broken by whoever writes or deletes the key: what was loaded
 * before that is given to those who asked for it, but not stored.
 */

import { MAX_DELAY } from '../cache/clock';
import { outOfRange, plateauError } from '../errors';
import { Flights } from '../lifetime/flights';
import { type NativeShared, SHARED, type SharedData } from '../native/binding';
import { readDuration, readKnown, readSignal, readTtl } from '../options';
import type { Codec } from './codecs';

/** Fetches the value of a key. The signal is aborted when every caller has given up. */
export type SharedLoader<V> = (
  key: string | Uint8Array,
  context: { signal: AbortSignal },
) => V | PromiseLike<V>;

/** Options of {@link SharedCache.getOrLoad}; all times in milliseconds. */
export interface SharedLoadOptions {
  /** Time to live of the loaded entry, instead of the cache's. */
  ttl?: number | undefined;
  /** Rejects this caller with the signal's reason. The load goes on while others wait for it. */
  signal?: AbortSignal | undefined;
  /** Rejects this caller with `PLATEAU_LOAD_TIMEOUT` after so long, at most 24.8 days. */
  timeout?: number | undefined;
  /**
   * For so long other threads wait for a load before one of them loads itself, at most 24.8 days.
   * @default 30_000
   */
  lease?: number | undefined;
}

const LEASE = 30_000;
/** Loads in flight at most, per thread. */
const MOST = 10_000;

/** What loading needs of the cache. */
export interface LoadHost<V> {
  readonly native: NativeShared;
  readonly codec: Codec<V>;
  readonly ttl: number;
  /** What the cache says to a key that is none. */
  badKey(key: unknown): Error;
}

export class SharedLoads<V> {
  readonly #host: LoadHost<V>;
  readonly #flights = new Flights<V>();
  /** Those who wait for leases of other threads, by key. */
  readonly #waiting = new Map<string, Set<() => void>>();
  loads = 0;
  failures = 0;
  /** Loads whose value was not stored: too large, or the key was written or deleted meanwhile. */
  unstored = 0;

  constructor(host: LoadHost<V>) {
    this.#host = host;
  }

  get inFlight(): number {
    return this.#flights.count;
  }

  /** Leases have ended. */
  wake(): void {
    for (const key of this.#host.native.ended() ?? []) {
      const waiting = this.#waiting.get(nameOf(key));
      // Each removes itself.
      for (const go of waiting === undefined ? [] : [...waiting]) go();
    }
  }

  /** The value of a key that was not found. */
  get(key: SharedData, loader: SharedLoader<V>, options: SharedLoadOptions): Promise<V> {
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const name = nameOf(key);
    let flight = this.#flights.get(name);
    if (flight === undefined) {
      if (this.#flights.count >= MOST) {
        return Promise.reject(
          plateauError('PLATEAU_TOO_MANY_LOADS', `${MOST} loads are in flight, no more are allowed`),
        );
      }
      flight = this.#flights.start(name, false, ({ signal }) =>
        this.#run(name, key, loader, options, signal),
      );
    }
    return this.#flights.join(name, flight, options.signal, options.timeout);
  }

  async #run(
    name: string,
    key: SharedData,
    loader: SharedLoader<V>,
    options: SharedLoadOptions,
    signal: AbortSignal,
  ): Promise<V> {
    const { native, codec, ttl } = this.#host;
    for (;;) {
      const lease = native.lease(key, options.lease ?? LEASE);
      if (lease === undefined) throw closed();
      if (lease === null) throw this.#host.badKey(key);
      if (lease > 0) return this.#load(key, lease, loader, options.ttl ?? ttl, signal);
      await this.#ended(name, -lease, signal);
      const data = native.peek(key);
      if (data !== undefined && data !== null) return codec.decode(data);
    }
  }

  async #load(
    key: SharedData,
    token: number,
    loader: SharedLoader<V>,
    ttl: number,
    signal: AbortSignal,
  ): Promise<V> {
    const { native, codec } = this.#host;
    let data: SharedData | undefined;
    try {
      this.loads++;
      const value = await loader(key, { signal });
      data = codec.encode(value);
      return value;
    } catch (error) {
      this.failures++;
      throw error;
    } finally {
      // Without a value the lease ends all the same, and another thread may try.
      if (native.finish(key, token, data, ttl) !== SHARED.stored && data !== undefined) this.unstored++;
    }
  }

  /** Resolves when the lease of a key has ended, or its time is up; keeps the thread alive until then. */
  #ended(name: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(name) ?? new Set();
      this.#waiting.set(name, waiting);
      const leave = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        waiting.delete(go);
        if (waiting.size === 0) this.#waiting.delete(name);
      };
      const go = (): void => {
        leave();
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(signal.reason);
      };
      const timer = setTimeout(go, Math.min(milliseconds + 1, MAX_DELAY));
      signal.addEventListener('abort', abort);
      waiting.add(go);
    });
  }
}

const NAMES = ['ttl', 'signal', 'timeout', 'lease'] as const;

/** Checks the options of a load. */
export function readSharedLoad(given: unknown): SharedLoadOptions {
  if (given === undefined) return {};
  const options = readKnown(given, NAMES);
  if (options.ttl !== undefined) readTtl('ttl', options.ttl);
  if (options.timeout !== undefined) readTtl('timeout', options.timeout);
  if (options.lease !== undefined && readDuration('lease', options.lease) > MAX_DELAY) {
    const accepted = `a positive number of milliseconds, at most ${MAX_DELAY} (24.8 days)`;
    throw outOfRange('lease', accepted, options.lease);
  }
  readSignal(options.signal);
  return options as SharedLoadOptions;
}

/** The error of every call to a cache that has been closed. */
export function closed(): Error {
  return plateauError('PLATEAU_DISPOSED', 'this SharedCache is closed');
}

/** A key as one string. */
function nameOf(key: SharedData): string {
  return typeof key === 'string'
    ? `s${key}`
    : `b${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`;
}
