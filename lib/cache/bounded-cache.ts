/**
 * The public class: validates, keeps the hot path short, and leaves the work to `Store`, `Loads` and `Sweep`.
 * `docs/design/cache.md` explains how it works and what was measured.
 */

import { inspect } from 'node:util';
import { invalidArgument, invalidOption } from '../errors';
import { readObject, readShare, readTtl } from '../options';
import { injectedTicker, realDateNow, tickerFor } from './clock';
import { type CacheDump, type DumpEntry, dumpOf, readDump } from './dump';
import { inspectCache } from './inspect';
import { type Loader, type LoadOptions, Loads, readLoader, readLoadOptions } from './loads';
import {
  type BoundedCacheOptions,
  readMaxBytes,
  readMaxEntries,
  readOptions,
  readSize,
  type SetOptions,
  type Settings,
} from './options';
import { register } from './registry';
import { estimateSize } from './size-of';
import { type CacheStats, statsOf } from './stats';
import { Store } from './store';
import { present, walk } from './walk';

/** Gives plateau's own tests the store behind a cache. */
export let storeOf: <K, V>(cache: BoundedCache<K, V>) => Store<K, V>;

const FOREVER = Number.POSITIVE_INFINITY;

/**
 * A `Map` with a bound: entries are evicted when it is full, and expire if they have a time to live.
 *
 * Keys are compared as in a `Map` (SameValueZero), values are kept by identity, iteration is in insertion order.
 * `get`, `set`, `has` and `delete` take constant time, amortised over growth and over eviction plans.
 *
 * @example
 * const cache = new BoundedCache<string, User>({ maxEntries: 10_000, ttl: 60_000 });
 * cache.set('42', user);
 * cache.get('42'); // user, for a minute
 *
 * @example
 * // One load per key, however many requests wait for it:
 * const user = await cache.getOrLoad(id, (id) => db.users.find(id));
 */
export class BoundedCache<K = unknown, V = unknown> {
  readonly #store: Store<K, V>;
  readonly #settings: Settings<K, V>;
  #loads: Loads<K, V> | undefined;

  static {
    storeOf = (cache) => cache.#store;
  }

  /**
   * @param options the bounds and everything else; a number is short for `{ maxEntries }`
   * @param entries what to begin with, set one after the other
   * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable
   */
  constructor(options: BoundedCacheOptions<K, V> | number, entries?: Iterable<readonly [K, V]> | null) {
    const settings = readOptions<K, V>(options);
    this.#settings = settings;
    this.#store = new Store<K, V>({
      maxEntries: settings.maxEntries,
      maxBytes: settings.maxBytes,
      policy: settings.policy,
      sized: settings.maxBytes !== FOREVER,
      keepTtl: settings.sliding,
      ttl: settings.ttl,
      ticker: settings.clock === undefined ? tickerFor(settings.ttl) : injectedTicker(settings.clock),
      ttlResolution: settings.ttlResolution,
      injected: settings.clock !== undefined,
      onRemove: settings.onRemove,
    });
    if (entries !== undefined && entries !== null) this.setMany(entries);
    if (settings.name !== undefined) register(this);
  }

  /** The name given, under which {@link caches} lists it. */
  get name(): string | undefined {
    return this.#settings.name;
  }

  /** Entries held, including expired ones not released yet (see `ttlResolution`). */
  get size(): number {
    return this.#store.size;
  }

  /** The bound on entries. */
  get maxEntries(): number {
    return this.#store.maxEntries;
  }

  /** The bound on bytes; `Infinity` without one. */
  get maxBytes(): number {
    return this.#store.maxBytes;
  }

  /** Bytes held, as measured by `sizeOf`; 0 without `maxBytes`. */
  get bytes(): number {
    return this.#store.bytes;
  }

  /** The value of `key`, or `undefined`. Counts as a use, and as a hit or a miss. */
  get(key: K): V | undefined {
    const slot = this.#store.index.findQuickly(key);
    return slot === 0 ? this.#getSlowly(key) : this.#getAt(slot);
  }

  /** The rest of `get`, for keys that are not found at first sight. */
  #getSlowly(key: K): V | undefined {
    const store = this.#store;
    const slot = store.index.findStill(key);
    if (slot !== 0) return this.#getAt(slot);
    store.counters.misses++;
    return undefined;
  }

  #getAt(slot: number): V | undefined {
    const store = this.#store;
    const { hot } = store;
    // One comparison where all is well, as the gate is infinite while the clock stands.
    if (!((hot[2 * slot + 1] as number) > (store.gate[0] as number) && Date.now === realDateNow)) {
      return this.#getTimed(slot);
    }
    if (store.s3 !== undefined) return this.#touched(slot);
    // What `store.touch` does, in place.
    hot[2 * slot] = ++store.clock;
    return store.values[slot];
  }

  #touched(slot: number): V | undefined {
    const store = this.#store;
    store.touch(slot);
    return store.values[slot];
  }

  /** The rest of `get`, where time has to be asked for: expired entries miss, sliding ones are renewed. */
  #getTimed(slot: number): V | undefined {
    const store = this.#store;
    return store.timed && this.#isGone(slot) ? undefined : this.#touched(slot);
  }

  #isGone(slot: number): boolean {
    const store = this.#store;
    if (store.isExpired(slot)) {
      store.counters.misses++;
      // One that is kept to be served stale stays.
      if ((store.hot[2 * slot + 1] as number) <= store.now()) {
        store.remove(slot, 'expired');
        store.settle();
      }
      return true;
    }
    if (store.ttls !== undefined) {
      const ttl = store.ttls[slot] as number;
      if (ttl !== FOREVER) store.renew(slot, store.now() + ttl);
    }
    return false;
  }

  /**
   * Stores a value, evicting others if there is no room. Replaces the key's old value and starts its time to live
   * anew; the key keeps its place in the insertion order.
   *
   * @throws TypeError | RangeError when an option, or what `sizeOf` returns, is not acceptable; nothing has changed then
   */
  set(key: K, value: V, options?: SetOptions): this {
    const store = this.#store;
    let { ttl } = this.#settings;
    let size = 0;
    let found = 0;
    // Nearly every `set`, with one look at the index.
    if (options === undefined && store.usual && this.#loads === undefined) {
      found = store.index.locate(key);
      if (found < 0 && store.addQuickly(key, value, this.#deadlineOf(this.#jittered(ttl)), ~found)) {
        store.counters.sets++;
        if (store.notify) store.settle();
        return this;
      }
    }
    if (options !== undefined) ttl = this.#readSetOptions(options);
    if (store.sizes !== undefined) size = this.#measure(key, value, options?.size);
    this.#put(key, value, size, ttl, found);
    if (store.notify) store.settle();
    return this;
  }

  #jittered(ttl: number): number {
    const { ttlJitter } = this.#settings;
    return ttlJitter === 0 || ttl === FOREVER ? ttl : ttl * (1 - Math.random() * ttlJitter);
  }

  #deadlineOf(ttl: number): number {
    return ttl === FOREVER ? FOREVER : this.#store.now() + ttl;
  }

  /** Sets what has been checked and measured, in order, and calls back when all is there; how many were not refused. */
  #setAll(entries: readonly Required<DumpEntry<K, V>>[]): number {
    const store = this.#store;
    let stored = 0;
    try {
      for (const { key, value, size, ttl } of entries) {
        store.useTtl(ttl);
        if (this.#put(key, value, size, ttl, 0) !== 0) stored++;
      }
    } finally {
      // Also when an injected clock has failed half-way.
      store.settle();
    }
    return stored;
  }

  /**
   * Stores what has been checked; removals are left to be settled. `found` is the key's slot if that is known, else 0 or
   * less. Returns the slot, or 0 if it was refused.
   */
  #put(key: K, value: V, size: number, whole: number, found: number): number {
    const ttl = this.#jittered(whole);
    const deadline = this.#deadlineOf(ttl);
    if (this.#loads !== undefined) this.#loads.forget(key);
    const store = this.#store;
    let slot = found;
    if (found <= 0) slot = store.index.justMissed(key) ? 0 : store.index.find(key);
    if (slot !== 0) slot = store.releaseExpired(slot);
    if (size > store.maxBytes) {
      store.counters.rejected++;
      if (slot !== 0) store.remove(slot, 'deleted');
      return 0;
    }
    store.counters.sets++;
    if (slot === 0) slot = store.add(key, value, size, deadline);
    else this.#replace(slot, value, size, deadline);
    if (store.ttls !== undefined) store.ttls[slot] = ttl;
    return slot;
  }

  #replace(slot: number, value: V, size: number, deadline: number): void {
    const store = this.#store;
    const old = store.values[slot] as V;
    if (!Object.is(old, value)) {
      store.counters.replaced++;
      if (store.notify) store.removals.add(old, store.keys[slot] as K, 'replaced');
      store.values[slot] = value;
    }
    store.stamp(slot);
    store.setDeadline(slot, deadline);
    store.setSize(slot, size);
    if (store.bytes > store.maxBytes) store.evictTo(store.maxEntries, store.maxBytes, slot);
  }

  #readSetOptions(given: SetOptions): number {
    const { ttl, size } = readObject('options', given) as SetOptions;
    if (size !== undefined) {
      readSize('size', size);
      if (this.#store.sizes === undefined) {
        throw invalidOption('size', 'left out in a cache without maxBytes', size);
      }
    }
    if (ttl === undefined) return this.#settings.ttl;
    this.#store.useTtl(readTtl('ttl', ttl));
    return ttl;
  }

  #measure(key: K, value: V, given: number | undefined): number {
    if (given !== undefined) return readSize('size', given);
    const { sizeOf } = this.#settings;
    return sizeOf === undefined ? estimateSize(value, key) : readSize('sizeOf()', sizeOf(value, key));
  }

  /** Whether `key` has a value. Does not count as a use, a hit or a miss. */
  has(key: K): boolean {
    return this.#store.findFresh(key) !== 0;
  }

  /** The value of `key`, or `undefined`. Does not count as a use, a hit or a miss, and renews nothing. */
  peek(key: K): V | undefined {
    const store = this.#store;
    const slot = store.findFresh(key);
    return slot === 0 ? undefined : store.values[slot];
  }

  /** Removes an entry; whether there was one. A load of this key under way is not stored. */
  delete(key: K): boolean {
    const store = this.#store;
    this.#loads?.forget(key);
    const slot = store.lookUp(key);
    if (slot !== 0) store.remove(slot, 'deleted');
    store.shrinkLater();
    store.settle();
    return slot !== 0;
  }

  /** Removes an entry and returns its value, or `undefined`. */
  take(key: K): V | undefined {
    const store = this.#store;
    const slot = store.lookUp(key);
    const value = slot === 0 ? undefined : store.values[slot];
    this.delete(key);
    return value;
  }

  /** Removes everything, and gives the memory back. */
  clear(): void {
    this.#loads?.forgetAll();
    this.#store.clear();
    this.#store.settle();
  }

  /** The values of several keys, in their order, `undefined` where there is none. Each counts like a `get`. */
  getMany(keys: Iterable<K>): (V | undefined)[] {
    readIterable('keys', keys);
    return Array.from(keys, (key) => this.get(key));
  }

  /**
   * Stores several entries, one after the other, all with the same options. They are read and measured first: when one
   * is not acceptable, or `sizeOf` throws, nothing has changed.
   */
  setMany(entries: Iterable<readonly [K, V]>, options?: SetOptions): this {
    readIterable('entries', entries);
    const ttl = options === undefined ? this.#settings.ttl : this.#readSetOptions(options);
    const pairs = Array.from(entries, (entry) => {
      if (typeof entry === 'object' && entry !== null) return entry;
      throw invalidArgument('each of the entries', 'an array of key and value', entry);
    });
    // As in a Map, a subclass that has its own `set` gets them all.
    if (this.set !== BoundedCache.prototype.set) {
      for (const { 0: key, 1: value } of pairs) this.set(key, value, options);
      return this;
    }
    const sized = this.#store.sizes !== undefined;
    this.#setAll(
      pairs.map(({ 0: key, 1: value }) => {
        return { key, value, ttl, size: sized ? this.#measure(key, value, options?.size) : 0 };
      }),
    );
    return this;
  }

  /** The value of `key`; where there is none, `value` is stored and returned. */
  getOrInsert(key: K, value: V): V {
    const found = this.get(key);
    if (found !== undefined || this.has(key)) return found as V;
    this.set(key, value);
    return value;
  }

  /** The value of `key`; where there is none, what `compute(key)` returns is stored and returned. */
  getOrInsertComputed(key: K, compute: (key: K) => V): V {
    if (typeof compute !== 'function') throw invalidArgument('compute', 'a function', compute);
    const found = this.get(key);
    if (found !== undefined || this.has(key)) return found as V;
    const value = compute(key);
    this.set(key, value);
    return value;
  }

  /**
   * The value of `key`, loading it where there is none. However many callers ask meanwhile, `loader` runs once; each
   * caller may have its own `signal` and `timeout`. A failure is not stored, unless `negativeTtl` says so. If the key
   * is set, deleted or cleared during the load, the callers get the loaded value and the cache does not.
   *
   * @returns a promise; it rejects with what the loader threw, the signal's reason, `PLATEAU_LOAD_TIMEOUT` or
   * `PLATEAU_TOO_MANY_LOADS`
   * @throws TypeError | RangeError when an argument is not acceptable
   */
  getOrLoad(key: K, loader: Loader<K, V>, options: LoadOptions = {}): Promise<V> {
    readLoader('loader', loader);
    readLoadOptions(options);
    if (options.size !== undefined) this.#readSetOptions({ size: options.size });
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const store = this.#store;
    if (store.findFresh(key) !== 0) return Promise.resolve(this.get(key) as V);
    this.#loads ??= new Loads<K, V>({
      store,
      settings: this.#settings,
      put: (key, value, options, grace) => this.#putLoaded(key, value, options, grace),
    });
    return this.#loads.get(key, loader, options);
  }

  #putLoaded(key: K, value: V, options: LoadOptions, grace: number): void {
    const { ttl, size } = options;
    this.set(key, value, { ...(ttl !== undefined && { ttl }), ...(size !== undefined && { size }) });
    const store = this.#store;
    const slot = grace === 0 ? 0 : store.index.find(key);
    if (slot === 0) return;
    const freshUntil = store.hot[2 * slot + 1] as number;
    store.setDeadline(slot, freshUntil + grace);
    store.keepStale(slot, freshUntil);
  }

  /**
   * Memoises a function: calls with the same key share one result, and one call while it runs. The result is always
   * a promise.
   *
   * @param keyOf the key of a call; without it, the first argument
   */
  wrap<A extends unknown[]>(
    fn: (...args: A) => V | PromiseLike<V>,
    keyOf?: (...args: A) => K,
    options?: LoadOptions,
  ): (...args: A) => Promise<V> {
    readLoader('fn', fn);
    if (keyOf !== undefined && typeof keyOf !== 'function') {
      throw invalidArgument('keyOf', 'a function', keyOf);
    }
    if (options !== undefined) readLoadOptions(options);
    return async (...args) => {
      const key = keyOf === undefined ? (args[0] as unknown as K) : keyOf(...args);
      return this.getOrLoad(key, () => fn(...args), options);
    };
  }

  /** Milliseconds the entry has left: `Infinity` without a time to live, `undefined` if there is no entry. */
  remainingTtl(key: K): number | undefined {
    const store = this.#store;
    const slot = store.index.find(key);
    if (slot === 0) return undefined;
    const left = store.freshEnd(slot) - store.exactNow();
    return left > 0 ? left : undefined;
  }

  /** Releases what has expired now, in one go, instead of waiting; returns how many entries. Linear in the slots. */
  purgeExpired(): number {
    const purged = this.#store.sweep.all();
    this.#store.settle();
    return purged;
  }

  /** Changes the bounds, evicting what no longer fits. A bound that is not named stays. */
  resize(bounds: { maxEntries?: number; maxBytes?: number }): void {
    const given = readObject('bounds', bounds);
    const store = this.#store;
    const maxEntries = given.maxEntries === undefined ? store.maxEntries : readMaxEntries(given.maxEntries);
    const maxBytes = given.maxBytes === undefined ? store.maxBytes : readMaxBytes(given.maxBytes);
    if (maxBytes !== FOREVER && store.sizes === undefined) {
      throw invalidOption(
        'maxBytes',
        'left out: this cache was made without, and has measured nothing',
        maxBytes,
      );
    }
    store.setLimits(maxEntries, maxBytes);
    store.settle();
  }

  /** Evicts, by the policy, until `fraction` of the entries (and of the bytes) is left: 0.5 halves, 0 empties. */
  shrinkTo(fraction: number): void {
    readShare('fraction', fraction);
    const store = this.#store;
    store.evictTo(Math.floor(store.size * fraction), store.bytes * fraction, 0);
    store.shrink();
    store.settle();
  }

  /** Counters since the cache was made or `resetStats` was called, and what it holds now. */
  stats(): CacheStats {
    return statsOf(this.#store, this.#loads);
  }

  /** Sets the counters to zero. */
  resetStats(): void {
    this.#store.resetCounters();
    this.#loads?.reset();
  }

  /** The content as plain data, for `restore`. Linear in the entries, and sorts them. */
  dump(): CacheDump<K, V> {
    return dumpOf(this.#store);
  }

  /**
   * Sets the entries of a dump, less the time since it was made (by `Date.now`); what has expired is left out. Entries
   * there already stay. Returns how many were set.
   *
   * @throws TypeError when it is not a dump; nothing has changed then
   */
  restore(dump: CacheDump<K, V>): number {
    const { at, entries } = readDump<K, V>(dump);
    const elapsed = Math.max(0, Date.now() - at);
    const sized = this.#store.sizes !== undefined;
    return this.#setAll(
      entries
        .filter(({ ttl = FOREVER }) => ttl > elapsed)
        .map(({ key, value, ttl = FOREVER, size }) => ({
          key,
          value,
          ttl: ttl - elapsed,
          size: sized ? this.#measure(key, value, size) : 0,
        })),
    );
  }

  /** Keys in insertion order, skipping what has expired. Changing the cache meanwhile is as safe as with a `Map`. */
  keys(): ReturnType<Map<K, V>['keys']> {
    const store = this.#store;
    return walk(store, (slot) => store.keys[slot] as K);
  }

  /** Values in insertion order. */
  values(): ReturnType<Map<K, V>['values']> {
    const store = this.#store;
    return walk(store, (slot) => store.values[slot] as V);
  }

  /** Entries in insertion order. */
  entries(): ReturnType<Map<K, V>['entries']> {
    const store = this.#store;
    return walk(store, (slot): [K, V] => [store.keys[slot] as K, store.values[slot] as V]);
  }

  /**
   * Entries from the most to the least recently used, as of the call: under `'s3-fifo'`, from the last to be evicted
   * to the first. Entries removed meanwhile are skipped. Sorts: O(n log n).
   */
  entriesByRecency(): ReturnType<Map<K, V>['entries']> {
    return present(this.#store);
  }

  /** Calls `callback` for every entry in insertion order. */
  forEach(callback: (value: V, key: K, cache: this) => void, thisArg?: unknown): void {
    if (typeof callback !== 'function') throw invalidArgument('callback', 'a function', callback);
    const store = this.#store;
    for (const slot of store.fresh()) {
      callback.call(thisArg, store.values[slot] as V, store.keys[slot] as K, this);
    }
  }

  /** Entries in insertion order. */
  [Symbol.iterator](): ReturnType<Map<K, V>['entries']> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'BoundedCache';
  }

  /** @internal What `console.log` shows. Untyped, so that the types need no Node. */
  [inspect.custom](depth: number, options: import('node:util').InspectOptions): string {
    return inspectCache(this, depth, options);
  }
}

function readIterable(name: string, given: unknown): void {
  const iterable = given as Iterable<unknown> | null | undefined;
  if (typeof iterable?.[Symbol.iterator] !== 'function') throw invalidArgument(name, 'an iterable', given);
}
