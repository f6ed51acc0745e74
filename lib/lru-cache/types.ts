/** The callbacks, and the options of single calls. The options of the constructor are in `options.ts`. */

import type { LruOptionsBase } from './options';
import type { LruDisposeReason, LruStatus } from './status';

/** Something with a `now()` in milliseconds: `performance`, `Date`, or a clock for tests. */
export type Perf = { now: () => number };

/**
 * A fetch under way, which is kept in the place of the value it will become.
 */
export type BackgroundFetch<V> = Promise<V | undefined> & {
  /** Set to the promise itself once somebody waits for it: only then may it reject. */
  __returned: BackgroundFetch<V> | undefined;
  /** Aborts the fetch. */
  __abortController: AbortController;
  /** The value it replaces, if there is one. */
  __staleWhileFetching: V | undefined;
};

/** The arguments of a call to `disposeAfter` to come. */
export type DisposeTask<K, V> = [value: V, key: K, reason: LruDisposeReason];

/** Called with an entry that leaves. */
export type LruDisposer<K, V> = (value: V, key: K, reason: LruDisposeReason) => void;

/** Why an entry was stored: a new key, the same value again, or another value. */
export type LruInsertReason = 'add' | 'update' | 'replace';

/** Called with an entry that was stored. */
export type LruInserter<K, V> = (value: V, key: K, reason: LruInsertReason) => void;

/** Returns the size of an entry: a positive integer. */
export type LruSizeCalculator<K, V> = (value: V, key: K) => number;

/**
 * Loads the value of `key`. `staleValue` is the one there was. What it returns, or resolves to, is stored; `undefined`
 * is not.
 */
export type LruFetcher<K, V, FC = unknown> = (
  key: K,
  staleValue: V | undefined,
  options: LruFetcherOptions<K, V, FC>,
  // biome-ignore lint/suspicious/noConfusingVoidType: lru-cache's declaration takes functions without a return value
) => Promise<V | undefined | void> | V | undefined | void;

/** Computes the value of `key`. `staleValue` is the one there was. */
export type LruMemoizer<K, V, FC = unknown> = (
  key: K,
  staleValue: V | undefined,
  options: LruMemoizerOptions<K, V, FC>,
) => V;

/** What `fetchMethod` is given. */
export interface LruFetcherOptions<K, V, FC = unknown> {
  /** Aborted when the result is not wanted any more: the key was set, deleted or evicted, or the caller aborted. */
  signal: AbortSignal;
  /** How the result will be stored; may be changed, for instance to set its `ttl`. */
  options: LruFetcherFetchOptions<K, V, FC>;
  /** The `context` given to `fetch`. */
  context: FC;
}

/** What `memoMethod` is given. */
export interface LruMemoizerOptions<K, V, FC = unknown> {
  /** How the result will be stored; may be changed. */
  options: LruMemoizerMemoOptions<K, V, FC>;
  /** The `context` given to `memo`. */
  context: FC;
}

type ReadOptions = 'allowStale' | 'updateAgeOnGet' | 'noDeleteOnStaleGet';
type WriteOptions = 'sizeCalculation' | 'ttl' | 'noDisposeOnSet' | 'noUpdateTTL';
type FailureOptions =
  | 'noDeleteOnFetchRejection'
  | 'allowStaleOnFetchRejection'
  | 'ignoreFetchAbort'
  | 'allowStaleOnFetchAbort';

/** Options that a `fetchMethod` sees and may change. */
export interface LruFetcherFetchOptions<K, V, FC = unknown>
  extends Pick<LruOptionsBase<K, V, FC>, ReadOptions | WriteOptions | FailureOptions> {
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
  /** Size of the result, instead of `sizeCalculation`. */
  size?: number;
}

/** Options of `fetch` and `forceFetch`. */
export interface LruFetchOptions<K, V, FC> extends LruFetcherFetchOptions<K, V, FC> {
  /** Fetches although the entry is fresh. With `allowStale` the present value is still what is returned. */
  forceRefresh?: boolean;
  /** Anything that `fetchMethod` needs to know. Required where the cache's type says what it is. */
  context?: FC;
  /** Aborts the fetch, if this call starts it. */
  signal?: AbortSignal;
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
}

/** Options of `fetch` where the cache's type says what the `context` is. */
export interface LruFetchOptionsWithContext<K, V, FC> extends LruFetchOptions<K, V, FC> {
  /** Anything that `fetchMethod` needs to know. */
  context: FC;
}

/** What the type of a cache without a `context` says. */
// biome-ignore lint/suspicious/noConfusingVoidType: a cache may be declared with `void`
export type NoContext = undefined | void;

/** Options of `fetch` where the cache's type says that there is no `context`. */
export interface LruFetchOptionsNoContext<K, V, FC extends NoContext = undefined>
  extends LruFetchOptions<K, V, FC> {
  /** None. */
  context?: FC;
}

/** Options of `memo`. */
export interface LruMemoOptions<K, V, FC = unknown>
  extends Pick<LruOptionsBase<K, V, FC>, ReadOptions | WriteOptions | FailureOptions> {
  /** Computes the value although the entry is fresh. */
  forceRefresh?: boolean;
  /** Anything that `memoMethod` needs to know. Required where the cache's type says what it is. */
  context?: FC;
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
}

/** Options of `memo` where the cache's type says what the `context` is. */
export interface LruMemoOptionsWithContext<K, V, FC> extends LruMemoOptions<K, V, FC> {
  /** Anything that `memoMethod` needs to know. */
  context: FC;
}

/** Options of `memo` where the cache's type says that there is no `context`. */
export interface LruMemoOptionsNoContext<K, V, FC extends NoContext = undefined>
  extends LruMemoOptions<K, V, FC> {
  /** None. */
  context?: FC;
}

/** Options that a `memoMethod` sees and may change. */
export interface LruMemoizerMemoOptions<K, V, FC = unknown>
  extends Pick<LruOptionsBase<K, V, FC>, ReadOptions | WriteOptions> {
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
  /** Size of the result, instead of `sizeCalculation`. */
  size?: number;
  /** When its time to live begins, on the clock of `perf`. */
  start?: number;
}

/** Options of `has`. */
export interface LruHasOptions<K, V, FC> extends Pick<LruOptionsBase<K, V, FC>, 'updateAgeOnHas'> {
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
}

/** Options of `get` and `find`. */
export interface LruGetOptions<K, V, FC> extends Pick<LruOptionsBase<K, V, FC>, ReadOptions> {
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
}

/** Options of `peek`. */
export interface LruPeekOptions<K, V, FC> extends Pick<LruOptionsBase<K, V, FC>, 'allowStale'> {
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
}

/** Options of `set`. */
export interface LruSetOptions<K, V, FC> extends Pick<LruOptionsBase<K, V, FC>, WriteOptions> {
  /** Size of the entry, instead of `sizeCalculation`: a positive integer. */
  size?: number;
  /** When the time to live begins, on the clock of `perf`: a value of its `now()`, usually in the past. */
  start?: number;
  /** Is told what happened. */
  status?: LruStatus<K, V, FC>;
}

/** An entry as `dump` writes it, `load` reads it and `info` reports it. */
export interface LruEntry<V> {
  /** The value. */
  value: V;
  /** Time to live in milliseconds; from `info`, what is left of it. */
  ttl?: number;
  /** Size, if sizes are kept. */
  size?: number;
  /** When the time to live began, in milliseconds since the Unix epoch; from `info`, the present time. */
  start?: number;
}

/** What `fetch` takes: a `context` is part of it where, and only where, the cache's type says so. */
export type FetchArgument<K, V, FC> = unknown extends FC
  ? LruFetchOptions<K, V, FC>
  : FC extends NoContext
    ? LruFetchOptionsNoContext<K, V, FC>
    : LruFetchOptionsWithContext<K, V, FC>;

/** What `fetch` takes where it may be left out. */
export type FetchArgumentOrNone<K, V, FC> = unknown extends FC
  ? LruFetchOptions<K, V, FC>
  : FC extends NoContext
    ? LruFetchOptionsNoContext<K, V, FC>
    : never;

/** What `memo` takes. */
export type MemoArgument<K, V, FC> = unknown extends FC
  ? LruMemoOptions<K, V, FC>
  : FC extends NoContext
    ? LruMemoOptionsNoContext<K, V, FC>
    : LruMemoOptionsWithContext<K, V, FC>;

/** What `memo` takes where it may be left out. */
export type MemoArgumentOrNone<K, V, FC> = unknown extends FC
  ? LruMemoOptions<K, V, FC>
  : FC extends NoContext
    ? LruMemoOptionsNoContext<K, V, FC>
    : never;

/** The key of a call without options: there is none where a `context` is required. */
export type KeyAlone<K, FC> = unknown extends FC ? K : FC extends NoContext ? K : never;
