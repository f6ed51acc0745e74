/**
 * Samples a program once a second, in plain JavaScript and apart from plateau's own sampler: the series that the
 * verdict is tuned and replayed on, and what that sampler can be compared with.
 *
 * The floor is exact: `v8.GCProfiler` reports what each collection left. It keeps about 3 KB per collection until
 * it is stopped, so a new one takes over each second.
 */

import { subscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { GCProfiler, getHeapStatistics } from 'node:v8';
import { caches } from 'plateau';

/** What a row holds, in this order. Bytes, milliseconds and counts; requests and collections are cumulative. */
export const COLUMNS = [
  'at',
  'floor',
  'floorLow',
  'heapUsed',
  'heapCommitted',
  'external',
  'floorExternal',
  'rss',
  'anonymous',
  'mallocUsed',
  'descriptors',
  'handles',
  'timers',
  'requests',
  'majors',
  'minors',
  'majorMs',
  'minorMs',
  'cacheBytes',
  'cacheEntries',
  'cacheFilling',
];

const PAGE = 4096;
/** What outlives minor collections. */
const OLD_SPACES = new Set(['old_space', 'large_object_space', 'code_space', 'code_large_object_space']);
/** Seconds for which a cache that has grown counts as filling. */
const FILLING = 10;

/** @param {(row: number[]) => void} report */
export function startRecorder(report) {
  const state = { floor: 0, floorLow: 0, floorExternal: 0, requests: 0 };
  const gc = { majors: 0, minors: 0, majorMs: 0, minorMs: 0 };
  const filling = cacheWatch();
  subscribe('http.server.request.start', () => void state.requests++);
  let profiler = new GCProfiler();
  profiler.start();
  setInterval(() => {
    const finished = profiler;
    profiler = new GCProfiler();
    profiler.start();
    count(finished.stop()?.statistics ?? [], state, gc);
    const row = { ...state, ...gc, ...now(), ...filling() };
    report(COLUMNS.map((column) => row[column]));
  }, 1000).unref();
}

function count(statistics, state, gc) {
  state.floorLow = 0;
  for (const { gcType, cost, afterGC } of statistics) {
    if (gcType === 'Scavenge') {
      gc.minors++;
      gc.minorMs += cost / 1000;
      continue;
    }
    gc.majorMs += cost / 1000;
    if (gcType !== 'MarkSweepCompact') continue;
    gc.majors++;
    state.floor = afterGC.heapSpaceStatistics.reduce(
      (sum, space) => sum + (OLD_SPACES.has(space.spaceName) ? space.spaceUsedSize : 0),
      0,
    );
    state.floorLow = state.floorLow === 0 ? state.floor : Math.min(state.floorLow, state.floor);
    state.floorExternal = afterGC.heapStatistics.externalMemory;
  }
}

function now() {
  const heap = getHeapStatistics();
  const resources = process.getActiveResourcesInfo();
  const [, resident = 0, shared = 0] = readFileSync('/proc/self/statm', 'latin1').split(' ').map(Number);
  return {
    at: Date.now(),
    heapUsed: heap.used_heap_size,
    heapCommitted: heap.total_heap_size,
    external: heap.external_memory,
    rss: resident * PAGE,
    anonymous: (resident - shared) * PAGE,
    // No way to ask malloc from JavaScript.
    mallocUsed: 0,
    // One is the listing itself.
    descriptors: readdirSync('/proc/self/fd').length - 1,
    handles: resources.length,
    timers: resources.filter((name) => name === 'Timeout' || name === 'Immediate').length,
  };
}

/** Whether a named cache has grown of late and has room left. */
function cacheWatch() {
  const seen = new WeakMap();
  return () => {
    const at = Date.now();
    const sum = { cacheBytes: 0, cacheEntries: 0, cacheFilling: 0 };
    for (const cache of caches()) {
      const { entries, bytes, maxEntries, maxBytes } = cache.stats();
      const known = seen.get(cache) ?? { entries: 0, grown: 0 };
      if (entries > known.entries) seen.set(cache, { entries, grown: at });
      sum.cacheBytes += bytes;
      sum.cacheEntries += entries;
      const recent = at - (seen.get(cache)?.grown ?? 0) < FILLING * 1000;
      if (recent && entries < maxEntries && bytes < maxBytes) sum.cacheFilling = 1;
    }
    return sum;
  };
}
