/** What the named caches of this thread hold, in sum, and whether one of them is filling; the largest ones. */

import { caches } from '../cache/registry';
import { openStores } from '../shared/open';
import type { MemoryAlarm } from './types';

/** Turns (seconds) for which a cache counts as filling after it was last larger than ever. */
const FILLING = 30;
const MOST_LISTED = 10;

export class CacheWatch {
  bytes = 0;
  entries = 0;
  /** Whether the caches have grown lately and one of them is not full. */
  filling = false;
  #peak = 0;
  #sinceGrowth = FILLING;

  turn(): void {
    this.bytes = this.entries = 0;
    let room = false;
    for (const cache of caches()) {
      this.entries += cache.size;
      this.bytes += cache.bytes;
      room ||= cache.size < cache.maxEntries;
    }
    this.#sinceGrowth = this.entries > this.#peak ? 0 : this.#sinceGrowth + 1;
    this.#peak = Math.max(this.#peak, this.entries);
    this.filling = room && this.#sinceGrowth < FILLING;
  }
}

/** The largest named caches, those that the process shares among them. */
export function largestCaches(): MemoryAlarm['caches'] {
  const own = caches().map((cache) => ({
    name: String(cache.name),
    entries: cache.size,
    maxEntries: cache.maxEntries,
    bytes: cache.bytes,
    shared: false,
  }));
  const shared = openStores().map(({ name, entries, maxEntries, bytes }) => ({
    name,
    entries,
    maxEntries,
    bytes,
    shared: true,
  }));
  return [...own, ...shared].sort((a, b) => b.entries - a.entries).slice(0, MOST_LISTED);
}
