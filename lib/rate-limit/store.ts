/**
 * The store of `plateau/rate-limit`: a counter for each client, which its first hit opens with the window as its time to
 * live. It is in the cache, so all threads count together, and each count is one atomic operation.
 */

import { invalidOption } from '../errors';
import { SharedCache, type SharedCacheOptions } from '../index';
import { printError, warnOnce } from '../lifetime/report-error';
import { readDuration, readObject } from '../options';

/** Options of {@link SharedRateLimitStore}: those of `SharedCache` that mean something for counters. */
export interface SharedRateLimitStoreOptions
  extends Pick<SharedCacheOptions<number>, 'name' | 'maxBytes' | 'maxEntries' | 'maxEntryBytes'> {
  /**
   * Which counter leaves when there is no room. S3-FIFO keeps the counts of those who come again through any number of
   * addresses that come once; under `'lru'` these push them out.
   * @default 's3-fifo', or what the cache of this name is open with
   */
  policy?: 'lru' | 's3-fifo' | undefined;
}

/** What a store tells of a client. */
export interface RateLimitHits {
  /** Hits in the window, this one included. */
  totalHits: number;
  /** When the window ends. */
  resetTime: Date;
}

/** express-rate-limit's own default. */
const DEFAULT_WINDOW_MS = 60_000;
/**
 * A store of express-rate-limit 7 and 8 that all threads of the process share, with a bound on the bytes it takes.
 *
 * Each client has a window of its own, which begins with its first hit. Requests that are counted at the same time, in
 * whatever threads, get different numbers. When there is no room, the counter of the client that was seen least
 * recently makes some, and that client begins anew: a client that keeps on is seen recently. An entry takes about 100
 * bytes and the key.
 *
 * Limiters with different limits need names of their own; the same name in another thread is the same counters.
 *
 * @example
 * const store = new SharedRateLimitStore({ name: 'login attempts', maxBytes: 8 * 2 ** 20 });
 * app.use('/login', rateLimit({ store, windowMs: 60_000, limit: 10 }));
 */
export class SharedRateLimitStore {
  /** That the counts are not this instance's alone; express-rate-limit asks. */
  readonly localKeys = false;
  /** Tells express-rate-limit's check for double counting which counters these are: the name. */
  readonly prefix: string;
  readonly #cache: SharedCache<number>;
  #windowMs = DEFAULT_WINDOW_MS;

  /** @throws as the constructor of `SharedCache` */
  constructor(options: SharedRateLimitStoreOptions) {
    this.#cache = new SharedCache<number>(cacheOptions(options));
    this.prefix = this.#cache.name;
  }

  /** The cache that the counters are in, by the clients' keys: for its `stats` and `resize`. */
  get cache(): SharedCache<number> {
    return this.#cache;
  }

  /** express-rate-limit calls this with its options, of which the window is used; before, it is a minute. */
  init(options: { windowMs: number }): void {
    this.#windowMs = readDuration('windowMs', readObject('options', options).windowMs);
  }

  /** What a client has, `undefined` where that is nothing. Counts nothing. */
  get(key: string): RateLimitHits | undefined {
    const totalHits = this.#cache.peek(key);
    return totalHits === undefined ? undefined : this.#hits(key, totalHits);
  }

  /** Counts a hit. */
  increment(key: string): RateLimitHits {
    return this.#hits(key, this.#cache.incr(key, 1, { ttl: this.#windowMs }));
  }

  /**
   * Takes a hit back, down to none. Never throws: express-rate-limit calls it where nobody would catch that. What goes
   * wrong is a process warning, `PLATEAU_RATE_LIMIT`, once.
   */
  decrement(key: string): void {
    try {
      // Not by `incr`, which would go below none for a moment, or open a window where the old one has just ended.
      const left = this.#cache.remainingTtl(key);
      if (left !== undefined && left > 0) this.#cache.update(key, oneLess, { ttl: left });
    } catch (error) {
      const text = `a hit could not be taken back: ${printError(error)}`;
      warnOnce(`rate-limit ${this.prefix}`, text, 'PLATEAU_RATE_LIMIT');
    }
  }

  /** Forgets a client's hits. */
  resetKey(key: string): void {
    this.#cache.delete(key);
  }

  /** Forgets all hits, for all threads. */
  resetAll(): void {
    this.#cache.clear();
  }

  /** Lets go of the cache in this thread; with the last thread the counts are gone. */
  shutdown(): void {
    this.#cache.close();
  }

  #hits(key: string, totalHits: number): RateLimitHits {
    const left = this.#cache.remainingTtl(key) ?? 0;
    return { totalHits, resetTime: new Date(Date.now() + left) };
  }
}

/** `undefined` changes nothing. */
function oneLess(hits: number | undefined): number | undefined {
  return hits === undefined || hits <= 0 ? undefined : hits - 1;
}

/** The options of the cache behind it. */
function cacheOptions(given: SharedCacheOptions<number>): SharedCacheOptions<number> {
  // Not ours to say what is wrong with it.
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  for (const name of ['codec', 'ttl', 'compress'] as const) {
    if (given[name] === undefined) continue;
    throw invalidOption(name, 'left out: counters live as long as their window', given[name]);
  }
  const policy = given.maxBytes === undefined ? undefined : 's3-fifo';
  return { ...given, codec: 'json', policy: given.policy ?? policy };
}
