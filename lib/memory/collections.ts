/**
 * What each garbage collection left: exact figures, from V8's own profiler of collections.
 *
 * The heap read in a `PerformanceObserver` callback is that of some later moment. `v8.GCProfiler` notes the spaces of
 * the heap at the end of each collection, but keeps its notes, some 3 KB of text for each, until it is stopped: so it is
 * stopped and started anew once a second, in one go. A loop that is blocked cannot do that; where collections come so
 * fast that this could matter, the profiler rests for some turns.
 */

import * as v8 from 'node:v8';

/** Spaces whose objects have survived: the rest is young, or code that never goes. */
const SURVIVED =
  /^(?:old|code|large_object|code_large_object|map|trusted|trusted_large_object|shared|shared_.*)_?(?:space)?$/;
/** Collections in one turn after which the profiler rests, and for how many turns. */
const MANY = 250;
const REST = 4;

interface Collection {
  gcType: string;
  /** In microseconds. */
  cost: number;
  afterGC: {
    heapStatistics: { usedHeapSize: number; externalMemory: number };
    heapSpaceStatistics: { spaceName: string; spaceUsedSize: number }[];
  };
}

interface Profiler {
  start(): void;
  stop(): { statistics: Collection[] } | undefined;
}

/** What collections have shown: counts and milliseconds since the start, bytes after the newest. */
export interface Collections {
  floor: number;
  /** The lowest floor of this turn; 0 without one. */
  floorLow: number;
  floorExternal: number;
  major: number;
  minor: number;
  majorMs: number;
  minorMs: number;
}

export class CollectionWatch implements Collections {
  floor = 0;
  floorLow = 0;
  floorExternal = 0;
  major = 0;
  minor = 0;
  majorMs = 0;
  minorMs = 0;
  /** Milliseconds of the newest major collection. */
  newestMs = 0;
  #profiler: Profiler | undefined;
  #rest = 0;

  constructor() {
    this.#start();
  }

  /** Whether the runtime tells of collections. */
  get exact(): boolean {
    return this.#profiler !== undefined || this.#rest > 0;
  }

  /** Takes in what was collected since the last turn. */
  turn(): void {
    this.floorLow = 0;
    if (this.#rest > 0 && --this.#rest === 0) {
      this.#start();
      return;
    }
    if (this.#profiler === undefined) return;
    const collections = this.#stop();
    for (const collection of collections) this.#take(collection);
    if (collections.length > MANY) this.#rest = REST;
    else this.#start();
  }

  /** Ends it. */
  stop(): void {
    this.#rest = 0;
    this.#stop();
  }

  #take({ gcType, cost, afterGC }: Collection): void {
    if (gcType !== 'MarkSweepCompact') {
      // Beginning to mark is work for a major collection that has yet to come.
      if (gcType === 'IncrementalMarking') this.majorMs += cost / 1000;
      else {
        this.minor++;
        this.minorMs += cost / 1000;
      }
      return;
    }
    this.major++;
    this.majorMs += cost / 1000;
    this.newestMs = cost / 1000;
    let floor = 0;
    for (const { spaceName, spaceUsedSize } of afterGC.heapSpaceStatistics) {
      if (SURVIVED.test(spaceName)) floor += spaceUsedSize;
    }
    this.floor = floor;
    this.floorLow = this.floorLow === 0 ? floor : Math.min(this.floorLow, floor);
    this.floorExternal = afterGC.heapStatistics.externalMemory;
  }

  #start(): void {
    this.#profiler = undefined;
    try {
      const { GCProfiler } = v8 as { GCProfiler?: new () => Profiler };
      if (GCProfiler === undefined) return;
      const profiler = new GCProfiler();
      profiler.start();
      this.#profiler = profiler;
    } catch {
      // A runtime that has the name and not the function.
    }
  }

  #stop(): Collection[] {
    const profiler = this.#profiler;
    this.#profiler = undefined;
    try {
      return profiler?.stop()?.statistics ?? [];
    } catch {
      return [];
    }
  }
}
