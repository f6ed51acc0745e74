/**
 * Whether a whole collection began, and ended, after a moment: what is still there then and was there before is no garbage.
 *
 * V8 marks step by step. What is allocated while it marks counts as alive until the next time, so that a collection whose
 * marking had begun before does not count.
 */

import { constants, PerformanceObserver } from 'node:perf_hooks';

interface Entry {
  startTime: number;
  detail?: unknown;
}

export class CollectedSince {
  #observer: PerformanceObserver | undefined;
  #since = Number.POSITIVE_INFINITY;
  /** Since when V8 marks. */
  #marking: number | undefined;
  #collected = false;

  constructor() {
    try {
      this.#observer = new PerformanceObserver((list) => this.#take(list.getEntries()));
      this.#observer.observe({ entryTypes: ['gc'] });
    } catch {
      // A runtime that does not tell.
      this.#observer = undefined;
    }
  }

  /** From now on. */
  mark(): void {
    this.#since = performance.now();
  }

  /** Whether there was one, as far as it has been told: that takes a turn of the event loop. */
  get collected(): boolean {
    this.#take(this.#observer?.takeRecords() ?? []);
    return this.#collected;
  }

  stop(): void {
    this.#observer?.disconnect();
  }

  #take(entries: readonly Entry[]): void {
    for (const { startTime, detail } of entries) {
      const { kind } = (detail ?? {}) as { kind?: number };
      if (kind === constants.NODE_PERFORMANCE_GC_INCREMENTAL) {
        this.#marking ??= startTime;
      } else if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) {
        if ((this.#marking ?? startTime) > this.#since) this.#collected = true;
        this.#marking = undefined;
      }
    }
  }
}
