/**
 * Loading on a miss: one load per key however many callers wait (single-flight), stale values while or instead
 * of loading, remembered failures.
 *
 * A load belongs to nobody: a caller that gives up (its signal, its timeout) leaves the others waiting, and only
 * when the last has left is the loader's own signal aborted. What is stored when a load ends depends on whether
 * the key was set or deleted meanwhile: then the load is older than that, and only its callers get its value.
 */

import { invalidArgument, plateauError } from '../errors';
import { type Flight, join } from '../lifetime/flights';
import { readObject, readOptionalDuration, readSignal, readTtl } from '../options';
import type { Settings } from './options';
import { Store } from './store';

/** What a loader is given besides the key. */
export interface LoadContext<V> {
  /** Aborted when every caller has given up. */
  signal: AbortSignal;
  /** The value being revalidated, if a stale one is at hand. */
  stale: V | undefined;
}

/** Fetches the value of a key. */
export type Loader<K, V> = (key: K, context: LoadContext<V>) => V | PromiseLike<V>;

/** Options of {@link BoundedCache.getOrLoad}; all times in milliseconds. */
export interface LoadOptions {
  /** Time to live of the loaded entry, instead of the cache's. */
  ttl?: number | undefined;
  /** Size of the loaded entry in bytes, instead of `sizeOf`. */
  size?: number | undefined;
  /** Rejects this caller with the signal's reason. The load goes on while others wait for it. */
  signal?: AbortSignal | undefined;
  /** Rejects this caller with `PLATEAU_LOAD_TIMEOUT` after so long, at most 24.8 days. */
  timeout?: number | undefined;
  /** For so long after its time to live, an entry is returned at once and loaded anew in the background. */
  staleWhileRevalidate?: number | undefined;
  /** For so long after its time to live, an entry is returned where loading fails. */
  staleIfError?: number | undefined;
  /** Remembers a failure for so long, instead of the cache's `negativeTtl`. */
  negativeTtl?: number | undefined;
}

/** What loading needs of the cache. */
export interface LoadHost<K, V> {
  readonly store: Store<K, V>;
  readonly settings: Settings<K, V>;
  /** Stores a loaded value, to be kept for `grace` ms beyond its time to live. */
  put(key: K, value: V, options: LoadOptions, grace: number): void;
}

/** Failures remembered at most. */
const MAX_NEGATIVES = 1000;

export class Loads<K, V> {
  readonly #host: LoadHost<K, V>;
  readonly #flights = new Map<K, Flight<V>>();
  #negatives: Store<K, { error: unknown }> | undefined;
  loads = 0;
  failures = 0;
  staleHits = 0;
  /** Sum of the times loads took, ms. */
  time = 0;
  /** Loaders running, also those whose key was set or deleted meanwhile. */
  inFlight = 0;

  constructor(host: LoadHost<K, V>) {
    this.#host = host;
  }

  reset(): void {
    this.loads = this.failures = this.staleHits = this.time = 0;
  }

  /** The key was set or deleted: a load under way must not overwrite that. */
  forget(key: K): void {
    if (this.#flights.size > 0) this.#flights.delete(key);
    if (this.#negatives !== undefined) {
      const slot = this.#negatives.lookUp(key);
      if (slot !== 0) this.#negatives.remove(slot, 'deleted');
    }
  }

  forgetAll(): void {
    this.#flights.clear();
    this.#negatives?.clear();
  }

  /** The value of a key that is not fresh in the cache. */
  get(key: K, loader: Loader<K, V>, options: LoadOptions): Promise<V> {
    const { store } = this.#host;
    const slot = store.index.find(key);
    const staleAge = slot === 0 ? Number.POSITIVE_INFINITY : this.#age(slot);
    const { staleWhileRevalidate = 0, staleIfError = 0 } = options;
    if (staleWhileRevalidate > 0 && staleAge <= staleWhileRevalidate) {
      this.staleHits++;
      const value = store.values[slot] as V;
      if (!this.#flights.has(key) && this.inFlight < this.#host.settings.maxLoads) {
        const flight = this.#start(key, loader, options, value);
        flight.isBackground = true;
        // Nobody waits for it; a failure shows in `stats().loadFailures`.
        flight.promise.catch(() => {});
      }
      return Promise.resolve(value);
    }
    store.counters.misses++;
    const value = this.#load(key, loader, options, slot === 0 ? undefined : (store.values[slot] as V));
    if (staleIfError === 0 || staleAge > staleIfError) return value;
    return value.catch((error: unknown) => {
      // A caller that gave up wants no value; one whose load failed, took too long or was refused does.
      if (options.signal?.aborted) throw error;
      const still = store.index.find(key);
      if (still === 0 || this.#age(still) > staleIfError) throw error;
      this.staleHits++;
      return store.values[still] as V;
    });
  }

  /** What loading comes to for one caller: a remembered failure, or the load under way, or a new one. */
  #load(key: K, loader: Loader<K, V>, options: LoadOptions, stale: V | undefined): Promise<V> {
    const failed = this.#negatives?.lookUp(key) ?? 0;
    if (failed !== 0) return Promise.reject(this.#negatives?.values[failed]?.error);
    const flight = this.#flights.get(key);
    if (flight !== undefined) return this.#join(key, flight, options);
    const { maxLoads } = this.#host.settings;
    if (this.inFlight >= maxLoads) {
      return Promise.reject(
        plateauError('PLATEAU_TOO_MANY_LOADS', `${maxLoads} loads are in flight, no more are allowed`),
      );
    }
    return this.#join(key, this.#start(key, loader, options, stale), options);
  }

  /** For how long an entry has been stale, ms; infinite for one that is not kept for that. */
  #age(slot: number): number {
    const { store } = this.#host;
    const now = store.now();
    if ((store.hot[2 * slot + 1] as number) <= now || store.freshUntil === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    return now - (store.freshUntil[slot] as number);
  }

  #start(key: K, loader: Loader<K, V>, options: LoadOptions, stale: V | undefined): Flight<V> {
    const controller = new AbortController();
    const started = performance.now();
    const flight = {
      promise: undefined as unknown as Promise<V>,
      controller,
      waiters: 0,
      isBackground: false,
    };
    this.#flights.set(key, flight);
    this.loads++;
    this.inFlight++;
    // The promise is there before the loader runs, which may ask for the same key.
    let run: (() => void) | undefined;
    const load = new Promise<V>((resolve, reject) => {
      run = () => {
        try {
          resolve(loader(key, { signal: controller.signal, stale }));
        } catch (error) {
          reject(error);
        }
      };
    });
    flight.promise = load.then(
      (value) => {
        this.#ended(started);
        if (this.#land(key, flight)) this.#put(key, value, options);
        return value;
      },
      (error: unknown) => {
        this.#ended(started);
        this.failures++;
        if (this.#land(key, flight) && !controller.signal.aborted) this.#remember(key, error, options);
        throw error;
      },
    );
    run?.();
    return flight;
  }

  #ended(started: number): void {
    this.inFlight--;
    this.time += performance.now() - started;
  }

  /** Ends a flight; whether the key still waits for its result. */
  #land(key: K, flight: Flight<V>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }

  #put(key: K, value: V, options: LoadOptions): void {
    const grace = Math.max(options.staleWhileRevalidate ?? 0, options.staleIfError ?? 0);
    try {
      this.#host.put(key, value, options, grace);
    } catch (error) {
      // The load succeeded and its callers get the value; that an onRemove or sizeOf threw is nobody's result.
      process.emitWarning(
        `storing a loaded value threw: ${error instanceof Error ? error.stack : String(error)}`,
        {
          code: 'PLATEAU_LOAD_STORE',
        },
      );
    }
  }

  #remember(key: K, error: unknown, options: LoadOptions): void {
    const { settings, store } = this.#host;
    const ttl = options.negativeTtl ?? settings.negativeTtl;
    if (ttl === 0) return;
    this.#negatives ??= new Store({
      maxEntries: Math.min(MAX_NEGATIVES, settings.maxEntries),
      maxBytes: Number.POSITIVE_INFINITY,
      policy: 'lru',
      sized: false,
      keepTtl: false,
      ttl,
      ticker: store.ticker,
      ttlResolution: settings.ttlResolution,
      injected: store.injected,
      onRemove: undefined,
    });
    this.#negatives.useTtl(ttl);
    const slot = this.#negatives.lookUp(key);
    if (slot !== 0) this.#negatives.remove(slot, 'replaced');
    this.#negatives.add(key, { error }, 0, this.#negatives.now() + ttl);
  }

  #join(key: K, flight: Flight<V>, { signal, timeout }: LoadOptions): Promise<V> {
    // The next caller starts anew instead of joining a load that was called off.
    return join(flight, signal, timeout, () => void this.#land(key, flight));
  }
}

/** Checks the options of a load. */
export function readLoadOptions(given: unknown): LoadOptions {
  const options = readObject('options', given) as Record<keyof LoadOptions, unknown>;
  if (options.ttl !== undefined) readTtl('ttl', options.ttl);
  if (options.timeout !== undefined) readTtl('timeout', options.timeout);
  for (const name of ['staleWhileRevalidate', 'staleIfError', 'negativeTtl'] as const) {
    if (options[name] !== undefined) readOptionalDuration(name, options[name]);
  }
  readSignal(options.signal);
  return options as LoadOptions;
}

/** Checks a loader. */
export function readLoader<K, V>(name: string, given: unknown): Loader<K, V> {
  if (typeof given !== 'function') throw invalidArgument(name, 'a function', given);
  return given as Loader<K, V>;
}
