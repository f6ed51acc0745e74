/**
 * The public class: lru-cache's interface over plateau's engine. What it does is in the other files of this folder;
 * here are the short cuts for calls without options, which most calls are. `docs/lru-cache.md` lists the differences.
 */

import type { Store } from '../cache/store';
import { isObserved, metrics, tracing } from './channels';
import { Core } from './core';
import { fetchEntry } from './fetch';
import { exposeInternals, type Internals } from './internals';
import type * as Given from './options';
import { dump, info, load } from './portable';
import { purgeStale } from './purge';
import { readOptions, warnIfUnbounded } from './read-options';
import { check, look, read } from './reads';
import type * as Reports from './status';
import type * as Types from './types';
import { Walk } from './walk';

/** Gives plateau's own tests the inside of a cache. */
export let coreOf: <K extends Defined, V extends Defined, FC>(cache: LRUCache<K, V, FC>) => Core<K, V, FC>;

type Defined = NonNullable<unknown>;
type Held<V> = V | Types.BackgroundFetch<V>;

/** What a call without options has. */
const NONE = Object.freeze({});

/**
 * A cache that evicts the least recently used entry, with the interface of lru-cache 11: changing the import is the
 * whole migration. Values must not be `undefined`, which stands for "none".
 *
 * `K` and `V` are the types of keys and values, `FC` that of the `context` of `fetch` and `memo`.
 *
 * @example
 * import { LRUCache } from 'plateau/lru-cache'; // was: from 'lru-cache'
 *
 * const cache = new LRUCache<string, User>({ max: 10_000, ttl: 60_000 });
 * cache.set('42', user).get('42');
 */
export class LRUCache<K extends Defined, V extends Defined, FC = unknown> {
  readonly #core: Core<K, V, FC>;
  /** The store of the core, one load away. */
  readonly #store: Store<K, Held<V>>;

  /** The time to live of entries set from now on, in milliseconds; 0 for none. */
  ttl: number;
  /** How long the time, once read, is taken to stand still, in milliseconds. */
  ttlResolution: number;
  /** Whether expired entries are removed without being asked for; heeded until the first entry with a TTL is set. */
  ttlAutopurge: boolean;
  /** Whether `get` begins the time to live anew. */
  updateAgeOnGet: boolean;
  /** Whether `has` begins the time to live anew. */
  updateAgeOnHas: boolean;
  /** Whether expired values may be returned. */
  allowStale: boolean;
  /** Whether `set` replaces values without disposing of them. */
  noDisposeOnSet: boolean;
  /** Whether `set` leaves the time to live of an entry as it is. */
  noUpdateTTL: boolean;
  /** The largest size of one entry. */
  maxEntrySize: number;
  /** Returns the size of an entry. */
  sizeCalculation?: Types.LruSizeCalculator<K, V>;
  /** Whether an expired value stays when a fetch fails. */
  noDeleteOnFetchRejection: boolean;
  /** Whether `get` leaves expired entries where they are. */
  noDeleteOnStaleGet: boolean;
  /** Whether an aborted `fetch` resolves to the expired value. */
  allowStaleOnFetchAbort: boolean;
  /** Whether a failed `fetch` resolves to the expired value. */
  allowStaleOnFetchRejection: boolean;
  /** Whether the result of an aborted fetch is used all the same. */
  ignoreFetchAbort: boolean;
  /** What a fetch under way counts as. */
  backgroundFetchSize: number;
  /** What `Object.prototype.toString` calls it. */
  [Symbol.toStringTag] = 'LRUCache';

  static {
    coreOf = (cache) => cache.#core;
  }

  /**
   * @param options the bounds and everything else, or a cache to take them from
   * @throws TypeError when an option is not acceptable, or when nothing bounds the cache
   */
  constructor(options: LRUCache.Options<K, V, FC> | LRUCache<K, V, FC>) {
    const settings = readOptions<K, V, FC>(options);
    this.ttl = settings.ttl;
    this.ttlResolution = settings.ttlResolution;
    this.ttlAutopurge = settings.ttlAutopurge;
    this.updateAgeOnGet = settings.updateAgeOnGet;
    this.updateAgeOnHas = settings.updateAgeOnHas;
    this.allowStale = settings.allowStale;
    this.noDisposeOnSet = settings.noDisposeOnSet;
    this.noUpdateTTL = settings.noUpdateTTL;
    this.maxEntrySize = settings.maxEntrySize;
    this.sizeCalculation = settings.sizeCalculation;
    this.noDeleteOnFetchRejection = settings.noDeleteOnFetchRejection;
    this.noDeleteOnStaleGet = settings.noDeleteOnStaleGet;
    this.allowStaleOnFetchAbort = settings.allowStaleOnFetchAbort;
    this.allowStaleOnFetchRejection = settings.allowStaleOnFetchRejection;
    this.ignoreFetchAbort = settings.ignoreFetchAbort;
    this.backgroundFetchSize = settings.backgroundFetchSize;
    this.#core = new Core(this, settings);
    this.#store = this.#core.store;
    if (settings.ttl !== 0) this.#core.startAging();
    warnIfUnbounded(settings, LRUCache);
  }

  /** The most entries; 0 without that bound. */
  get max(): number {
    return this.#core.settings.max;
  }

  /** The largest sum of sizes; 0 without that bound. */
  get maxSize(): number {
    return this.#core.settings.maxSize;
  }

  /** The sum of the entries' sizes; 0 where no sizes are kept. */
  get calculatedSize(): number {
    return this.#store.bytes;
  }

  /** How many entries there are, expired ones and fetches under way included. */
  get size(): number {
    return this.#store.size;
  }

  /** The clock. */
  get perf(): Types.Perf {
    return this.#core.settings.perf;
  }

  /** Loads a value, for `fetch`. */
  get fetchMethod(): Types.LruFetcher<K, V, FC> | undefined {
    return this.#core.settings.fetchMethod;
  }

  /** Computes a value, for `memo`. */
  get memoMethod(): Types.LruMemoizer<K, V, FC> | undefined {
    return this.#core.settings.memoMethod;
  }

  /** Called when a value leaves, before it does. */
  get dispose(): Types.LruDisposer<K, V> | undefined {
    return this.#core.settings.dispose;
  }

  /** Called when a value has left. */
  get disposeAfter(): Types.LruDisposer<K, V> | undefined {
    return this.#core.settings.disposeAfter;
  }

  /** Called when a value has been stored. */
  get onInsert(): Types.LruInserter<K, V> | undefined {
    return this.#core.settings.onInsert;
  }

  /**
   * The inner workings in lru-cache's terms, for debugging and tests. Made up on demand, see `docs/lru-cache.md`; only
   * for code that used lru-cache's.
   */
  static unsafeExposeInternals<K extends Defined, V extends Defined, FC = unknown>(
    c: LRUCache<K, V, FC>,
  ): Internals<K, V, FC> {
    return exposeInternals(c.#core);
  }

  /**
   * The value of `key`, or `undefined`; counts as a use. An expired entry is removed, unless `noDeleteOnStaleGet`, and
   * returned only with `allowStale`.
   */
  get(k: K, getOptions?: LRUCache.GetOptions<K, V, FC>): V | undefined {
    if (getOptions !== undefined || metrics.hasSubscribers) return this.#getReported(k, getOptions);
    const store = this.#store;
    const slot = store.index.find(k);
    if (slot === 0) return undefined;
    const core = this.#core;
    const { age } = core;
    if (age !== undefined) {
      if (age.isStale(slot)) return read(core, k, NONE, undefined);
      if (this.updateAgeOnGet) age.renew(slot);
    }
    store.hot[2 * slot] = ++store.clock;
    return core.watched ? core.shown(store.values[slot]) : (store.values[slot] as V);
  }

  #getReported(k: K, options: LRUCache.GetOptions<K, V, FC> = NONE): V | undefined {
    const { status = newStatus<K, V, FC>() } = options;
    this.#begin(status, 'get', k);
    const value = read(this.#core, k, options, status);
    if (status && value !== undefined) status.value = value;
    if (metrics.hasSubscribers) metrics.publish(status);
    return value;
  }

  #begin(status: LRUCache.Status<K, V, FC> | undefined, op: LRUCache.Status<K, V>['op'], key: K): void {
    if (status === undefined) return;
    status.op = op;
    status.key = key;
    status.cache = this;
  }

  /**
   * Stores a value, as the most recently used one; `undefined` deletes. Evicts the least recently used if there is no
   * room, and starts the time to live anew, unless `noUpdateTTL`.
   *
   * @throws TypeError when the size is missing or no positive integer; nothing has changed then
   */
  set(k: K, v: V | undefined, setOptions?: LRUCache.SetOptions<K, V, FC>): this {
    const core = this.#core;
    const given: LRUCache.SetOptions<K, V, FC> = setOptions ?? NONE;
    if (core.plain && v !== undefined && !this.sizeCalculation && !metrics.hasSubscribers) {
      const { ttl = this.ttl, start, noUpdateTTL = this.noUpdateTTL, size, sizeCalculation, status } = given;
      if (!size && !sizeCalculation && status === undefined) {
        core.put(k, v, ttl, start, noUpdateTTL);
        return this;
      }
    }
    const { status = newStatus<K, V, FC>() } = given;
    this.#begin(status, 'set', k);
    if (status && v !== undefined) status.value = v;
    core.set(k, v, given, status);
    if (status && metrics.hasSubscribers) metrics.publish(status);
    return this;
  }

  /** Whether there is an entry that has not expired. No use; renews its age only with `updateAgeOnHas`. */
  has(k: K, hasOptions: LRUCache.HasOptions<K, V, FC> = NONE): boolean {
    const { status = newStatus<K, V, FC>() } = hasOptions;
    this.#begin(status, 'has', k);
    const found = check(this.#core, k, hasOptions, status);
    if (metrics.hasSubscribers) metrics.publish(status);
    return found;
  }

  /** The value of `key`, or `undefined`. No use, and removes nothing; expired values only with `allowStale`. */
  peek(k: K, peekOptions: LRUCache.PeekOptions<K, V, FC> = NONE): V | undefined {
    const { status = isObserved() ? {} : undefined } = peekOptions;
    this.#begin(status, 'peek', k);
    const value = look(this.#core, k, peekOptions, status);
    if (metrics.hasSubscribers) metrics.publish(status);
    return value;
  }

  /** Removes an entry; whether there was one. A fetch of the key under way is aborted. */
  delete(k: K): boolean {
    return this.#core.delete(k, 'delete');
  }

  /** Removes everything. Fetches under way are aborted. */
  clear(): void {
    this.#core.clear('delete');
  }

  /** Evicts the least recently used entry and returns its value; `undefined` when there is none. */
  pop(): V | undefined {
    const core = this.#core;
    try {
      for (let held = core.evict(); held !== undefined; held = core.evict()) {
        const value = core.shown(held);
        // A fetch that refreshes nothing (or a falsy value, as in lru-cache) is passed over.
        if (value || !core.isFetch(held)) return value;
      }
      return undefined;
    } finally {
      core.disposal.flush();
    }
  }

  /**
   * The value of `key`, from `fetchMethod` if there is none or it has expired. However many callers ask meanwhile, it
   * runs once, with the options of the first. With `allowStale` an expired value is returned while it is refreshed.
   * Without a `fetchMethod` it is `get`.
   *
   * @returns a promise; it rejects with what `fetchMethod` throws, and when the key is set, deleted or evicted or the
   * `signal` aborts before the value has arrived, unless the options say otherwise
   */
  fetch(k: K, fetchOptions: Types.FetchArgument<K, V, FC>): Promise<undefined | V>;
  fetch(k: Types.KeyAlone<K, FC>, fetchOptions?: Types.FetchArgumentOrNone<K, V, FC>): Promise<undefined | V>;
  fetch(k: K, fetchOptions: LRUCache.FetchOptions<K, V, FC> = NONE): Promise<V | undefined> {
    const status = fetchStatus(fetchOptions);
    return traced(fetchEntry(this.#core, k, fetchOptions, status), status);
  }

  /** Like `fetch`, but rejects where that resolves to `undefined`. */
  forceFetch(k: K, fetchOptions: Types.FetchArgument<K, V, FC>): Promise<V>;
  forceFetch(k: Types.KeyAlone<K, FC>, fetchOptions?: Types.FetchArgumentOrNone<K, V, FC>): Promise<V>;
  forceFetch(k: K, fetchOptions: LRUCache.FetchOptions<K, V, FC> = NONE): Promise<V> {
    const status = fetchStatus(fetchOptions);
    const forced = async (): Promise<V> => {
      const value = await fetchEntry(this.#core, k, fetchOptions, status);
      if (value === undefined) throw new Error('fetch() returned undefined');
      return value;
    };
    return traced(forced(), status);
  }

  /**
   * The value of `key`, computed by `memoMethod` and stored if there is none.
   *
   * @throws Error when the cache has no `memoMethod`
   */
  memo(k: K, memoOptions: Types.MemoArgument<K, V, FC>): V;
  memo(k: Types.KeyAlone<K, FC>, memoOptions?: Types.MemoArgumentOrNone<K, V, FC>): V;
  memo(k: K, memoOptions: LRUCache.MemoOptions<K, V, FC> = NONE): V {
    const { status = newStatus<K, V, FC>(), context, forceRefresh, ...options } = memoOptions;
    this.#begin(status, 'memo', k);
    if (status && context) status.context = context;
    if (status && forceRefresh) status.forceRefresh = true;
    const { memoMethod } = this.#core.settings;
    if (memoMethod === undefined) throw new Error('no memoMethod provided to constructor');
    const found = read(this.#core, k, options, undefined);
    const isHit = !forceRefresh && found !== undefined;
    if (status) status.memo = isHit ? 'hit' : 'miss';
    const value = isHit ? found : memoMethod(k, found, { options, context: context as FC });
    if (status) status.value = value;
    if (!isHit) this.#core.set(k, value, options);
    if (metrics.hasSubscribers) metrics.publish(status);
    return value;
  }

  /** Milliseconds the entry has left, negative once it has expired; 0 without an entry, `Infinity` without a TTL. */
  getRemainingTTL(key: K): number {
    const slot = this.#store.index.find(key);
    return slot === 0 ? 0 : (this.#core.age?.remaining(slot) ?? Number.POSITIVE_INFINITY);
  }

  /** Removes what has expired; whether there was anything. */
  purgeStale(): boolean {
    return purgeStale(this.#core);
  }

  /** What there is to know of an entry, be it expired or not; `undefined` if there is none. */
  info(key: K): LRUCache.Entry<V> | undefined {
    return info(this.#core, key);
  }

  /** All entries, expired ones included, as plain data for `load`; the least recently used first. */
  dump(): [K, LRUCache.Entry<V>][] {
    return dump(this.#core);
  }

  /** Replaces the content by that of a dump. */
  load(arr: [K, LRUCache.Entry<V>][]): void {
    load(this.#core, arr);
  }

  /** Keys and values, the most recently used first. What is used, added or removed meanwhile is not come to. */
  *entries(): Generator<[K, V], void, unknown> {
    for (const slot of this.#settled(true)) {
      const key = this.#store.keys[slot];
      if (key !== undefined) yield [key, this.#store.values[slot] as V];
    }
  }

  /** Keys and values, the least recently used first. What is used or added meanwhile comes last. */
  *rentries(): Generator<[K, V], void, unknown> {
    for (const slot of this.#settled(false)) {
      const key = this.#store.keys[slot];
      if (key !== undefined) yield [key, this.#store.values[slot] as V];
    }
  }

  /** Keys, the most recently used first. */
  *keys(): Generator<K, void, unknown> {
    for (const slot of this.#settled(true)) {
      const key = this.#store.keys[slot];
      if (key !== undefined) yield key;
    }
  }

  /** Keys, the least recently used first. */
  *rkeys(): Generator<K, void, unknown> {
    for (const slot of this.#settled(false)) {
      const key = this.#store.keys[slot];
      if (key !== undefined) yield key;
    }
  }

  /** Values, the most recently used first. */
  *values(): Generator<V, void, unknown> {
    for (const slot of this.#settled(true)) yield this.#store.values[slot] as V;
  }

  /** Values, the least recently used first. */
  *rvalues(): Generator<V, void, unknown> {
    for (const slot of this.#settled(false)) yield this.#store.values[slot] as V;
  }

  /** As `entries`. */
  [Symbol.iterator](): Generator<[K, V], void, unknown> {
    return this.entries();
  }

  /** Calls `fn` with each value and key, the most recently used first; `this` is the cache or `thisp`. */
  forEach(fn: (v: V, k: K, self: LRUCache<K, V, FC>) => unknown, thisp: unknown = this): void {
    for (const slot of this.#walk(true)) {
      const value = this.#core.shown(this.#store.values[slot]);
      if (value !== undefined) fn.call(thisp, value, this.#store.keys[slot] as K, this);
    }
  }

  /** Calls `fn` with each value and key, the least recently used first. */
  rforEach(fn: (v: V, k: K, self: LRUCache<K, V, FC>) => unknown, thisp: unknown = this): void {
    for (const slot of this.#walk(false)) {
      const value = this.#core.shown(this.#store.values[slot]);
      if (value !== undefined) fn.call(thisp, value, this.#store.keys[slot] as K, this);
    }
  }

  /** The first value for which `fn` returns something truthy, the most recently used first, as by `get`. */
  find(
    fn: (v: V, k: K, self: LRUCache<K, V, FC>) => boolean,
    getOptions: LRUCache.GetOptions<K, V, FC> = NONE,
  ): V | undefined {
    for (const slot of this.#walk(true)) {
      const value = this.#core.shown(this.#store.values[slot]);
      const key = this.#store.keys[slot] as K;
      if (value !== undefined && fn(value, key, this)) {
        return read(this.#core, key, getOptions, getOptions.status);
      }
    }
    return undefined;
  }

  /** The slots in order, without those of expired entries unless `allowStale`. */
  *#walk(newestFirst: boolean): Generator<number, void, unknown> {
    const walk = new Walk(this.#store, newestFirst);
    for (let slot = walk.next(); slot !== 0; slot = walk.next()) {
      if (this.allowStale || !this.#core.isStale(slot)) yield slot;
    }
  }

  /** The same, without fetches under way. */
  *#settled(newestFirst: boolean): Generator<number, void, unknown> {
    for (const slot of this.#walk(newestFirst)) {
      if (!this.#core.isFetch(this.#store.values[slot])) yield slot;
    }
  }
}

function newStatus<K, V, FC>(): Reports.LruStatus<K, V, FC> | undefined {
  return metrics.hasSubscribers ? {} : undefined;
}

function fetchStatus<K, V, FC>(
  options: Types.LruFetchOptions<K, V, FC>,
): Reports.LruStatus<K, V, FC> | undefined {
  const { status = isObserved() ? {} : undefined, context } = options;
  if (status && context) status.context = context;
  return status;
}

function traced<T>(promise: Promise<T>, status: object | undefined): Promise<T> {
  if (status === undefined || !tracing.hasSubscribers) return promise;
  (status as Reports.LruStatus<unknown, unknown>).trace = true;
  // The tracer's promise rejects as well; the caller has the other one to handle it.
  tracing.tracePromise(() => promise, status).catch(() => {});
  return promise;
}

/** The types of options, callbacks and results, under the names they have in lru-cache. */
export namespace LRUCache {
  /** A size: a positive integer. */
  export type Size = number;
  /** A duration, or a time on the clock of `perf`. */
  export type Milliseconds = number;
  /** A number of entries. */
  export type Count = number;
  export type DisposeReason = Reports.LruDisposeReason;
  export type Disposer<K, V> = Types.LruDisposer<K, V>;
  export type InsertReason = Types.LruInsertReason;
  export type Inserter<K, V> = Types.LruInserter<K, V>;
  export type SizeCalculator<K, V> = Types.LruSizeCalculator<K, V>;
  export type FetcherOptions<K, V, FC = unknown> = Types.LruFetcherOptions<K, V, FC>;
  export type Status<K, V, FC = unknown> = Reports.LruStatus<K, V, FC>;
  export type FetcherFetchOptions<K, V, FC = unknown> = Types.LruFetcherFetchOptions<K, V, FC>;
  export type FetchOptions<K, V, FC> = Types.LruFetchOptions<K, V, FC>;
  export type FetchOptionsWithContext<K, V, FC> = Types.LruFetchOptionsWithContext<K, V, FC>;
  export type FetchOptionsNoContext<
    K,
    V,
    FC extends Types.NoContext = undefined,
  > = Types.LruFetchOptionsNoContext<K, V, FC>;
  export type MemoOptions<K, V, FC = unknown> = Types.LruMemoOptions<K, V, FC>;
  export type MemoOptionsWithContext<K, V, FC> = Types.LruMemoOptionsWithContext<K, V, FC>;
  export type MemoOptionsNoContext<
    K,
    V,
    FC extends Types.NoContext = undefined,
  > = Types.LruMemoOptionsNoContext<K, V, FC>;
  export type MemoizerOptions<K, V, FC = unknown> = Types.LruMemoizerOptions<K, V, FC>;
  export type MemoizerMemoOptions<K, V, FC = unknown> = Types.LruMemoizerMemoOptions<K, V, FC>;
  export type HasOptions<K, V, FC> = Types.LruHasOptions<K, V, FC>;
  export type GetOptions<K, V, FC> = Types.LruGetOptions<K, V, FC>;
  export type PeekOptions<K, V, FC> = Types.LruPeekOptions<K, V, FC>;
  export type SetOptions<K, V, FC> = Types.LruSetOptions<K, V, FC>;
  export type Fetcher<K, V, FC = unknown> = Types.LruFetcher<K, V, FC>;
  export type Memoizer<K, V, FC = unknown> = Types.LruMemoizer<K, V, FC>;
  export type OptionsBase<K, V, FC> = Given.LruOptionsBase<K, V, FC>;
  export type OptionsMaxLimit<K, V, FC> = Given.LruOptionsMaxLimit<K, V, FC>;
  export type OptionsTTLLimit<K, V, FC> = Given.LruOptionsTTLLimit<K, V, FC>;
  export type OptionsSizeLimit<K, V, FC> = Given.LruOptionsSizeLimit<K, V, FC>;
  export type Options<K, V, FC> = Given.LruOptions<K, V, FC>;
  export type Entry<V> = Types.LruEntry<V>;
}
