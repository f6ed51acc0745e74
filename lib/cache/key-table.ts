/**
 * From key to slot: a hash table with a bounded probe, in one `Int32Array`, and a `Map` for the rest.
 *
 * A key has four possible places, the four words of its group beginning with its home. A word is the slot in
 * the low bits and hash bits above; 0 is empty. A look-up reads at most four words and compares a key only
 * where the hash bits agree; deleting is one store; nothing is ever moved. A key that finds its group full,
 * or is of a kind that cannot be hashed cheaply (objects, symbols, bigints, fractions, NaN), goes to the
 * overflow map, and `spills` counts, per group, how many did, so that a miss knows when not to look there.
 *
 * Invariant: a live slot is in exactly one place, its group or the overflow. See `docs/design/cache.md`,
 * which has the measurements against a plain `Map`.
 */

import { BigMap } from './big-map';
import { isHashable, KeyHasher } from './key-hasher';
import type { Memory } from './memory';

/** A spill count that stays: the group has had so many that it is not worth counting exactly. */
const SATURATED = 255;
/** Up to this many slots the table has four words per slot instead of two: it still fits the L2 cache. */
const ROOMY = 1 << 15;

function wordsFor(capacity: number): number {
  return capacity * (capacity <= ROOMY ? 4 : 2);
}

export class KeyTable<K> extends KeyHasher {
  /** Bytes of the large arrays for so many slots. */
  static sizes(capacity: number): number[] {
    return [4 * wordsFor(capacity), 4 * capacity];
  }

  /** The key of each slot. Shared with the store, which clears it when a slot is freed. */
  readonly keys: (K | undefined)[];
  readonly #memory: Memory;
  protected table!: Int32Array;
  protected spills!: Uint8Array;
  /**
   * Hash per slot, so that eviction and rebuilding read no keys. Its lowest two bits, which only say which word of a group
   * is looked at first, are those of the place where the slot is.
   */
  protected hashes!: Int32Array;
  /** Selects the home word. */
  protected homeMask = 0;
  /** Selects the hash bits of a word; the others are the slot. */
  protected tagMask = 0;
  /** Keys that found their group full. */
  protected spilled = new BigMap<K>();
  protected spillCount = 0;
  /** Keys that cannot be hashed cheaply. */
  protected others = new BigMap<K>();
  /** Insertions since the probes were chosen. */
  protected sinceChosen = 0;
  /** The last string that was looked up and not found: it is usually inserted next. */
  protected missed: K | undefined = undefined;
  #missedHash = 0;
  /** The hash of the last key that `findQuickly` did not find. */
  #hashed = 0;

  /** `capacity` is a power of two; slots are 1 to `capacity - 1`. */
  constructor(capacity: number, keys: (K | undefined)[], memory: Memory) {
    super();
    this.keys = keys;
    this.#memory = memory;
    this.allocate(capacity);
  }

  /** The slot of `key`, or 0. */
  find(key: K): number {
    if (!isHashable(key)) return this.others.get(key);
    return this.#look(key, this.hash(key));
  }

  #look(key: K, hash: number): number {
    const { keys } = this;
    const table = this.table;
    const tagMask = this.tagMask;
    const home = hash & this.homeMask;
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
    const table = this.table;
    const tagMask = this.tagMask;
    const home = hash & this.homeMask;
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

  /**
   * For a `set`, in the usual case of `findQuickly`: the slot of `key`, or where `enter` may put it, as the complement of
   * the place; 0 where `find` and `insert` have to be asked.
   */
  locate(key: K): number {
    if (typeof key !== 'string' || key.length < this.quick) return 0;
    // What was missed before a `set` is mostly what is set.
    const known = this.missed !== undefined && Object.is(this.missed, key);
    const hash = known ? this.#missedHash : this.hashQuickly(key);
    const table = this.table;
    const tagMask = this.tagMask;
    const home = hash & this.homeMask;
    const first = table[home] as number;
    const second = table[home ^ 1] as number;
    const third = table[home ^ 2] as number;
    const fourth = table[home ^ 3] as number;
    const absent =
      known ||
      (((first ^ hash) & tagMask) !== 0 &&
        ((second ^ hash) & tagMask) !== 0 &&
        ((third ^ hash) & tagMask) !== 0 &&
        ((fourth ^ hash) & tagMask) !== 0 &&
        this.spills[home >> 2] === 0);
    if (!absent) return this.#look(key, hash);
    // The first free one of them, without a branch that no processor predicts.
    const one = (first | (0 - first)) >>> 31;
    const two = one & ((second | (0 - second)) >>> 31);
    const three = two & ((third | (0 - third)) >>> 31);
    if ((three & ((fourth | (0 - fourth)) >>> 31)) !== 0) return 0;
    this.#hashed = hash;
    return ~(home ^ (one + two + three));
  }

  /** Enters the key that `locate` did not find just now at the place it gave, and sets `keys[slot]`. */
  enter(key: K, slot: number, place: number): void {
    const hash = this.#hashed;
    this.missed = undefined;
    this.keys[slot] = key;
    this.#put(slot, hash, place);
    this.sinceChosen++;
  }

  #notInGroup(key: K, hash: number): number {
    if (this.spills[(hash & this.homeMask) >> 2] !== 0) {
      const slot = this.spilled.get(key);
      if (slot !== 0) return slot;
    }
    this.missed = key;
    this.#missedHash = hash;
    return 0;
  }

  /** Whether `key` is the one that was just looked up in vain: then `insert` needs no `find` before it. */
  justMissed(key: K): boolean {
    return this.missed === key && key !== undefined;
  }

  /**
   * Enters a key that is not there, and sets `keys[slot]`. Returns `true` when it had to go to the overflow
   * though it could be hashed: then `wantsProbes` is worth a look.
   */
  insert(key: K, slot: number): boolean {
    this.keys[slot] = key;
    let hash: number;
    if (this.missed === key && key !== undefined) {
      hash = this.#missedHash;
      // Only strings and integers are ever remembered, and not for longer than needed.
      this.missed = undefined;
    } else if (isHashable(key)) hash = this.hash(key);
    else {
      this.others.add(key, slot);
      return false;
    }
    // As in a Map, -0 becomes 0.
    if (typeof key === 'number' && key === 0) this.keys[slot] = 0 as K;
    this.sinceChosen++;
    const place = this.#freePlace(hash);
    if (place >= 0) {
      this.#put(slot, hash, place);
      return false;
    }
    this.hashes[slot] = hash;
    this.#spill(key, hash, slot);
    return true;
  }

  #put(slot: number, hash: number, place: number): void {
    this.hashes[slot] = (hash & ~3) | (place & 3);
    this.table[place] = (hash & this.tagMask) | slot;
  }

  /** Where a key of this hash may be entered; -1 in a full group. */
  #freePlace(hash: number): number {
    const { table } = this;
    const home = hash & this.homeMask;
    if (table[home] === 0) return home;
    if (table[home ^ 1] === 0) return home ^ 1;
    if (table[home ^ 2] === 0) return home ^ 2;
    return table[home ^ 3] === 0 ? home ^ 3 : -1;
  }

  #spill(key: K, hash: number, slot: number): void {
    this.spilled.add(key, slot);
    this.spillCount++;
    const group = (hash & this.homeMask) >> 2;
    const count = this.spills[group] as number;
    if (count < SATURATED) this.spills[group] = count + 1;
  }

  /** Forgets the key of `slot`, which must be live; `keys[slot]` is left to the caller. */
  remove(slot: number): void {
    const place = (this.hashes[slot] as number) & this.homeMask;
    if (((this.table[place] as number) & ~this.tagMask) === slot) this.table[place] = 0;
    else this.removeFromMap(this.keys[slot] as K, place >> 2);
  }

  protected removeFromMap(key: K, group: number): void {
    if (!isHashable(key)) {
      this.others.delete(key);
      return;
    }
    this.spilled.delete(key);
    this.spillCount--;
    const count = this.spills[group] as number;
    if (count < SATURATED) this.spills[group] = count - 1;
  }

  protected allocate(capacity: number): void {
    const words = wordsFor(capacity);
    this.table = this.#memory.int32(words);
    this.spills = new Uint8Array(words >> 2);
    this.hashes = this.#memory.int32(capacity);
    this.homeMask = words - 1;
    this.tagMask = ~(capacity - 1);
    this.spilled.clear();
    this.spillCount = 0;
  }
}
