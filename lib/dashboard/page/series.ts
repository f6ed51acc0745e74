/** The numbers behind the charts: the past as it was fetched, and what has come since. */

import type { DashboardHistory, DashboardState } from '../types';

/** One moment. `at` in seconds, as the charts have it. */
export interface Point {
  at: number;
  /** `null` before the first major collection. */
  floor: number | null;
  /** `null` while the event loop was blocked. */
  used: number | null;
  external: number;
  native: number;
  rss: number;
  gcShare: number;
  loopDelay: number;
}

export type Range = '10m' | '2h' | '24h';

/** Points that are kept: somewhat more than any range has. */
const MOST = 1600;
const LIVE_SECONDS = 600;
/** Seconds between two looks that belong together. */
const LONGEST_STEP = 15;

export class Series {
  points: Point[] = [];
  /** Heap limit, in bytes. */
  limit = 0;
  range: Range = '10m';
  /** When the past should be fetched anew, in ms; a range in coarse steps is, as there is something new in it. */
  dueAt = 0;
  #collected: { at: number; ms: number } | undefined;

  /** What was fetched replaces what there is. */
  replace(history: DashboardHistory, now: number): void {
    let known: number | null = null;
    this.points = history.at.map((at, i) => {
      // A floor holds until the next collection; where there was none, the history has nothing.
      known = history.floor[i] || known;
      return {
        at: at / 1000,
        floor: known,
        used: history.used[i] || null,
        external: history.external[i] ?? 0,
        native: history.native[i] ?? 0,
        rss: history.rss[i] ?? 0,
        gcShare: history.gcShare[i] ?? 0,
        loopDelay: history.loopDelay[i] ?? 0,
      };
    });
    this.dueAt = this.range === '10m' ? Number.POSITIVE_INFINITY : now + history.resolution * 1000;
  }

  /** Adds what is new; says whether there was something. */
  append({ sample }: DashboardState): boolean {
    if (sample === null) return false;
    const { heap, external, native, process, gc, loop } = sample;
    this.limit = heap.limit;
    const at = sample.at / 1000;
    const last = this.points.at(-1);
    if (this.range !== '10m' || (last !== undefined && at <= last.at)) return false;
    this.points.push({
      at,
      floor: heap.floor || null,
      used: heap.used,
      external: external.bytes,
      native: native.bytes,
      rss: process.rss,
      gcShare: this.#shareSince(at, gc.majorMs + gc.minorMs) ?? gc.share,
      loopDelay: loop.delay,
    });
    const first = this.points.findIndex((point) => point.at > at - LIVE_SECONDS);
    this.points.splice(0, Math.max(first, this.points.length - MOST));
    return true;
  }
  /** The share of the time that was spent collecting since it was asked for the last time; `ms` since the start. */
  #shareSince(at: number, ms: number): number | undefined {
    const last = this.#collected;
    this.#collected = { at, ms };
    // Not over a time for which the page was not looking.
    if (last === undefined || at - last.at > LONGEST_STEP) return undefined;
    return Math.min(1, Math.max(0, (ms - last.ms) / 1000 / (at - last.at)));
  }
}
