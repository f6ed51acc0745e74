/** Figures by name, of things that the program names, perhaps after its users; and the counters that all caches have. */

import { clipLabel, OTHER } from './labels';

/** Figures for so many names; those of all others are together, as `other`. What was once there stays. */
export class Named<Figures> {
  readonly #most: number;
  readonly #make: (label: string) => Figures;
  readonly #figures = new Map<string, Figures>();

  constructor(most: number, make: (label: string) => Figures) {
    this.#most = most;
    this.#make = make;
  }

  of(name: string): Figures {
    const wanted = clipLabel(name);
    const label = this.#figures.has(wanted) || this.#figures.size < this.#most ? wanted : OTHER;
    let figures = this.#figures.get(label);
    if (figures === undefined) {
      figures = this.#make(label);
      this.#figures.set(label, figures);
    }
    return figures;
  }

  values(): IterableIterator<Figures> {
    return this.#figures.values();
  }
}

/** Why entries leave a cache. */
export const REASONS = ['evicted', 'expired', 'deleted', 'replaced', 'cleared'] as const;

/** What every cache counts, each a number that rises. */
export type EntryCounts = Record<'hits' | 'misses' | 'sets' | 'rejected' | (typeof REASONS)[number], number>;

export const NO_ENTRIES: Readonly<EntryCounts> = {
  hits: 0,
  misses: 0,
  sets: 0,
  rejected: 0,
  evicted: 0,
  expired: 0,
  deleted: 0,
  replaced: 0,
  cleared: 0,
};

/** Of the statistics of any cache. */
export function entryCounts(stats: {
  hits: number;
  misses: number;
  sets: number;
  rejected: number;
  removals: Record<(typeof REASONS)[number], number>;
}): EntryCounts {
  const { hits, misses, sets, rejected, removals } = stats;
  return { hits, misses, sets, rejected, ...removals };
}

/** Adds what has been counted since; a counter that fell was reset, and has counted from 0. */
export function addRise<Counts extends { [Name in keyof Counts]: number }>(
  total: Counts,
  before: Counts,
  now: Counts,
): void {
  for (const name of Object.keys(total) as (keyof Counts)[]) {
    const rise = now[name] < before[name] ? now[name] : now[name] - before[name];
    (total[name] as number) += rise;
  }
}
