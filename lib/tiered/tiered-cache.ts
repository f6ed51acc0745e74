/**
 * The public class: validates, and leaves the work to `Reads`, `Loading` and `Writes`. `docs/design/tiered.md` explains
 * the mechanism and the window of staleness.
 */

import { inspect } from 'node:util';
import { type Loader, readLoader } from '../cache/loads';
import { invalidArgument, plateauError } from '../errors';
import { asyncDispose } from '../lifetime/symbols';
import {
  type Call,
  readList,
  readLoadCall,
  readSetCall,
  type TieredLoadOptions,
  type TieredSetOptions,
} from './calls';
import { now } from './clock';
import { Core } from './core';
import { readKey } from './keys';
import { Loading } from './loading';
import { probeShared } from './local';
import { readOptions, type Settings, type TieredCacheOptions } from './options';
import { Reads } from './reads';
import { statsOf } from './stats';
import type { TieredCacheStats } from './types';
import { Writes } from './writes';

/** Keys read or written at the same time by `getMany` and `setMany`. */
const AT_ONCE = 500;

/** Ends what a cache has begun; refers to everything but the cache, so that a dropped one is collected. */
const dropped = new FinalizationRegistry<() => void>((close) => close());

/**
 * A local cache in front of Redis: instances share values, hear of each other's writes, load each value once, and go on
 * without Redis when it fails.
 *
 * All methods are asynchronous. Reads never reject because of Redis: what it cannot answer is a miss, and `getOrLoad`
 * loads. Writes never reject because of Redis either; they tell whether it has confirmed them.
 *
 * `undefined` cannot be stored; `null` can, for what is known not to exist.
 *
 * @example
 * const users = new TieredCache<User>({
 *   local: new BoundedCache({ maxEntries: 10_000 }),
 *   remote: redis, // your own client, of redis or ioredis
 *   namespace: 'users',
 *   ttl: 60_000,
 * });
 * const user = await users.getOrLoad(id, (id) => db.users.find(id));
 * await users.delete(id); // after a change: gone in every instance
 */
export class TieredCache<V = unknown> {
  readonly #settings: Settings<V>;
  readonly #core: Core<V>;
  readonly #reads: Reads<V>;
  readonly #writes: Writes<V>;
  readonly #loading: Loading<V>;
  readonly #close: () => void;
  #isClosed = false;

  /** @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable */
  constructor(options: TieredCacheOptions<V>) {
    const settings = readOptions<V>(options);
    probeShared(settings.local);
    const core = new Core(settings);
    const writes = new Writes(core);
    this.#settings = settings;
    this.#core = core;
    this.#writes = writes;
    this.#reads = new Reads(core, writes);
    this.#loading = new Loading(core, writes);
    this.#close = () => {
      core.coherence.close();
      writes.close();
    };
    dropped.register(this, this.#close, this);
  }

  /** What its keys in Redis begin with: prefix and namespace. */
  get namespace(): string {
    return this.#settings.namespace;
  }

  /** The value of `key`, or `undefined`. */
  async get(key: string): Promise<V | undefined> {
    this.#check(key);
    return (await this.#reads.find(key))?.v;
  }

  /** Whether `key` has a fresh value in either tier. */
  async has(key: string): Promise<boolean> {
    this.#check(key);
    return (await this.#reads.find(key)) !== undefined;
  }

  /** Milliseconds until the value of `key` expires here; `undefined` if there is none. */
  async remainingTtl(key: string): Promise<number | undefined> {
    this.#check(key);
    const entry = await this.#reads.find(key);
    return entry === undefined ? undefined : Math.max(0, entry.f - now());
  }

  /** The values of several keys, in their order, `undefined` where there is none. Asks Redis for many at a time. */
  async getMany(keys: Iterable<string>): Promise<(V | undefined)[]> {
    const list = readList<string>('keys', keys);
    for (const key of list) this.#check(key);
    const values: (V | undefined)[] = [];
    for (let from = 0; from < list.length; from += AT_ONCE) {
      const entries = await Promise.all(list.slice(from, from + AT_ONCE).map((key) => this.#reads.find(key)));
      for (const entry of entries) values.push(entry?.v);
    }
    return values;
  }

  /**
   * Stores a value in both tiers and tells the other instances. It is here at once, before the promise resolves.
   *
   * @returns whether Redis has it and the others have been told. If not, it is only in the local tier; the key is deleted
   * in Redis, and announced, as soon as that can be reached
   */
  async set(key: string, value: V, options?: TieredSetOptions): Promise<boolean> {
    this.#check(key);
    const call = readSetCall(options, this.#untyped);
    checkValue(value);
    return this.#writes.set(key, value, call);
  }

  /**
   * Stores several values, all with the same options. Keys and options are checked first.
   *
   * @returns whether all of them are confirmed, as by `set`
   */
  async setMany(entries: Iterable<readonly [string, V]>, options?: TieredSetOptions): Promise<boolean> {
    const list = readList<readonly [string, V]>('entries', entries);
    const call = readSetCall(options, this.#untyped);
    for (const entry of list) {
      if (typeof entry !== 'object' || entry === null) {
        throw invalidArgument('each of the entries', 'an array of key and value', entry);
      }
      this.#check(entry[0]);
      checkValue(entry[1]);
    }
    return everyInTurns(list, ([key, value]) => this.#writes.set(key, value, call));
  }

  /**
   * Deletes a value everywhere. A load of it under way, in any instance, is not stored.
   *
   * @returns whether Redis has confirmed it and the others have been told. If not, that is done as soon as Redis can be
   * reached, and until then others may serve the value for as long as it lives
   */
  async delete(key: string): Promise<boolean> {
    this.#check(key);
    return this.#writes.delete(key);
  }

  /**
   * Deletes, everywhere, the values that were stored with a tag.
   *
   * @returns whether that is confirmed, as by `delete`
   */
  async deleteByTag(tag: string): Promise<boolean> {
    this.#checkOpen();
    readKey('tag', tag, this.#settings.maxKeyBytes);
    return this.#writes.deleteByTag(tag);
  }

  /**
   * Empties the namespace, in every instance. Takes constant time: what is in Redis is no longer found, and expires.
   *
   * @returns whether that is confirmed, as by `delete`
   */
  async clear(): Promise<boolean> {
    this.#checkOpen();
    return this.#writes.clear();
  }

  /**
   * The value of `key`; where there is none, what `loader` returns, which is stored. However many callers ask in however
   * many instances, `loader` runs once, as long as Redis can be reached; else once per instance. Each caller may have
   * its own `signal` and `timeout`. A failure is not stored. If the key is set or deleted anywhere during the load, the
   * callers get the loaded value and the cache does not.
   *
   * @returns a promise; it rejects with what the loader threw, the signal's reason, `PLATEAU_LOAD_TIMEOUT` or
   * `PLATEAU_TOO_MANY_LOADS`
   */
  async getOrLoad(key: string, loader: Loader<string, V>, options?: TieredLoadOptions): Promise<V> {
    this.#check(key);
    readLoader('loader', loader);
    return this.#loading.get(key, loader, readLoadCall(options, this.#untyped));
  }

  /**
   * Memoises a function: calls with the same key share one result, in all instances.
   *
   * @param keyOf the key of a call; without it, the first argument
   */
  wrap<A extends unknown[]>(
    fn: (...args: A) => V | PromiseLike<V>,
    keyOf?: (...args: A) => string,
    options?: TieredLoadOptions,
  ): (...args: A) => Promise<V> {
    readLoader('fn', fn);
    if (keyOf !== undefined && typeof keyOf !== 'function') {
      throw invalidArgument('keyOf', 'a function', keyOf);
    }
    const call: Call = readLoadCall(options, this.#untyped);
    return async (...args) => {
      const key: unknown = keyOf === undefined ? args[0] : keyOf(...args);
      this.#check(key);
      return this.#loading.get(key, () => fn(...args), call);
    };
  }

  /** Counters since the cache was made, and how it stands with Redis. */
  stats(): TieredCacheStats {
    return statsOf(this.#core as unknown as Core<unknown>, this.#writes.repairs.size);
  }

  /**
   * Ends the connection for invalidations and all work in the background. The client and the local tier are left as they
   * are. What is called later rejects with `PLATEAU_DISPOSED`; what is under way ends.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    dropped.unregister(this);
    this.#close();
  }

  /** As `close`. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal What `console.log` shows. */
  [inspect.custom](): string {
    const { link, breaker } = this.stats();
    return `TieredCache { ${this.namespace}, link: ${link}, breaker: ${breaker} }`;
  }

  get #untyped(): Settings<unknown> {
    return this.#settings as unknown as Settings<unknown>;
  }

  #check(key: unknown): asserts key is string {
    this.#checkOpen();
    readKey('key', key, this.#settings.maxKeyBytes);
  }

  #checkOpen(): void {
    if (this.#isClosed) throw plateauError('PLATEAU_DISPOSED', 'this TieredCache is closed');
  }
}

function checkValue(value: unknown): void {
  if (value === undefined) {
    throw invalidArgument(
      'value',
      'anything but undefined, which says that there is none (null can be stored)',
      value,
    );
  }
}

async function everyInTurns<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<boolean> {
  let all = true;
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const done = await Promise.all(items.slice(from, from + AT_ONCE).map(work));
    all &&= done.every(Boolean);
  }
  return all;
}
