/**
 * From key to slot: a hash table with a bounded probe, in one `Int32Array`, and a `Map` for the rest.
 *
 * A key has four possible places, the four words of its group beginning with its home. A word is the slot in
 * the low bits and hash bits above; 0 is empty. A look-up reads at most four words and compares a key only
 * where the hash bits agree; deleting is one store; nothing is ever moved. A key that finds its group full,
 * or is of a kind that cannot be hashed cheaply (objects, symbols, bigints, fractions, NaN), goes to the
 * overflow map, and `#spills` counts, per group, how many did, so that a miss knows when not to look there.
 *
 * Invariant: a live slot is in exactly one place, its group or the overflow. See `docs/design/cache.md`,
 * which has the measurements against a plain `Map`.
 */

import { native } from '../native';
import { BigMap } from './big-map';
import { chooseProbes, SAMPLE } from './key-hash';
import { isHashable, KeyHasher } from './key-hasher';
import type { Memory } from './memory';

/** A spill count that stays: the group has had so many that it is not worth counting exactly. */
const SATURATED = 255;
/** Slots without a place that Rust hands over in one call. */
const SPILLED_AT_ONCE = 1024;
/** Up to this many slots the table has four words per slot instead of two: it still fits the L2 cache. */
const ROOMY = 1 << 15;

/** The most slots that may be removed at once. */
export const MOST_REMOVED = 4096;
/** Those of them that were not in the table. */
const left = new Uint32Array(MOST_REMOVED);

function wordsFor(capacity: number): number {
  return capacity * (capacity <= ROOMY ? 4 : 2);
}

export class KeyIndex<K> extends KeyHasher {
  /** Bytes of the large arrays for so many slots. */
  static sizes(capacity: number): number[] {
    return [4 * wordsFor(capacity), 4 * capacity];
  }

  /** The key of each slot. Shared with the store, which clears it when a slot is freed. */
  readonly keys: (K | undefined)[];
  readonly #memory: Memory;
  #table!: Int32Array;
  #spills!: Uint8Array;
  /** Hash per slot, so that eviction and rebuilding read no keys. */
  #hashes!: Int32Array;
  /** Selects the home word. */
  #homeMask = 0;
  /** Selects the hash bits of a word; the others are the slot. */
  #tagMask = 0;
  /** Keys that found their group full. */
  #spilled = new BigMap<K>();
  #spillCount = 0;
  /** Keys that cannot be hashed cheaply. */
  #others = new BigMap<K>();
  /** Insertions since the probes were chosen, and how many must pass before they may be chosen again. */
  #sinceChosen = 0;
  #patience = 0;
  /** The last string that was looked up and not found: it is usually inserted next. */
  #missed: K | undefined = undefined;
  #missedHash = 0;
  /** The hash of the last key that `findQuickly` did not find. */
  #hashed = 0;

  /** `capacity` is a power of two; slots are 1 to `capacity - 1`. */
  constructor(capacity: number, keys: (K | undefined)[], memory: Memory) {
    super();
    this.keys = keys;
    this.#memory = memory;
    this.#allocate(capacity);
  }

  /** The slot of `key`, or 0. */
  find(key: K): number {
    if (!isHashable(key)) return this.#others.get(key);
    return this.#look(key, this.hash(key));
  }

  #look(key: K, hash: number): number {
    const { keys } = this;
    const table = this.#table;
    const tagMask = this.#tagMask;
    const home = hash & this.#homeMask;
    let word = table[home] as number;
    if (((word ^ hash) & tagMask) === 0 && keys[word & ~tagMask] === key) return word & ~tagMask;
    word = table[home ^ 1] as number;
    if (((word ^ hash) & tagMask) === 0 && keys[word & ~tagMask] === key) return word & ~tagMask;
    word = table[home ^ 2] as number;
    if (((word ^ hash) & tagMask) === 0 && keys[word & ~tagMask] === key) return word & ~tagMask;
    word = table[home ^ 3] as number;
    if (((word ^ hash) & tagMask) === 0 && keys[word & ~tagMask] === key) return word & ~tagMask;
    return this.#notInGroup(key, hash);
  }

  /**
   * The slot of `key` in the usual case; after a 0, ask `findStill`. The usual key is a string long enough, and in the
   * first of its places where the hash bits agree. No calls, so that V8 keeps what it knows of the caller's objects,
   * and one comparison of keys, at the end, as that is a call after all, of a builtin around which everything in use
   * is saved. `Object.is` has a builtin that looks first whether the two strings are one.
   */
  findQuickly(key: K): number {
    if (typeof key !== 'string' || key.length < this.quick) return 0;
    const hash = this.hashQuickly(key);
    const table = this.#table;
    const tagMask = this.#tagMask;
    const home = hash & this.#homeMask;
    let word = table[home] as number;
    if (((word ^ hash) & tagMask) !== 0) {
      word = table[home ^ 1] as number;
      if (((word ^ hash) & tagMask) !== 0) {
        word = table[home ^ 2] as number;
        if (((word ^ hash) & tagMask) !== 0) {
          word = table[home ^ 3] as number;
          if (((word ^ hash) & tagMask) !== 0) {
            this.#hashed = hash;
            return 0;
          }
        }
      }
    }
    const slot = word & ~tagMask;
    if (Object.is(this.keys[slot], key)) return slot;
    this.#hashed = hash;
    return 0;
  }

  /** `find` for a key that `findQuickly` did not find just now. */
  findStill(key: K): number {
    return typeof key === 'string' && key.length >= this.quick
      ? this.#look(key, this.#hashed)
      : this.find(key);
  }

  #notInGroup(key: K, hash: number): number {
    if (this.#spills[(hash & this.#homeMask) >> 2] !== 0) {
      const slot = this.#spilled.get(key);
      if (slot !== 0) return slot;
    }
    this.#missed = key;
    this.#missedHash = hash;
    return 0;
  }

  /** Whether `key` is the one that was just looked up in vain: then `insert` needs no `find` before it. */
  justMissed(key: K): boolean {
    return this.#missed === key && key !== undefined;
  }

  /**
   * Enters a key that is not there, and sets `keys[slot]`. Returns `true` when it had to go to the overflow
   * though it could be hashed: then `wantsProbes` is worth a look.
   */
  insert(key: K, slot: number): boolean {
    this.keys[slot] = key;
    let hash: number;
    if (this.#missed === key && key !== undefined) {
      hash = this.#missedHash;
      // Only strings and integers are ever remembered, and not for longer than needed.
      this.#missed = undefined;
    } else if (isHashable(key)) hash = this.hash(key);
    else {
      this.#others.add(key, slot);
      return false;
    }
    // As in a Map, -0 becomes 0.
    if (typeof key === 'number' && key === 0) this.keys[slot] = 0 as K;
    this.#hashes[slot] = hash;
    this.#sinceChosen++;
    if (this.#place(hash, slot)) return false;
    this.#spill(key, hash, slot);
    return true;
  }

  #place(hash: number, slot: number): boolean {
    const table = this.#table;
    const home = hash & this.#homeMask;
    const word = (hash & this.#tagMask) | slot;
    if (table[home] === 0) table[home] = word;
    else if (table[home ^ 1] === 0) table[home ^ 1] = word;
    else if (table[home ^ 2] === 0) table[home ^ 2] = word;
    else if (table[home ^ 3] === 0) table[home ^ 3] = word;
    else return false;
    return true;
  }

  #spill(key: K, hash: number, slot: number): void {
    this.#spilled.add(key, slot);
    this.#spillCount++;
    const group = (hash & this.#homeMask) >> 2;
    const count = this.#spills[group] as number;
    if (count < SATURATED) this.#spills[group] = count + 1;
  }

  /** Forgets the key of `slot`, which must be live; `keys[slot]` is left to the caller. */
  remove(slot: number): void {
    const table = this.#table;
    const slotMask = ~this.#tagMask;
    const home = (this.#hashes[slot] as number) & this.#homeMask;
    if (((table[home] as number) & slotMask) === slot) table[home] = 0;
    else if (((table[home ^ 1] as number) & slotMask) === slot) table[home ^ 1] = 0;
    else if (((table[home ^ 2] as number) & slotMask) === slot) table[home ^ 2] = 0;
    else if (((table[home ^ 3] as number) & slotMask) === slot) table[home ^ 3] = 0;
    else this.#removeFromMap(this.keys[slot] as K, home >> 2);
  }

  /** `remove` for the first `count` of `slots`; their stamps and deadlines in `hot` are reset as well. */
  removeMany(slots: Uint32Array, count: number, hot: Float64Array): void {
    const remaining = native.releaseSlots(slots, count, this.#hashes, hot, this.#table, left);
    for (let i = 0; i < remaining; i++) {
      const slot = left[i] as number;
      const home = (this.#hashes[slot] as number) & this.#homeMask;
      this.#removeFromMap(this.keys[slot] as K, home >> 2);
    }
  }

  #removeFromMap(key: K, group: number): void {
    if (!isHashable(key)) {
      this.#others.delete(key);
      return;
    }
    this.#spilled.delete(key);
    this.#spillCount--;
    const count = this.#spills[group] as number;
    if (count < SATURATED) this.#spills[group] = count - 1;
  }

  /** Too many hashable keys in the overflow: other characters may tell them apart better. */
  get wantsProbes(): boolean {
    return (
      this.#spillCount > 64 && this.#spillCount * 8 > this.keys.length && this.#sinceChosen > this.#patience
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
    const old = this.#hashes;
    this.#allocate(capacity);
    this.#missed = undefined;
    const hashes = this.#hashes;
    if (rename === undefined) hashes.set(old.length <= capacity ? old : old.subarray(0, capacity));
    else {
      for (let slot = 1; slot < rename.length; slot++) hashes[rename[slot] as number] = old[slot] as number;
      this.#others.rename(rename);
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
    const hidden = Float64Array.from(this.#others.values(), (slot) => hot[2 * slot] as number);
    for (const slot of this.#others.values()) hot[2 * slot] = 0;
    const spilled = new Uint32Array(SPILLED_AT_ONCE);
    spilled[0] = 1;
    while ((spilled[0] as number) < used) {
      const from = spilled[0] as number;
      const count = native.placeSlots(this.#hashes, hot, from, used, this.#table, this.#spills, spilled);
      for (let i = 1; i <= count; i++) {
        this.#spilled.add(this.keys[spilled[i] as number] as K, spilled[i] as number);
      }
      this.#spillCount += count;
    }
    let at = 0;
    for (const slot of this.#others.values()) hot[2 * slot] = hidden[at++] as number;
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
    this.#sinceChosen = 0;
    if (sample.length < 16) return false;
    const bits = Math.log2(this.#hashes.length) + (escalate ? 12 : 4);
    return this.use(chooseProbes(sample, bits));
  }

  #allocate(capacity: number): void {
    const words = wordsFor(capacity);
    this.#table = this.#memory.int32(words);
    this.#spills = new Uint8Array(words >> 2);
    this.#hashes = this.#memory.int32(capacity);
    this.#homeMask = words - 1;
    this.#tagMask = ~(capacity - 1);
    this.#spilled.clear();
    this.#spillCount = 0;
  }

  /** Forgets every key. */
  clear(capacity: number): void {
    this.#allocate(capacity);
    this.#others.clear();
    this.#missed = undefined;
  }

  /** Bytes of the table, for `stats()` of tests and the memory formula in the docs. */
  get tableBytes(): number {
    return this.#table.byteLength + this.#spills.byteLength + this.#hashes.byteLength;
  }

  /** Checks the invariant; for tests. `slots` are the live ones. */
  validate(slots: readonly number[]): void {
    const places = new Map<number, number>();
    const see = (slot: number): void => void places.set(slot, (places.get(slot) ?? 0) + 1);
    for (const word of this.#table) if (word !== 0) see(word & ~this.#tagMask);
    for (const [key, slot] of [...this.#spilled, ...this.#others]) {
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
    this.#missed = undefined;
  }
}
