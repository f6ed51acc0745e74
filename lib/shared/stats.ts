/** The numbers of a shared cache. */

import type { SharedLoads } from './loads';

/** What `stats()` returns: counters of all threads since the start or the last `resetStats()`, and the state now. */
export interface SharedCacheStats {
  /** Look-ups (`get`, `getMany`, `take`, `getOrLoad`) that found a value. */
  hits: number;
  /** Look-ups that did not. */
  misses: number;
  /** `hits / (hits + misses)`, from 0 to 1; 0 before the first. */
  hitRatio: number;
  /** Values stored. */
  sets: number;
  /** Values that were not stored for want of memory. */
  rejected: number;
  /** Entries that left, by reason. */
  removals: { evicted: number; expired: number; deleted: number; replaced: number; cleared: number };
  /** Loads started by `getOrLoad` in this thread. */
  loads: number;
  /** Of these, those that failed. */
  loadFailures: number;
  /** Of these, those whose value was not stored: too large, or written or deleted by others meanwhile. */
  unstoredLoads: number;
  /** Loads in this thread that run or wait for another thread's. */
  loadsInFlight: number;
  /** Keys that any thread is loading. */
  leases: number;
  /** Entries held. */
  entries: number;
  /** Bytes taken, everything included; at most `maxBytes`. */
  bytes: number;
  /** Of these, bytes of keys and values as they are stored. */
  payloadBytes: number;
  /** Bytes of compressed values as stored divided by what they were; 1 where nothing is compressed. */
  compressionRatio: number;
  /** Handles that are open, in all threads. */
  handles: number;
  /** The bounds. */
  maxBytes: number;
  /** `Infinity` without one. */
  maxEntries: number;
  /** Bytes of key and value of one entry. */
  maxEntryBytes: number;
}

/** What a store knows itself: all but the loads of one thread. */
export type StoreStats = Omit<SharedCacheStats, 'loads' | 'loadFailures' | 'unstoredLoads' | 'loadsInFlight'>;

export function readStats(numbers: readonly number[], loads: SharedLoads<unknown>): SharedCacheStats {
  return {
    ...storeStats(numbers),
    loads: loads.loads,
    loadFailures: loads.failures,
    unstoredLoads: loads.unstored,
    loadsInFlight: loads.inFlight,
  };
}

/** In the order of `numbers` in `src/node/shared/figures.rs`. */
export function storeStats(numbers: readonly number[]): StoreStats {
  const at = (index: number): number => numbers[index] as number;
  const [hits, misses, unpacked] = [at(0), at(1), at(12)];
  return {
    hits,
    misses,
    hitRatio: hits === 0 ? 0 : hits / (hits + misses),
    sets: at(2),
    rejected: at(4),
    removals: { evicted: at(5), expired: at(6), deleted: at(7), replaced: at(3), cleared: at(8) },
    leases: at(15),
    entries: at(9),
    bytes: at(10),
    payloadBytes: at(11),
    compressionRatio: unpacked === 0 ? 1 : at(13) / unpacked,
    handles: at(14),
    maxBytes: at(16),
    maxEntries: at(17),
    maxEntryBytes: at(18),
  };
}
