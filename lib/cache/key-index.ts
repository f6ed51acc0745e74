/**
 * The index of a store: the table, and what is done to it rarely and to all of it. Entering all keys anew, by other
 * characters if too many do not find a place, releasing many, checking.
 */

import { native } from '../native';
import { chooseProbes, SAMPLE } from './key-hash';
import { isHashable } from './key-hasher';
import { KeyTable } from './key-table';

/** Slots without a place that Rust hands over in one call. */
const SPILLED_AT_ONCE = 1024;

/** The most slots that may be removed at once. */
export const MOST_REMOVED = 4096;
/** Those of them that were not in the table. */
const left = new Uint32Array(MOST_REMOVED);

export class KeyIndex<K> extends KeyTable<K> {
  /** Insertions that must pass before other characters may be chosen again. */
  #patience = 0;

  /** `remove` for the first `count` of `slots`; their stamps and deadlines in `hot` are reset as well. */
  removeMany(slots: Uint32Array, count: number, hot: Float64Array): void {
    const remaining = native.releaseSlots(slots, count, this.hashes, hot, this.table, left);
    for (let i = 0; i < remaining; i++) {
      const slot = left[i] as number;
      const home = (this.hashes[slot] as number) & this.homeMask;
      this.removeFromMap(this.keys[slot] as K, home >> 2);
    }
  }

  /** Too many hashable keys in the overflow: other characters may tell them apart better. */
  get wantsProbes(): boolean {
    return (
      this.spillCount > 64 && this.spillCount * 8 > this.keys.length && this.sinceChosen > this.#patience
    );
  }

  /**
   * Enters the live slots (those with a stamp in `hot`, `used` being one above the highest) anew: after the capacity
   * has changed, after the store has renumbered its slots (`rename` has their new numbers), or to `choose` other
   * characters. Linear in `used`: Rust enters a million slots in a few milliseconds, but other characters have to be
   * read here, key by key.
   */
  rebuild(capacity: number, used: number, hot: Float64Array, choose: boolean, rename?: Int32Array): void {
    const escalate = this.wantsProbes;
    const old = this.hashes;
    this.allocate(capacity);
    this.missed = undefined;
    const hashes = this.hashes;
    if (rename === undefined) hashes.set(old.length <= capacity ? old : old.subarray(0, capacity));
    else {
      for (let slot = 1; slot < rename.length; slot++) hashes[rename[slot] as number] = old[slot] as number;
      this.others.rename(rename);
    }
    if (choose && this.#choose(used, hot, escalate)) {
      const { keys } = this;
      for (let slot = 1; slot < used; slot++) {
        const key = keys[slot] as K;
        if (hot[2 * slot] !== 0 && isHashable(key)) hashes[slot] = this.hash(key);
      }
    }
    this.#placeAll(used, hot);
  }

  /** Enters the live slots, by the hashes they have, into an empty table. */
  #placeAll(used: number, hot: Float64Array): void {
    // Rust cannot see which keys have no hash, but it passes over slots without a stamp.
    const hidden = Float64Array.from(this.others.values(), (slot) => hot[2 * slot] as number);
    for (const slot of this.others.values()) hot[2 * slot] = 0;
    const spilled = new Uint32Array(SPILLED_AT_ONCE);
    spilled[0] = 1;
    while ((spilled[0] as number) < used) {
      const from = spilled[0] as number;
      const count = native.placeSlots(this.hashes, hot, from, used, this.table, this.spills, spilled);
      for (let i = 1; i <= count; i++) {
        this.spilled.add(this.keys[spilled[i] as number] as K, spilled[i] as number);
      }
      this.spillCount += count;
    }
    let at = 0;
    for (const slot of this.others.values()) hot[2 * slot] = hidden[at++] as number;
  }

  /** Whether the keys are to be hashed anew. */
  #choose(used: number, hot: Float64Array, escalate: boolean): boolean {
    const sample: string[] = [];
    // Slots at random, as keys are often numbered in the order they come: a fixed step would meet a pattern.
    // Not from Math.random, so that a run can be repeated.
    const range = used - 1;
    const seen = new Set<number>();
    let random = range;
    for (let tries = 0; tries < 2 * SAMPLE && sample.length < SAMPLE; tries++) {
      random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
      const slot = range <= SAMPLE ? 1 + tries : 1 + Math.floor((random / 2 ** 32) * range);
      if (slot >= used || seen.has(slot)) continue;
      seen.add(slot);
      const key = this.keys[slot];
      if (typeof key === 'string' && hot[2 * slot] !== 0) sample.push(key);
    }
    // Each time it has to be done again for the same reason, later: hostile keys must not make it a habit.
    this.#patience = escalate ? Math.max(used >> 2, this.#patience * 2) : used >> 2;
    this.sinceChosen = 0;
    if (sample.length < 16) return false;
    const bits = Math.log2(this.hashes.length) + (escalate ? 12 : 4);
    return this.use(chooseProbes(sample, bits));
  }

  /** Forgets every key. */
  clear(capacity: number): void {
    this.allocate(capacity);
    this.others.clear();
    this.missed = undefined;
  }

  /** Bytes of the table, for `stats()` of tests and the memory formula in the docs. */
  get tableBytes(): number {
    return this.table.byteLength + this.spills.byteLength + this.hashes.byteLength;
  }

  /** Checks the invariant; for tests. `slots` are the live ones. */
  validate(slots: readonly number[]): void {
    const places = new Map<number, number>();
    const see = (slot: number): void => void places.set(slot, (places.get(slot) ?? 0) + 1);
    for (const word of this.table) if (word !== 0) see(word & ~this.tagMask);
    for (const [key, slot] of [...this.spilled, ...this.others]) {
      see(slot);
      if (!Object.is(this.keys[slot], key)) throw new Error(`overflow has another key for slot ${slot}`);
    }
    for (const slot of slots) {
      if (places.get(slot) !== 1) throw new Error(`slot ${slot} is in ${places.get(slot) ?? 0} places`);
      const found = this.find(this.keys[slot] as K);
      if (found !== slot) throw new Error(`the key of slot ${slot} is found in slot ${found}`);
    }
    if (places.size !== slots.length)
      throw new Error(`${places.size} slots are entered, ${slots.length} live`);
    this.missed = undefined;
  }
}
