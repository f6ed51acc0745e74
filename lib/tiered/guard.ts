/**
 * Remembers for a while which keys were written, so that a read or a load that began before that does not bring an old
 * value back into the local tier.
 *
 * Bounded in number and age by keeping two generations of notes and dropping the older one whole. What began before the
 * notes do is taken for outdated.
 */

/** Notes in both generations together. */
const MAX_NOTES = 16_384;
/** A generation is dropped after one to two times this many ms. */
const AGE = 60_000;

export class Guard {
  #recent = new Map<string, number>();
  #older = new Map<string, number>();
  /** When the notes in each generation begin. */
  #recentFrom: number;
  #olderFrom: number;

  constructor(now: number) {
    this.#recentFrom = now;
    this.#olderFrom = now;
  }

  /**
   * The key is written at `time`. Whether notes younger than `span` had to be dropped for that.
   *
   * @param span ms
   */
  note(key: string, time: number, span: number): boolean {
    let wereNeeded = false;
    if (this.#recent.size >= MAX_NOTES / 2 || time - this.#recentFrom > AGE) {
      wereNeeded = this.#older.size > 0 && time - this.#recentFrom < span;
      this.#older = this.#recent;
      this.#olderFrom = this.#recentFrom;
      this.#recent = new Map();
      this.#recentFrom = time;
    }
    this.#recent.set(key, time);
    return wereNeeded;
  }

  /** Whether the key was written after `time`, as far as is remembered. */
  isNoted(key: string, time: number): boolean {
    return (this.#recent.get(key) ?? this.#older.get(key) ?? Number.NEGATIVE_INFINITY) >= time;
  }

  /** Whether what began at `time` may be outdated by now. */
  isOutdated(key: string, time: number): boolean {
    return time < this.#olderFrom || this.isNoted(key, time);
  }
}
