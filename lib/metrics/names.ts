/** Figures by name, of things that the program names, perhaps after its users. */

import { clipLabel, OTHER } from './labels';

/** Figures for so many names; those of all others are together, as `other`. What was once there stays. */
export class Names<Figures> {
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
