/**
 * What garbage collections do: how many, how long, and, exactly, what the major ones leave.
 *
 * Counts and times come from a `PerformanceObserver`, every entry of it. The heap read in its callback would be that of
 * some later moment; `v8.GCProfiler` notes all spaces at the end of each collection. But it keeps its notes, some 7 KB
 * for each, until it is stopped, and its native half, 1.5 MB, lives until the next major collection. So it runs on
 * and is stopped, read and started anew only when there was a major collection, which also frees the one before. Where
 * none comes for long, it is given up until one does: see `burden`.
 */

import { constants, PerformanceObserver } from 'node:perf_hooks';
import * as v8 from 'node:v8';

/** Spaces whose objects have survived: the rest is young. */
const SURVIVED =
  /^(?:old|code|large_object|code_large_object|map|trusted|trusted_large_object|shared|shared_.*)_space$/;
/** Collections that are noted at most: 2 MB. */
const MOST_NOTED = 300;

interface Collection {
  gcType: string;
  afterGC: {
    heapStatistics: { externalMemory: number };
    heapSpaceStatistics: { spaceName: string; spaceUsedSize: number }[];
  };
}

interface Profiler {
  start(): void;
  stop(): { statistics: Collection[] } | undefined;
}

export class CollectionWatch {
  /** Bytes after the newest major collection that was noted. */
  floor = 0;
  /** The lowest of those noted last; 0 when the newest was not. */
  floorLow = 0;
  floorExternal = 0;
  /** Counts and milliseconds since the start. */
  major = 0;
  minor = 0;
  majorMs = 0;
  minorMs = 0;
  /** Milliseconds of the newest major collection. */
  newestMs = 0;
  /** Whether the runtime tells what a collection leaves. */
  readonly exact: boolean;
  #observer: PerformanceObserver | undefined;
  #profiler: Profiler | undefined;
  /** Major collections that the observer has told of, and how many of them were looked into. */
  #told = 0;
  #read = 0;
  /** Collections since the profiler was started. */
  #noted = 0;

  constructor() {
    this.#profiler = startProfiler();
    this.exact = this.#profiler !== undefined;
    this.#observe();
  }

  /** From 0 to 1: how much of what it may keep the profiler keeps. A major collection takes that back. */
  get burden(): number {
    return this.#noted / MOST_NOTED;
  }

  /** Takes in what was collected since the last turn. */
  turn(): void {
    this.#take(this.#observer?.takeRecords() ?? []);
    if (this.#told > this.#read) {
      this.#read = this.#told;
      this.#noted = 0;
      this.#readFloors();
    } else if (this.burden >= 1 && this.#profiler !== undefined) {
      // Its notes go; the next major collection starts it again.
      stopProfiler(this.#profiler);
      this.#profiler = undefined;
    }
  }

  /** A major collection is asked for: it shall not be missed. */
  expect(): void {
    if (this.#profiler !== undefined || !this.exact) return;
    this.#profiler = startProfiler();
    this.#noted = 0;
  }

  /** Ends it. */
  stop(): void {
    this.#observer?.disconnect();
    stopProfiler(this.#profiler);
    this.#profiler = undefined;
  }

  #readFloors(): void {
    const running = this.#profiler;
    const floors = stopProfiler(running).filter(({ gcType }) => gcType === 'MarkSweepCompact');
    if (this.exact) this.#profiler = startProfiler();
    if (running === undefined) {
      // It happened while nothing was noted.
      this.major++;
      this.floorLow = 0;
      return;
    }
    this.major += floors.length;
    const sizes = floors.map(({ afterGC }) => survived(afterGC));
    const newest = floors[floors.length - 1];
    // None: it was read the turn before, and only announced now.
    if (newest === undefined) return;
    this.floor = sizes[sizes.length - 1] as number;
    this.floorLow = Math.min(...sizes);
    this.floorExternal = newest.afterGC.heapStatistics.externalMemory;
  }

  #observe(): void {
    try {
      this.#observer = new PerformanceObserver((list) => this.#take(list.getEntries()));
      this.#observer.observe({ entryTypes: ['gc'] });
    } catch {
      // A runtime that does not tell of collections at all.
      this.#observer = undefined;
    }
  }

  #take(entries: readonly { duration: number; detail?: unknown }[]): void {
    for (const { duration, detail } of entries) {
      const { kind } = (detail ?? {}) as { kind?: number };
      this.#noted++;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) {
        this.#told++;
        this.majorMs += duration;
        this.newestMs = duration;
      } else if (kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) {
        // Beginning to mark is work for a major collection that has yet to come.
        this.majorMs += duration;
      } else {
        this.minor++;
        this.minorMs += duration;
      }
    }
  }
}

/** Bytes of the spaces whose objects have survived. */
export function survived({
  heapSpaceStatistics,
}: Pick<Collection['afterGC'], 'heapSpaceStatistics'>): number {
  let sum = 0;
  for (const { spaceName, spaceUsedSize } of heapSpaceStatistics) {
    if (SURVIVED.test(spaceName)) sum += spaceUsedSize;
  }
  return sum;
}

function startProfiler(): Profiler | undefined {
  try {
    const { GCProfiler } = v8 as { GCProfiler?: new () => Profiler };
    if (GCProfiler === undefined) return undefined;
    const profiler = new GCProfiler();
    profiler.start();
    return profiler;
  } catch {
    // A runtime that has the name and not the function.
    return undefined;
  }
}

function stopProfiler(profiler: Profiler | undefined): Collection[] {
  try {
    return profiler?.stop()?.statistics ?? [];
  } catch {
    return [];
  }
}
