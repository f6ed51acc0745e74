/**
 * Figures of the named caches, by name. Caches of one name are summed, and so are those beyond a number of names, as
 * `other`: names come from the program, perhaps from its users.
 *
 * A name once shown is shown for as long as the registration lives, and what its caches have counted is added up here:
 * so a counter neither falls when a cache is collected or its statistics are reset, nor moves between names.
 */

import type { BoundedCache } from '../cache/bounded-cache';
import { caches } from '../cache/registry';
import type { CacheStats } from '../cache/stats';
import { addRise, type EntryCounts, entryCounts, Named, NO_ENTRIES } from './named';

/** Counters of a cache. */
export interface CacheCounts extends EntryCounts {
  loads: number;
  loadFailures: number;
  /** In ms. */
  loadTime: number;
  staleHits: number;
}

/** One name. */
export interface CacheFigures {
  readonly cache: string;
  readonly counts: CacheCounts;
  /** Sums over the caches of that name that live; undefined when none does. */
  state: CacheState | undefined;
}

interface CacheState {
  entries: number;
  maxEntries: number;
  bytes: number;
  maxBytes: number;
  loadsInFlight: number;
}

/** A cache that was seen before: its name's figures, and what it had counted then. */
interface Seen {
  readonly figures: CacheFigures;
  before: CacheCounts;
}

export class CacheAccounts {
  readonly #names: Named<CacheFigures>;
  readonly #seen = new WeakMap<BoundedCache<unknown, unknown>, Seen>();

  constructor(maxNames: number) {
    this.#names = new Named(maxNames, (cache) => ({ cache, counts: zero(), state: undefined }));
  }

  /** The figures now. Linear in the number of named caches. */
  read(): readonly CacheFigures[] {
    for (const figures of this.#names.values()) figures.state = undefined;
    for (const cache of caches()) {
      const stats = cache.stats();
      const counts = countsOf(stats);
      let seen = this.#seen.get(cache);
      if (seen === undefined) {
        seen = { figures: this.#names.of(cache.name ?? ''), before: zero() };
        this.#seen.set(cache, seen);
      }
      addRise(seen.figures.counts, seen.before, counts);
      seen.before = counts;
      addState(seen.figures, stats);
    }
    return [...this.#names.values()];
  }
}

function zero(): CacheCounts {
  return { ...NO_ENTRIES, loads: 0, loadFailures: 0, loadTime: 0, staleHits: 0 };
}

function countsOf(stats: CacheStats): CacheCounts {
  const { loads, loadFailures, loadTime, staleHits } = stats;
  return { ...entryCounts(stats), loads, loadFailures, loadTime, staleHits };
}

function addState(figures: CacheFigures, stats: CacheStats): void {
  figures.state ??= { entries: 0, maxEntries: 0, bytes: 0, maxBytes: 0, loadsInFlight: 0 };
  figures.state.entries += stats.entries;
  figures.state.maxEntries += stats.maxEntries;
  figures.state.bytes += stats.bytes;
  figures.state.maxBytes += stats.maxBytes;
  figures.state.loadsInFlight += stats.loadsInFlight;
}
