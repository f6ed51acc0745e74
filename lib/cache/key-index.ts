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

import { BigMap } from './big-map';
import { chooseProbes, hashInteger, MIX, MIX_HIGH, type Probe, SAMPLE } from './key-hash';

/** A spill count that stays: the group has had so many that it is not worth counting exactly. */
const SATURATED = 255;
/** Up to this many slots the table has four words per slot instead of two: it still fits the L2 cache. */
const ROOMY = 1 << 15;

/** What has changed. */
interface RebuildOptions {
  choose: boolean;
  moved: boolean;
}

export class KeyIndex<K> {
  /** The key of each slot. Shared with the store, which clears it when a slot is freed. */
  readonly keys: (K | undefined)[];
  #table!: Int32Array;
  #spills!: Uint8Array;
  /** Hash per slot, so that eviction and rebuilding read no keys. */
  #hashes!: Int32Array;
  /** Selects the home word. */
  #homeMask = 0;
  /** Selects the hash bits of a word; the others are the slot. */
  #tagMask = 0;
  #overflow = new BigMap<K>();
  /** Hashable keys in the overflow. */
  #spilled = 0;
  /** Insertions since the probes were chosen, and how many must pass before they may be chosen again. */
  #sinceChosen = 0;
  #patience = 0;
  /** Characters to read; see `key-hash.ts`. Fields, because a loop over an array costs twice as much. */
  #probes = 4;
  #p0 = 1;
  #p1 = 2;
  #p2 = 3;
  #p3 = 4;
  #p4 = 1;
  #p5 = 1;
  #p6 = 1;
  #rest: readonly Probe[] = [];
  /** The last string that was looked up and not found: it is usually inserted next. */
  #missed: K | undefined = undefined;
  #missedHash = 0;

  /** `capacity` is a power of two; slots are 1 to `capacity - 1`. */
  constructor(capacity: number, keys: (K | undefined)[]) {
    this.keys = keys;
    this.#allocate(capacity);
  }

  /** The slot of `key`, or 0. */
  find(key: K): number {
    let hash: number;
    if (typeof key === 'string') hash = this.#hashString(key);
    else if (typeof key === 'number' && Math.floor(key) === key) hash = hashInteger(key);
    else return this.#overflow.get(key);
    const table = this.#table;
    const keys = this.keys;
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

  #notInGroup(key: K, hash: number): number {
    if (this.#spills[(hash & this.#homeMask) >> 2] !== 0) {
      const slot = this.#overflow.get(key);
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
    } else if (typeof key === 'string') hash = this.#hashString(key);
    else if (typeof key === 'number' && Math.floor(key) === key) hash = hashInteger(key);
    else {
      this.#hashes[slot] = 0;
      this.#overflow.add(key, slot);
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
    this.#overflow.add(key, slot);
    this.#spilled++;
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
    else this.#unspill(this.keys[slot] as K, home >> 2);
  }

  #unspill(key: K, group: number): void {
    this.#overflow.delete(key);
    if (!isHashable(key)) return;
    this.#spilled--;
    const count = this.#spills[group] as number;
    if (count < SATURATED) this.#spills[group] = count - 1;
  }

  /** Too many hashable keys in the overflow: other characters may tell them apart better. */
  get wantsProbes(): boolean {
    return this.#spilled > 64 && this.#spilled * 8 > this.keys.length && this.#sinceChosen > this.#patience;
  }

  /**
   * Enters the live slots (those with a stamp in `hot`, `used` being one above the highest) anew: after the
   * capacity has changed, after the store has renumbered its slots (`moved`: then the stored hashes belong to
   * other slots), or to choose other characters (`choose`). Linear in `used`.
   */
  rebuild(capacity: number, used: number, hot: Float64Array, options: RebuildOptions): void {
    const { choose, moved } = options;
    const escalate = this.wantsProbes;
    const old = this.#hashes;
    this.#allocate(capacity);
    if (!moved) this.#hashes.set(old.length <= capacity ? old : old.subarray(0, capacity));
    this.#missed = undefined;
    let rehash = moved;
    if (choose && this.#choose(used, hot, escalate)) rehash = true;
    const { keys } = this;
    for (let slot = 1; slot < used; slot++) {
      const key = keys[slot] as K;
      if (hot[2 * slot] === 0) continue;
      if (!isHashable(key)) {
        this.#overflow.add(key, slot);
        continue;
      }
      if (rehash) {
        this.#hashes[slot] = typeof key === 'string' ? this.#hashString(key) : hashInteger(key as number);
      }
      const hash = this.#hashes[slot] as number;
      if (!this.#place(hash, slot)) this.#spill(key, hash, slot);
    }
  }

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
    const probes = chooseProbes(sample, bits);
    const at = (index: number): Probe => probes[index] ?? 1;
    [this.#p0, this.#p1, this.#p2, this.#p3] = [at(0), at(1), at(2), at(3)];
    [this.#p4, this.#p5, this.#p6] = [at(4), at(5), at(6)];
    this.#probes = probes.length;
    this.#rest = probes.slice(7);
    return true;
  }

  #allocate(capacity: number): void {
    const words = capacity * (capacity <= ROOMY ? 4 : 2);
    this.#table = new Int32Array(words);
    this.#spills = new Uint8Array(words >> 2);
    this.#hashes = new Int32Array(capacity);
    this.#homeMask = words - 1;
    this.#tagMask = ~(capacity - 1);
    this.#overflow.clear();
    this.#spilled = 0;
  }

  /** Forgets every key. */
  clear(capacity: number): void {
    this.#allocate(capacity);
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
    for (const [key, slot] of this.#overflow) {
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

  #hashString(key: string): number {
    const length = key.length;
    let hash = Math.imul(length, MIX_HIGH);
    let probe = this.#p0;
    let at = probe > 0 ? length - probe : -1 - probe;
    if (at >= 0 && at < length) hash += key.charCodeAt(at);
    probe = this.#p1;
    at = probe > 0 ? length - probe : -1 - probe;
    if (at >= 0 && at < length) hash += key.charCodeAt(at) << 7;
    probe = this.#p2;
    at = probe > 0 ? length - probe : -1 - probe;
    if (at >= 0 && at < length) hash += key.charCodeAt(at) << 14;
    if (this.#probes > 3) {
      probe = this.#p3;
      at = probe > 0 ? length - probe : -1 - probe;
      if (at >= 0 && at < length) hash += key.charCodeAt(at) << 21;
      if (this.#probes > 4) hash = this.#hashMore(key, hash);
    }
    hash = Math.imul(hash ^ (hash >>> 15), MIX);
    return hash ^ (hash >>> 15);
  }

  #hashMore(key: string, hash: number): number {
    const length = key.length;
    hash = Math.imul(hash ^ (hash >>> 15), MIX_HIGH);
    let probe = this.#p4;
    let at = probe > 0 ? length - probe : -1 - probe;
    if (at >= 0 && at < length) hash += key.charCodeAt(at);
    if (this.#probes > 5) {
      probe = this.#p5;
      at = probe > 0 ? length - probe : -1 - probe;
      if (at >= 0 && at < length) hash += key.charCodeAt(at) << 7;
    }
    if (this.#probes > 6) {
      probe = this.#p6;
      at = probe > 0 ? length - probe : -1 - probe;
      if (at >= 0 && at < length) hash += key.charCodeAt(at) << 14;
    }
    if (this.#probes > 7) {
      for (const rest of this.#rest) {
        at = rest > 0 ? length - rest : -1 - rest;
        hash = Math.imul(hash ^ (hash >>> 15), MIX_HIGH);
        if (at >= 0 && at < length) hash += key.charCodeAt(at);
      }
    }
    return hash;
  }
}

function isHashable(key: unknown): boolean {
  return typeof key === 'string' || (typeof key === 'number' && Math.floor(key) === key);
}
