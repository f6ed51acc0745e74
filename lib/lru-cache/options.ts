/** The options of the constructor: what they mean. `read-options.ts` checks them. */

import type { LruDisposer, LruFetcher, LruInserter, LruMemoizer, LruSizeCalculator, Perf } from './types';

/**
 * Options of `LRUCache`. One of `max`, `maxSize` and `ttl` is required. Each is also a property of the cache, so that
 * a cache may be passed as the options of another; those that are not read-only there are the defaults of later calls
 * and may be changed at any time.
 */
export interface LruOptionsBase<K, V, FC> {
  /**
   * The most entries: when a new one does not fit, the least recently used leaves. A positive integer. Memory is
   * allocated as entries arrive, so that a high limit costs nothing by itself. Without it, up to 67,108,863 fit.
   */
  max?: number;

  /**
   * The largest sum of the entries' sizes, a positive integer in any unit. Every entry then needs a size, from
   * `sizeCalculation` or from the `size` option of `set`. When a new one does not fit, the least recently used leave.
   */
  maxSize?: number;

  /**
   * The largest size of one entry. A larger one is not stored, and the entry its key had is removed.
   * @default maxSize
   */
  maxEntrySize?: number;

  /** Returns the size of an entry, a positive integer. Needs `maxSize` or `maxEntrySize`. */
  sizeCalculation?: LruSizeCalculator<K, V>;

  /**
   * What a fetch under way counts as, if it does not refresh an entry with a size of its own.
   * @default 1
   */
  backgroundFetchSize?: number;

  /**
   * Time to live in milliseconds, a positive integer; 0 for none. An entry that has expired is not returned any more,
   * and is removed when `get` comes upon it, by `purgeStale`, by `ttlAutopurge`, or when it is the least recently
   * used and room is needed: until then it counts.
   * @default 0
   */
  ttl?: number;

  /**
   * How long the time, once read, is taken to stand still, in milliseconds; 0 reads it every time. As a timer ends
   * that period, time stands still for as long as the event loop is busy.
   * @default 1
   */
  ttlResolution?: number;

  /**
   * Whether expired entries are removed without being asked for: within about a millisecond in a cache of up to ten
   * thousand entries, a tenth of a second in one of a million. One timer per cache does it, and keeps neither
   * the process nor the cache alive.
   * @default false
   */
  ttlAutopurge?: boolean;

  /**
   * Whether `get` begins the time to live anew.
   * @default false
   */
  updateAgeOnGet?: boolean;

  /**
   * Whether `has` begins the time to live anew.
   * @default false
   */
  updateAgeOnHas?: boolean;

  /**
   * Whether `set` leaves the time to live of an entry that is there already as it is.
   * @default false
   */
  noUpdateTTL?: boolean;

  /**
   * Whether expired values may be returned. `get` removes one as it returns it, unless `noDeleteOnStaleGet`; `fetch`
   * returns it while it is being refreshed.
   * @default false
   */
  allowStale?: boolean;

  /**
   * Whether `get` leaves expired entries where they are.
   * @default false
   */
  noDeleteOnStaleGet?: boolean;

  /**
   * Called when a value leaves, *before* it does: the cache still has it. What it throws comes out of the method that
   * removes, and the value stays.
   */
  dispose?: LruDisposer<K, V>;

  /** Called when a value has left and the cache is consistent again; it may call any method. */
  disposeAfter?: LruDisposer<K, V>;

  /** Called when a value has been stored. */
  onInsert?: LruInserter<K, V>;

  /**
   * Whether `set` replaces a value without calling `dispose` and `disposeAfter`.
   * @default false
   */
  noDisposeOnSet?: boolean;

  /** Loads a value, for `fetch`. */
  fetchMethod?: LruFetcher<K, V, FC>;

  /** Computes a value, for `memo`. */
  memoMethod?: LruMemoizer<K, V, FC>;

  /**
   * Whether an expired value stays when the fetch that was to refresh it fails.
   * @default false
   */
  noDeleteOnFetchRejection?: boolean;

  /**
   * Whether `fetch` resolves to the expired value, or `undefined`, when `fetchMethod` fails, instead of rejecting.
   * Implies `noDeleteOnFetchRejection`.
   * @default false
   */
  allowStaleOnFetchRejection?: boolean;

  /**
   * Whether `fetch` resolves to the expired value, or `undefined`, when it is aborted, instead of rejecting.
   * @default false
   */
  allowStaleOnFetchAbort?: boolean;

  /**
   * Whether the result of an aborted fetch is used and stored all the same. With `allowStaleOnFetchAbort`, the caller
   * gets the expired value at once, and the result is stored when it arrives: a time limit that loses no work, with
   * `AbortSignal.timeout(ms)` as the `signal`.
   * @default false
   */
  ignoreFetchAbort?: boolean;

  /**
   * The clock, for tests. The default is looked up when the cache is made, so that fake timers installed before that
   * are honoured.
   * @default performance, or Date where there is none
   */
  perf?: Perf;
}

/** Options with `max`. */
export interface LruOptionsMaxLimit<K, V, FC> extends LruOptionsBase<K, V, FC> {
  /** The most entries. */
  max: number;
}

/** Options with a time to live as the only bound. */
export interface LruOptionsTTLLimit<K, V, FC> extends LruOptionsBase<K, V, FC> {
  /** Time to live in milliseconds. */
  ttl: number;
  /** Without it, nothing bounds the cache. */
  ttlAutopurge: boolean;
}

/** Options with `maxSize`. */
export interface LruOptionsSizeLimit<K, V, FC> extends LruOptionsBase<K, V, FC> {
  /** The largest sum of sizes. */
  maxSize: number;
}

/** What the constructor takes. */
export type LruOptions<K, V, FC> =
  | LruOptionsMaxLimit<K, V, FC>
  | LruOptionsSizeLimit<K, V, FC>
  | LruOptionsTTLLimit<K, V, FC>;
