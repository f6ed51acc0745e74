/** Native figures in their public shape. */

import type { NativeSample, NativeVerdict } from '../native';
import type { Extremes, MemoryBucket, MemorySample, MemoryVerdict } from './types';

/** Numbers per row of a history, and where each signal's extremes are; the order is that of `src/node/memory.rs`. */
const HEAD = 3;
const SIGNALS = [
  'floor',
  'used',
  'external',
  'native',
  'rss',
  'descriptors',
  'handles',
  'loopDelay',
  'gcShare',
] as const;
const COLUMNS = HEAD + 3 * SIGNALS.length;

export function toSample(native: NativeSample): MemorySample {
  return {
    at: native.at,
    heap: {
      floor: native.floor,
      used: native.heapUsed,
      committed: native.heapCommitted,
      limit: native.heapLimit,
    },
    external: { bytes: native.external, arrayBuffers: native.arrayBuffers, floor: native.externalFloor },
    native: {
      bytes: native.native,
      mallocUsed: native.mallocUsed || undefined,
      sharedCaches: native.sharedBytes,
    },
    process: {
      rss: native.rss,
      anonymous: native.anonymous,
      cpu: native.cpu,
      descriptors: native.descriptors,
      minorFaults: native.minorFaults,
      majorFaults: native.majorFaults,
    },
    cgroup:
      native.cgroupLimit === 0
        ? undefined
        : {
            limit: native.cgroupLimit,
            used: native.cgroupUsed,
            limitHits: native.cgroupMaxEvents,
            oomKills: native.cgroupOomKills,
          },
    gc: {
      major: native.major,
      minor: native.minor,
      majorMs: native.majorMs,
      minorMs: native.minorMs,
      share: native.gcShare,
    },
    loop: { delay: native.loopDelay, utilization: native.loopUtilization },
    requests: { count: native.requests, rate: native.requestRate },
    handles: { count: native.handles, timers: native.timers },
    caches: { bytes: native.cacheBytes, entries: native.cacheEntries },
  };
}

export function toVerdict(native: NativeVerdict): MemoryVerdict {
  return {
    verdict: native.verdict as MemoryVerdict['verdict'],
    place: native.place as MemoryVerdict['place'],
    since: native.since,
    onset: native.onset,
    confidence: native.confidence,
    perSecond: native.perSecond,
    perRequest: native.perRequest,
    secondsToHeapLimit: native.secondsToHeapLimit,
    secondsToCgroupLimit: native.secondsToCgroupLimit,
    evidence: native.evidence,
    next: native.next,
    // Present also where there is none, as the type says.
    trends: native.trends.map((trend) => ({
      ...trend,
      perRequest: trend.perRequest,
    })) as MemoryVerdict['trends'],
  };
}

export function toBuckets(rows: Float64Array): MemoryBucket[] {
  const buckets: MemoryBucket[] = [];
  for (let row = 0; row < rows.length; row += COLUMNS) {
    const signals = Object.fromEntries(
      SIGNALS.map((name, index) => [name, extremes(rows, row + HEAD + 3 * index)]),
    ) as Record<(typeof SIGNALS)[number], Extremes>;
    buckets.push({
      at: rows[row] as number,
      seconds: rows[row + 1] as number,
      requests: rows[row + 2] as number,
      ...signals,
    });
  }
  return buckets;
}

function extremes(rows: Float64Array, at: number): Extremes {
  const number = (index: number) => {
    const value = rows[index] as number;
    return Number.isNaN(value) ? 0 : value;
  };
  return { min: number(at), max: number(at + 1), last: number(at + 2) };
}
