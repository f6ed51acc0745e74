/**
 * One cache for all threads of the process, outside V8's heap. The store is Rust's (`src/shared/`, and
 * `docs/design/shared.md`); here values become bytes and back, and arguments are checked.
 */

import type { CacheDump, DumpEntry } from '../cache/dump';
import { readDump } from '../cache/dump';
import { readLoader } from '../cache/loads';
import { describe } from '../describe';
import { invalidArgument, invalidOption, outOfRange, plateauError, plateauRangeError } from '../errors';
import { dispose } from '../lifetime/symbols';
import { native as addon } from '../native';
import { type NativeShared, SHARED, type SharedData } from '../native/binding';
import { readCallable, readObject } from '../options';
import { type Codec, namedCodec, own } from './codecs';
import { tellBytesHeld } from './held';
import { closed, readSharedLoad, type SharedLoader, type SharedLoadOptions, SharedLoads } from './loads';
import { openBytes } from './open';
import {
  readEntries,
  readEntryBytes,
  readSharedBytes,
  readSharedOptions,
  readWriteTtl,
  type SharedCacheOptions,
  type SharedSetOptions,
} from './options';
import { readStats, type SharedCacheStats } from './stats';

/** A key: a string, whatever its characters, or bytes. A string and bytes are never the same key. */
export type SharedKey = string | Uint8Array;

/** What is behind a cache; for tests. */
export let nativeOf: <V>(cache: SharedCache<V>) => NativeShared;

/** Entries asked for at a time while iterating. */
const BATCH = 128;
/** Attempts of `update` while others keep changing the value. */
const ATTEMPTS = 10_000;
const KEY = 'a string or a Uint8Array of at most 65,536 bytes';

/**
 * A cache of bytes that all threads of the process share, with a bound on everything it takes. The first who opens a
 * `name` makes it, the others attach; it is gone when the last has closed it or let go of it.
 *
 * A value is encoded when it is stored and decoded when it is read: what you get is yours, changing it changes
 * nothing in the cache. All methods but `getOrLoad`, `snapshotTo` and `restoreFrom` are synchronous. Each is atomic.
 *
 * @example
 * const cache = new SharedCache({ name: 'users', maxBytes: 256 * 2 ** 20, ttl: 60_000, codec: 'json' });
 * const user = await cache.getOrLoad(id, () => db.users.find(id)); // once in the process, however many workers ask
 *
 * @typeParam V what the codec makes of a value: `string` unless another `codec` is given
 */
export class SharedCache<V = string> implements Iterable<[SharedKey, V]> {
  readonly #name: string;
  readonly #codec: Codec<V>;
  readonly #ttl: number;
  readonly #loads: SharedLoads<V>;
  /** All of it `undefined`s once closed. */
  readonly #native: NativeShared;
  #closed = false;

  static {
    nativeOf = (cache) => cache.#native;
  }

  /**
   * @throws TypeError | RangeError for an option of the wrong kind or size
   * @throws Error `PLATEAU_SHARED_CONFLICT` when the name is open with another value of an option,
   * `PLATEAU_SHARED_NOT_OPEN` when it is not open and there is no `maxBytes`
   */
  constructor(options: SharedCacheOptions<V>) {
    const settings = readSharedOptions<V>(options);
    // Weak: the addon holds this function for as long as somebody has the cache.
    let loads: WeakRef<SharedLoads<V>> | undefined;
    tellBytesHeld(openBytes);
    const native = addon.openShared(settings.name, settings.native, () => loads?.deref()?.wake());
    const [codecName, ttl] = native.settings();
    const codec = settings.codec ?? namedCodec<V>(codecName);
    if (codec === undefined) {
      native.release();
      throw invalidOption(
        'codec',
        `the codec ${describe(codecName)}, with which the cache is open`,
        undefined,
      );
    }
    this.#name = settings.name;
    this.#codec = codec;
    this.#ttl = ttl;
    this.#native = native;
    this.#loads = new SharedLoads<V>({ native, codec, ttl, badKey });
    loads = new WeakRef(this.#loads);
  }

  /** The name it was opened with. */
  get name(): string {
    return this.#name;
  }

  /** Whether this handle has been closed. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Entries held, including those that have expired and are not removed yet. */
  get size(): number {
    return this.#native.size() ?? this.#fail();
  }

  /**
   * The value of a key, `undefined` where there is none; counts as a use. About two cache misses and one copy.
   *
   * @throws TypeError when the key is no string and no bytes, or longer than 65,536 bytes (a character beyond
   * Latin-1 makes a string two bytes a character)
   */
  get(key: SharedKey): V | undefined {
    const data = this.#native.get(stable(key));
    if (data === undefined || data === null) return this.#nothing(data, key);
    return this.#codec.decode(data);
  }

  /** The value of a key, without counting as a use, a hit or a miss. */
  peek(key: SharedKey): V | undefined {
    const data = this.#native.peek(stable(key));
    if (data === undefined || data === null) return this.#nothing(data, key);
    return this.#codec.decode(data);
  }

  /** Whether a key has a value that has not expired; no use. */
  has(key: SharedKey): boolean {
    return (this.#native.left(stable(key)) ?? this.#bad(key)) >= 0;
  }

  /** Milliseconds until a key's entry expires: `Infinity` for never, `undefined` where there is none. */
  remainingTtl(key: SharedKey): number | undefined {
    const left = this.#native.left(stable(key)) ?? this.#bad(key);
    return left < 0 ? undefined : left;
  }

  /**
   * Stores a value, in place of the one that is there. What has no room evicts others.
   *
   * @throws TypeError when the codec does not take the value, or the key is none
   * @throws RangeError `PLATEAU_ENTRY_TOO_LARGE` when key and value are larger than `maxEntryBytes`; the old value stays
   */
  set(key: SharedKey, value: V, options?: SharedSetOptions): this {
    const ttl = readWriteTtl(options, this.#ttl);
    this.#answer(this.#native.set(stable(key), this.#codec.encode(value), ttl), key);
    return this;
  }

  /** Stores a value if the key has none; whether it was stored. Errors as `set`. */
  setIfAbsent(key: SharedKey, value: V, options?: SharedSetOptions): boolean {
    const ttl = readWriteTtl(options, this.#ttl);
    return this.#answer(this.#native.setIfAbsent(stable(key), this.#codec.encode(value), ttl), key);
  }

  /**
   * Stores a value if the one that is there is `expected`, compared as the codec encodes them; `undefined` stands for no
   * value. Whether it was stored. Errors as `set`.
   */
  compareAndSet(key: SharedKey, expected: V | undefined, value: V, options?: SharedSetOptions): boolean {
    const ttl = readWriteTtl(options, this.#ttl);
    const old = expected === undefined ? undefined : this.#codec.encode(expected);
    return this.#answer(this.#native.compareAndSet(stable(key), old, this.#codec.encode(value), ttl), key);
  }

  /**
   * Replaces a value by what `fn` makes of it (`undefined` where there is none), and returns that. When another thread
   * changes the value meanwhile, `fn` is called again with the new one, so it should do nothing else. What returns
   * `undefined` leaves everything as it is.
   *
   * @throws Error `PLATEAU_WRONG_VALUE` when others change the value faster than `fn` can, 10,000 times in a row
   */
  update(
    key: SharedKey,
    fn: (value: V | undefined) => V | undefined,
    options?: SharedSetOptions,
  ): V | undefined {
    readCallable('fn', fn);
    const ttl = readWriteTtl(options, this.#ttl);
    const copy = stable(key);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const data = this.#native.peek(copy);
      if (data === null || (data === undefined && this.#closed)) this.#bad(key);
      const value = fn(data == null ? undefined : this.#codec.decode(data));
      if (value === undefined) return undefined;
      const encoded = this.#codec.encode(value);
      if (this.#answer(this.#native.compareAndSet(copy, data ?? undefined, encoded, ttl), key)) return value;
    }
    throw plateauError(
      'PLATEAU_WRONG_VALUE',
      `${describe(key)} was changed ${ATTEMPTS} times by others during update`,
    );
  }

  /**
   * Adds a whole number, which may be negative, to the one that a key has (0 where it has none), and returns the sum.
   * The time to live of an existing entry stays. For codecs `'utf8'` and `'json'`.
   *
   * @throws TypeError when `by` is no whole number
   * @throws Error `PLATEAU_WRONG_VALUE` when the value is no whole number, the sum beyond 2^53, or the codec another one
   */
  incr(key: SharedKey, by = 1, options?: SharedSetOptions): number {
    if (!Number.isSafeInteger(by)) throw invalidArgument('by', 'a whole number', by);
    if (!this.#codec.counts) {
      throw plateauError(
        'PLATEAU_WRONG_VALUE',
        `incr needs codec 'utf8' or 'json', got '${this.#codec.name}'`,
      );
    }
    const sum = this.#native.incr(stable(key), by, readWriteTtl(options, this.#ttl));
    if (sum === null) throw badKey(key);
    if (sum === undefined) {
      if (this.#closed) throw closed();
      const value = describe(this.#native.peek(stable(key)));
      throw plateauError(
        'PLATEAU_WRONG_VALUE',
        `${describe(key)} must hold a whole number within 2^53, got ${value}`,
      );
    }
    return sum;
  }

  /** Removes a key's entry; whether there was one. */
  delete(key: SharedKey): boolean {
    return this.#native.delete(stable(key)) ?? this.#bad(key);
  }

  /** Removes a key's entry and returns its value; counts as a hit or a miss. */
  take(key: SharedKey): V | undefined {
    const data = this.#native.take(stable(key));
    if (data === undefined || data === null) return this.#nothing(data, key);
    return this.#codec.decode(data);
  }

  /** Removes everything and returns the memory. */
  clear(): void {
    this.#open();
    this.#native.clear();
  }

  /** The values of keys, in their order, `undefined` where there is none. One crossing into the addon. */
  getMany(keys: Iterable<SharedKey>): (V | undefined)[] {
    const list = readKeys(keys);
    const found = this.#native.getMany(list);
    if (found === undefined) throw closed();
    return found.map((data, at) => {
      if (data === undefined) return undefined;
      if (data === null) throw badKey(list[at]);
      return this.#codec.decode(data);
    });
  }

  /** Stores entries: all, or, when one cannot be, none. One crossing into the addon. Errors as `set`. */
  setMany(entries: Iterable<readonly [SharedKey, V]>, options?: SharedSetOptions): this {
    const ttl = readWriteTtl(options, this.#ttl);
    if (typeof (entries as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function') {
      throw invalidArgument('entries', 'an iterable of [key, value]', entries);
    }
    const pairs: SharedData[] = [];
    for (const entry of entries) {
      if (!Array.isArray(entry)) throw invalidArgument('entries', 'an iterable of [key, value]', entry);
      const [key, value] = entry as [SharedKey, V];
      if (typeof key !== 'string' && !(key instanceof Uint8Array)) throw badKey(key);
      pairs.push(stable(key), this.#codec.encode(value));
    }
    const refused = this.#native.setMany(pairs, ttl);
    if (refused === undefined) throw closed();
    if (refused >= 0) {
      const key = pairs[2 * refused];
      throw this.#native.left(key as SharedKey) === null
        ? badKey(key)
        : tooLarge(key, this.stats().maxEntryBytes);
    }
    return this;
  }

  /**
   * The value of a key, loaded where there is none: by one caller in the whole process, while the others, in whatever
   * thread, wait. A failed load is tried again by the next thread that waits, and rejects those of its own thread.
   * What is written or deleted while a load is under way wins: the loaded value is returned but not stored. Nor is one
   * stored that is too large (`stats().unstoredLoads`).
   *
   * Keeps the thread alive while it waits for another.
   *
   * @throws (rejects) what the loader throws; the signal's reason; `PLATEAU_LOAD_TIMEOUT`; `PLATEAU_TOO_MANY_LOADS`
   * beyond 10,000 in flight in a thread
   */
  getOrLoad(key: SharedKey, loader: SharedLoader<V>, options?: SharedLoadOptions): Promise<V> {
    readLoader('loader', loader);
    const read = readSharedLoad(options);
    const value = this.get(key);
    return value !== undefined ? Promise.resolve(value) : this.#loads.get(stable(key), loader, read);
  }

  /** Removes what has expired, now, and returns how many entries that were. Happens by itself within about a second. */
  purgeExpired(): number {
    return this.#native.purge() ?? this.#fail();
  }

  /**
   * Changes bounds, for all threads, and evicts what is over them.
   *
   * @throws RangeError when a bound is out of range; nothing has changed then
   */
  resize(bounds: { maxBytes?: number; maxEntries?: number; maxEntryBytes?: number }): void {
    const now = this.stats();
    readObject('bounds', bounds);
    const maxBytes = bounds.maxBytes === undefined ? now.maxBytes : readSharedBytes(bounds.maxBytes);
    const maxEntries = bounds.maxEntries === undefined ? now.maxEntries : readEntries(bounds.maxEntries);
    const usual = Math.min(now.maxEntryBytes, Math.floor(maxBytes / 2));
    const entryBytes =
      bounds.maxEntryBytes === undefined ? usual : readEntryBytes(bounds.maxEntryBytes, maxBytes);
    if (!this.#native.resize(maxBytes, maxEntries, entryBytes)) {
      this.#native.resize(now.maxBytes, now.maxEntries, now.maxEntryBytes);
      throw outOfRange('maxBytes', 'enough for the bookkeeping of a store opened with more', maxBytes);
    }
  }

  /** Counters of all threads since the start or the last `resetStats`, and the state now. */
  stats(): SharedCacheStats {
    this.#open();
    return readStats(this.#native.numbers(), this.#loads);
  }

  /** Starts the counters anew, for all threads; those of loads for this one. */
  resetStats(): void {
    this.#open();
    this.#native.resetStats();
    this.#loads.loads = this.#loads.failures = this.#loads.unstored = 0;
  }

  /**
   * The content as plain data, the first to be evicted first, for `restore` here or in a `BoundedCache`. Linear in the
   * content and on this thread: `snapshotTo` is for large ones.
   */
  dump(): CacheDump<SharedKey, V> {
    this.#open();
    const flat = this.#native.dump();
    const entries: DumpEntry<SharedKey, V>[] = [];
    for (let at = 0; at < flat.length; at += 3) {
      const entry: DumpEntry<SharedKey, V> = {
        key: flat[at] as SharedKey,
        value: this.#codec.decode(flat[at + 1] as SharedData),
      };
      const left = flat[at + 2] as number;
      if (left !== Number.POSITIVE_INFINITY) entry.ttl = left;
      entries.push(entry);
    }
    return { format: 'plateau.cache', version: 1, at: Date.now(), entries };
  }

  /**
   * Stores the entries of a dump, less the time since it was made; what has expired is left out. Returns how many were
   * stored.
   *
   * @throws TypeError when it is not a dump, or has an entry that the cache does not take; nothing has changed then
   */
  restore(dump: CacheDump<SharedKey, V>): number {
    this.#open();
    const { at, entries } = readDump<SharedKey, V>(dump);
    const passed = Math.max(0, Date.now() - at);
    const limit = this.stats().maxEntryBytes;
    const ready = entries
      .map(({ key, value, ttl = Number.POSITIVE_INFINITY }) => {
        if (typeof key !== 'string' && !(key instanceof Uint8Array)) throw badKey(key);
        const data = this.#codec.encode(value);
        if (data.length + key.length > limit) throw tooLarge(key, limit);
        return [stable(key), data, ttl - passed] as const;
      })
      .filter(([, , ttl]) => ttl > 0);
    for (const [key, data, ttl] of ready) this.#answer(this.#native.set(key, data, ttl), key);
    return ready.length;
  }

  /**
   * Writes the entries to a file, on another thread: 0600, checksummed, and in place of an older one only when it is
   * whole. Resolves with their number. Writers of the cache are held up for well under a millisecond at a time, but for
   * one look at the order of eviction.
   *
   * @throws (rejects) Error `PLATEAU_SNAPSHOT` when it cannot be written
   */
  snapshotTo(file: string): Promise<number> {
    // What this thread has used counts for the order of eviction.
    this.#native.settle();
    return this.#snapshot(file, false);
  }

  /**
   * Stores the entries of a file, less the time since it was written, on another thread; entries there already stay.
   * The file is checked whole before anything is stored. Resolves with the number of entries stored.
   *
   * @throws (rejects) Error `PLATEAU_NOT_A_SNAPSHOT` when it is damaged, cut, or of another codec: then nothing was
   * stored; `PLATEAU_SNAPSHOT` when it cannot be read
   */
  restoreFrom(file: string): Promise<number> {
    return this.#snapshot(file, true);
  }

  /**
   * Keys. Iteration is weakly consistent: an entry that is there throughout is met exactly once, one that comes or goes
   * meanwhile perhaps. In no particular order.
   */
  *keys(): Generator<SharedKey, void, undefined> {
    for (const keys of this.#scan(0)) yield* keys as SharedKey[];
  }

  /** Values, as `keys`. */
  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value;
  }

  /** Keys with their values, as `keys`. */
  *entries(): Generator<[SharedKey, V], void, undefined> {
    for (const pairs of this.#scan(1)) {
      for (let at = 0; at < pairs.length; at += 2) {
        yield [pairs[at] as SharedKey, this.#codec.decode(pairs[at + 1] as SharedData)];
      }
    }
  }

  /** Calls a function for each entry, as `keys`. */
  forEach(callback: (value: V, key: SharedKey, cache: this) => void, thisArg?: unknown): void {
    readCallable('callback', callback);
    for (const [key, value] of this.entries()) callback.call(thisArg, value, key, this);
  }

  /** As `entries`. */
  [Symbol.iterator](): Generator<[SharedKey, V], void, undefined> {
    return this.entries();
  }

  /** Lets go of the cache in this thread; other handles go on. With the last the content is gone. Twice is once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#native.release();
  }

  /** As `close`. */
  [dispose](): void {
    this.close();
  }

  get [Symbol.toStringTag](): string {
    return 'SharedCache';
  }

  *#scan(values: 0 | 1): Generator<SharedData[]> {
    let from = 0;
    while (from >= 0) {
      this.#open();
      const [next, ...found] = this.#native.scan(from, BATCH, values);
      yield found;
      from = next;
    }
  }

  async #snapshot(file: string, restore: boolean): Promise<number> {
    this.#open();
    if (typeof file !== 'string' || file === '') throw invalidArgument('file', 'a path', file);
    try {
      return await addon.sharedSnapshot(this.#name, file, restore);
    } catch (error) {
      const [, code, message] = /^(PLATEAU_\w+) (.*)$/s.exec((error as Error).message) ?? [];
      if (code !== 'PLATEAU_SNAPSHOT' && code !== 'PLATEAU_NOT_A_SNAPSHOT') throw error;
      throw plateauError(code, message as string, { cause: error });
    }
  }

  /** What a write has come to. */
  #answer(answer: number | null | undefined, key: unknown): boolean {
    if (answer === SHARED.stored) return true;
    if (answer === SHARED.notStored) return false;
    if (answer === SHARED.tooLarge) throw tooLarge(key, this.stats().maxEntryBytes);
    return this.#bad(key, answer);
  }

  #nothing(data: undefined | null, key: unknown): undefined {
    if (data === null || this.#closed) this.#bad(key);
    return undefined;
  }

  /** A call that answered `null` or, being closed, `undefined`. */
  #bad(key: unknown, answer?: number | null): never {
    if (this.#closed) throw closed();
    if (answer === SHARED.noValue) throw invalidArgument('value', 'what the codec makes of it', answer);
    throw badKey(key);
  }

  #fail(): never {
    throw closed();
  }

  #open(): void {
    if (this.#closed) throw closed();
  }
}

/** The names that are open in this process, in any thread. */
export function sharedCaches(): string[] {
  return addon.sharedNames();
}

function badKey(key: unknown): Error {
  if (typeof key === 'string' || key instanceof Uint8Array) {
    const what = typeof key === 'string' ? 'a string' : 'bytes';
    return plateauRangeError(
      'PLATEAU_OUT_OF_RANGE',
      `key must be ${KEY}, got ${what} of length ${key.length}`,
    );
  }
  return invalidArgument('key', KEY, key);
}

function tooLarge(key: unknown, limit: number): Error {
  return plateauRangeError(
    'PLATEAU_ENTRY_TOO_LARGE',
    `key and value must be at most ${limit} bytes (maxEntryBytes), those of ${describe(key)} are more`,
  );
}

function readKeys(keys: unknown): SharedKey[] {
  if (typeof (keys as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function') {
    throw invalidArgument('keys', 'an iterable of keys', keys);
  }
  return Array.from(keys as Iterable<SharedKey>, stable);
}

/** The key, in memory that no other thread writes. */
function stable<K>(key: K): K {
  return key instanceof Uint8Array ? (own(key) as K & Uint8Array) : key;
}
