/**
 * Walks the entries by recency while the caller changes the cache, without a list to walk along: the next entry is the
 * one with the nearest stamp. The first few are found by one look at all stamps, as a caller often wants no more; then
 * the rest is sorted in Rust.
 *
 * From the most recent on, the walk goes back in time: what is used or added meanwhile is behind it. From the least
 * recent on, it ends with what was used or added meanwhile. Either way it comes to each key once.
 */

import type { Store } from '../cache/store';
import { native } from '../native';

/** How many are found before it is worth sorting. */
const FEW = 16;

export class Walk<K, V> {
  readonly #store: Store<K, V>;
  /** -1 from the most recent on, 1 from the least recent on: stamps times this ascend. */
  readonly #sign: 1 | -1;
  /** The stamp, times the sign, that the walk has come to. */
  #last = Number.NEGATIVE_INFINITY;
  /** What comes next, as of the stamp `#found`: a slot with a later one has moved. */
  #slots: Uint32Array | number[] = [];
  #at = 0;
  #found = 0;
  /** Whether `#slots` is all there was to come. */
  #complete = false;
  /** The array these are slots of: the store makes a new one when it renumbers them. */
  #values: unknown;
  /** The last stamp when the walk began: an entry with a later one may have been passed before. */
  readonly #began: number;
  #passed: K[] | Set<K> = [];

  /** `newestFirst` is the direction. */
  constructor(store: Store<K, V>, newestFirst: boolean) {
    this.#store = store;
    this.#sign = newestFirst ? -1 : 1;
    this.#values = store.values;
    this.#began = store.clock;
  }

  /** The next live slot, or 0 at the end. */
  next(): number {
    for (;;) {
      if (this.#values !== this.#store.values) this.#startOver();
      const { hot } = this.#store;
      while (this.#at < this.#slots.length) {
        const slot = this.#slots[this.#at++] as number;
        const stamp = hot[2 * slot] as number;
        if (stamp === 0 || stamp > this.#found) continue;
        this.#last = stamp * this.#sign;
        if (this.#sign === -1 || this.#pass(this.#store.keys[slot] as K, stamp)) return slot;
      }
      // What has moved meanwhile is at the recent end.
      if (this.#complete && (this.#sign === -1 || this.#store.clock === this.#found)) return 0;
      this.#find();
    }
  }

  /** Whether the walk comes to this key for the first time. */
  #pass(key: K, stamp: number): boolean {
    if (Array.isArray(this.#passed)) {
      if (stamp <= this.#began) {
        this.#passed.push(key);
        return true;
      }
      this.#passed = new Set(this.#passed);
    }
    if (this.#passed.has(key)) return false;
    this.#passed.add(key);
    return true;
  }

  /** Slots were renumbered: what is known to come is void. */
  #startOver(): void {
    this.#values = this.#store.values;
    this.#slots = [];
    this.#at = 0;
    this.#complete = false;
  }

  #find(): void {
    const { clock, size } = this.#store;
    const isFirst = this.#last === Number.NEGATIVE_INFINITY;
    this.#at = 0;
    this.#found = clock;
    this.#slots = isFirst && size > FEW ? this.#few() : this.#all();
    this.#complete = this.#slots.length !== FEW;
  }

  /** The nearest few, by one pass over all stamps. */
  #few(): number[] {
    const { hot, used } = this.#store;
    const slots: number[] = [];
    const sign = this.#sign;
    const rank = (slot: number): number => (hot[2 * slot] as number) * sign;
    let worst = Number.POSITIVE_INFINITY;
    // Slots are first used in ascending order: begun at this end, the nearest usually come first.
    const end = sign === -1 ? 0 : used;
    for (let slot = sign === -1 ? used - 1 : 1; slot !== end; slot += sign) {
      if (hot[2 * slot] === 0 || rank(slot) >= worst) continue;
      let at = slots.length;
      while (at > 0 && rank(slots[at - 1] as number) > rank(slot)) at--;
      slots.splice(at, 0, slot);
      if (slots.length > FEW) slots.length = FEW;
      if (slots.length === FEW) worst = rank(slots[FEW - 1] as number);
    }
    return slots;
  }

  /** All that are still to come. */
  #all(): Uint32Array {
    const { hot, used, size } = this.#store;
    const slots = new Uint32Array(size);
    native.slotsByRecency(hot, used, slots);
    if (this.#sign === 1) slots.reverse();
    // What the walk has passed is at the front.
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((hot[2 * (slots[middle] as number)] as number) * this.#sign <= this.#last) low = middle + 1;
      else high = middle;
    }
    return slots.subarray(low);
  }
}
