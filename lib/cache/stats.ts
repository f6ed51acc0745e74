/** The numbers a cache keeps about itself. */

import type { Loads } from './loads';
import type { RemovalReason } from './removals';
import type { Store } from './store';

/** What `stats()` returns: counters since the start or the last `resetStats()`, and the state now. */
export interface CacheStats {
  /** `get`s that found a value. */
  hits: number;
  /** `get`s that did not. */
  misses: number;
  /** `hits / (hits + misses)`, from 0 to 1; 0 before the first. */
  hitRatio: number;
  /** Values stored. */
  sets: number;
  /** Entries refused because they are larger than `maxBytes`. */
  rejected: number;
  /** Entries that left, by reason. */
  removals: Record<RemovalReason, number>;
  /** Loads started by `getOrLoad`. */
  loads: number;
  /** Loads that failed. */
  loadFailures: number;
  /** Sum of the times loads took, in milliseconds. */
  loadTime: number;
  /** Loads in flight now. */
  loadsInFlight: number;
  /** Values returned after their time to live by `staleWhileRevalidate` or `staleIfError`. */
  staleHits: number;
  /** Entries held now. */
  entries: number;
  /** Bytes held now, as measured by `sizeOf`; 0 without `maxBytes`. */
  bytes: number;
  /** The bounds. */
  maxEntries: number;
  /** `Infinity` without one. */
  maxBytes: number;
}

export function statsOf<K, V>(store: Store<K, V>, loads: Loads<K, V> | undefined): CacheStats {
  const { hits } = store;
  const { misses, sets, rejected, evicted, expired, deleted, replaced, cleared } = store.counters;
  return {
    hits,
    misses,
    hitRatio: hits === 0 ? 0 : hits / (hits + misses),
    sets,
    rejected,
    removals: { evicted, expired, deleted, replaced, cleared },
    loads: loads?.loads ?? 0,
    loadFailures: loads?.failures ?? 0,
    loadTime: loads?.time ?? 0,
    loadsInFlight: loads?.inFlight ?? 0,
    staleHits: loads?.staleHits ?? 0,
    entries: store.size,
    bytes: store.bytes,
    maxEntries: store.maxEntries,
    maxBytes: store.maxBytes,
  };
}
