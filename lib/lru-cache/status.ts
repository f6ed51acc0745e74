/** The status object: what an operation found and did, for logging and debugging. */

import type { LRUCache } from './cache';

/** Why an entry left. */
export type LruDisposeReason =
  /** To make room. */
  | 'evict'
  /** Another value was set under its key. */
  | 'set'
  /** By `delete`, `clear`, or by setting `undefined`. */
  | 'delete'
  /** Its time to live had passed when it was asked for, or purged. */
  | 'expire'
  /** The fetch that was to refresh it failed, was aborted, or came back with `undefined`. */
  | 'fetch';

/**
 * What an operation found and did. Pass an empty object as the `status` option of a method; the fields that apply
 * are set on it, those of a fetch as it proceeds. Subscribers of the diagnostics channels get these objects as well.
 */
export interface LruStatus<K, V, FC = unknown> {
  /** The operation. */
  op?: 'get' | 'set' | 'memo' | 'fetch' | 'delete' | 'has' | 'peek';
  /** What it was done on. */
  cache?: LRUCache<K & NonNullable<unknown>, V & NonNullable<unknown>, FC>;
  /** The key given. */
  key?: K;
  /** The value set or returned. */
  value?: V;
  /** The value that `set: 'replace'` replaced. */
  oldValue?: V;

  /**
   * `set`: whether the entry is new (`add`), had the same value (`update`) or another one (`replace`), was deleted
   * because the value was `undefined`, or was not stored (`miss`).
   */
  set?: 'add' | 'update' | 'replace' | 'miss' | 'deleted';
  /** `get`: `fetching` and `stale-fetching` mean that a fetch of the key is under way. */
  get?: 'stale' | 'hit' | 'miss' | 'fetching' | 'stale-fetching';
  /** `has`: `stale` means that there is an entry, which has expired. */
  has?: 'hit' | 'stale' | 'miss';
  /** `peek`: `stale` means that there is an entry, which has expired and was not returned. */
  peek?: 'hit' | 'miss' | 'stale';
  /** `delete`: why. */
  delete?: LruDisposeReason;
  /** `memo`: on a `miss`, `memoMethod` was called. */
  memo?: 'hit' | 'miss';
  /**
   * `fetch`: `inflight` joined a fetch under way; `get` means there is no `fetchMethod`; `miss`, `stale` and
   * `refresh` started a fetch because there was no entry, because it had expired, or because of `forceRefresh`.
   */
  fetch?: 'get' | 'inflight' | 'miss' | 'hit' | 'stale' | 'refresh';

  /** Time to live of the entry, in milliseconds; absent if it has none. */
  ttl?: number;
  /** When its time to live began, on the clock of `perf`. */
  start?: number;
  /** What time it was taken to be, on the same clock. */
  now?: number;
  /** Milliseconds it has left, negative once it has expired. */
  remainingTTL?: number;

  /** Size of the entry, if sizes are kept. */
  entrySize?: number;
  /** Size of all entries, if sizes are kept. */
  totalCalculatedSize?: number;
  /** The entry was larger than `maxEntrySize` and was not stored. */
  maxEntrySizeExceeded?: true;

  /** The `context` given to `fetch` or `memo`. */
  context?: unknown;
  /** The `forceRefresh` given to `fetch` or `memo`. */
  forceRefresh?: boolean;
  /** `fetchMethod` was called. */
  fetchDispatched?: true;
  /** What it returned has been stored. */
  fetchUpdated?: true;
  /** What it returned, or a stale value in its place, has arrived. */
  fetchResolved?: true;
  /** It threw or rejected. */
  fetchRejected?: true;
  /** Why the fetch failed: what was thrown, or the reason of the abort. */
  fetchError?: Error;
  /** The fetch was aborted. */
  fetchAborted?: true;
  /** The abort was ignored, because of `ignoreFetchAbort`. */
  fetchAbortIgnored?: true;
  /** The value returned had expired. */
  returnedStale?: true;
  /** The operation was traced. */
  trace?: boolean;
}
