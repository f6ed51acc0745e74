/**
 * Exact LRU eviction by plan: Rust sorts the oldest stamps in batches, and a planned slot that was used since
 * is skipped. `src/policy/lru.rs` has the algorithm and why it is exact.
 */

import { type LruPlanner, native } from '../native';

/** Pairs per batch at most: enough that the crossing into Rust is paid by hundreds of evictions. */
const LARGEST = 4096;
const SMALLEST = 128;
/** Where at most one in so many planned slots was used before it could be evicted, the next plan is of all slots. */
const RARELY = 16;

export class LruPlan {
  #planner: LruPlanner | undefined;
  #slots = new Uint32Array(0);
  #stamps = new Float64Array(0);
  #at = 0;
  #end = 0;
  /** Slots of this plan that were used again. */
  #skipped = 0;

  /** The least recently used of the slots below `used`, or 0 when none is live. */
  victim(hot: Float64Array, used: number): number {
    for (;;) {
      const slots = this.#slots;
      const stamps = this.#stamps;
      const end = this.#end;
      for (let at = this.#at; at < end; at++) {
        const slot = slots[at] as number;
        if (hot[2 * slot] === stamps[at]) {
          this.#at = at + 1;
          return slot;
        }
        this.#skipped++;
      }
      if (!this.#refill(hot, used)) return 0;
    }
  }

  #refill(hot: Float64Array, used: number): boolean {
    this.#planner ??= new native.LruPlanner();
    // Nearly all are evicted in the order in which they came: a small cache is looked through once per turnover.
    const whole = used <= LARGEST && this.#skipped * RARELY < this.#end;
    // A plan takes about a quarter of the slots; twice that, so that it is handed over in one go.
    const size = Math.min(LARGEST, Math.max(SMALLEST, whole ? used : used >> 1));
    if (this.#slots.length < size) {
      this.#slots = new Uint32Array(size);
      this.#stamps = new Float64Array(size);
    }
    this.#at = this.#skipped = 0;
    this.#end = this.#planner.refill(hot, used, whole, this.#slots, this.#stamps);
    return this.#end > 0;
  }

  /** Slots were renumbered: what was planned is void. */
  reset(): void {
    this.#planner?.reset();
    this.#at = this.#end = this.#skipped = 0;
  }
}
