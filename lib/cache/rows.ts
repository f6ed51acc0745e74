/**
 * The arrays of a store, and how many rows they have: they grow with the entries, shrink with them, and close the gaps.
 *
 * Key, value, size and order live in arrays indexed by slot (1 and up; 0 means none). `hot` holds the two
 * numbers a hit needs side by side: `hot[2 * slot]` is the stamp (LRU: when it was used; S3-FIFO: how often;
 * 0: the slot is free) and `hot[2 * slot + 1]` the deadline (Infinity: none). See `docs/design/cache.md`.
 *
 * The base of `Store` rather than a part of it: what a look-up needs is then one object.
 */

import { KeyIndex } from './key-index';
import { LruPlan } from './lru-plan';
import { Memory } from './memory';
import { OrderLog } from './order-log';
import { S3Fifo } from './s3-fifo';

/** Slots at the start: an empty cache costs 4.6 KB (10 KB with S3-FIFO, which has a ghost list). */
const INITIAL = 16;
/** The most slots a store can have: the bits of an index word must leave room for the hash. */
export const MAX_SLOTS = 2 ** 26;

/** Slots from which memory is made ready ahead of growth. */
const READY_ABOVE = 2 ** 15;

/** What the arrays depend on. */
export interface RowOptions {
  maxEntries: number;
  maxBytes: number;
  policy: 'lru' | 's3-fifo';
  /** Whether `sizes` are kept. */
  sized: boolean;
  /** Whether the time to live of each entry is kept. */
  keepTtl: boolean;
}

export class Rows<K, V> {
  readonly keys: (K | undefined)[] = [];
  readonly index: KeyIndex<K>;
  readonly order: OrderLog;
  readonly plan: LruPlan | undefined;
  readonly s3: S3Fifo | undefined;
  values: (V | undefined)[] = [];
  hot: Float64Array;
  sizes: Float64Array | undefined;
  ttls: Float64Array | undefined;
  /** Until when each entry is fresh, if it is kept longer than that to be served stale; made when needed. */
  freshUntil: Float64Array | undefined;
  /** A power of two: slots are below it. */
  capacity = INITIAL;
  /** One above the highest slot ever used since the last renumbering. */
  used = 1;
  size = 0;
  bytes = 0;
  maxEntries: number;
  maxBytes: number;
  /** No deadline is earlier; Infinity when none is set. */
  earliest = Number.POSITIVE_INFINITY;
  readonly #memory = new Memory();
  /** From this slot on, memory is made ready for more. */
  #readyFrom = Number.POSITIVE_INFINITY;

  constructor(options: RowOptions) {
    this.maxEntries = options.maxEntries;
    this.maxBytes = options.maxBytes;
    const rows = this.#rows();
    this.hot = new Float64Array(2 * rows);
    this.sizes = options.sized ? new Float64Array(rows) : undefined;
    this.ttls = options.keepTtl ? new Float64Array(rows) : undefined;
    this.index = new KeyIndex(this.capacity, this.keys, this.#memory);
    this.order = new OrderLog(rows, this.#memory);
    this.plan = options.policy === 'lru' ? new LruPlan() : undefined;
    this.s3 = options.policy === 's3-fifo' ? new S3Fifo(rows, this.#limit()) : undefined;
  }

  /** Empties the arrays, whatever is in them, and begins with small ones. */
  protected reset(): void {
    this.capacity = INITIAL;
    this.#memory.drop();
    this.#readyFrom = Number.POSITIVE_INFINITY;
    const rows = this.#rows();
    this.keys.length = 0;
    this.values = [];
    this.hot = new Float64Array(2 * rows);
    if (this.sizes !== undefined) this.sizes = new Float64Array(rows);
    if (this.ttls !== undefined) this.ttls = new Float64Array(rows);
    this.freshUntil = undefined;
    this.index.clear(this.capacity);
    this.order.clear(rows);
    this.plan?.reset();
    this.s3?.clear(rows);
    this.used = 1;
    this.size = 0;
    this.bytes = 0;
    this.earliest = Number.POSITIVE_INFINITY;
  }

  /** Fits the arrays to new bounds, after what does not fit them was evicted. */
  protected fit(): void {
    this.shrink();
    // The rows follow the limit; live slots may stand above a lower one.
    const rows = this.#rows();
    if (this.used > rows) this.#renumber(this.capacity);
    else if (this.hot.length !== 2 * rows) this.#resize(this.capacity, undefined);
  }

  /** After a deletion: shrinks, but so rarely that it costs each deletion a constant time. */
  shrinkLater(): void {
    if (this.capacity > 64 && this.size * 8 < this.capacity) this.shrink();
  }

  /** Gives memory back when the store holds less than a quarter of what it has room for. Linear in `used`. */
  shrink(): void {
    if (this.capacity <= 64 || this.size * 4 >= this.capacity) return;
    if (this.size === 0) {
      this.reset();
      return;
    }
    let capacity = INITIAL;
    while (capacity < 2 * this.size + 2) capacity *= 2;
    this.#renumber(capacity);
  }

  /** Closes the gaps between live slots, in arrays for `capacity`. */
  #renumber(capacity: number): void {
    const rename = new Int32Array(this.hot.length >> 1);
    const { keys, values, hot, sizes, ttls, freshUntil } = this;
    let used = 1;
    for (let slot = 1; slot < this.used; slot++) {
      if (hot[2 * slot] === 0) continue;
      rename[slot] = used;
      keys[used] = keys[slot];
      values[used] = values[slot];
      hot[2 * used] = hot[2 * slot] as number;
      hot[2 * used + 1] = hot[2 * slot + 1] as number;
      if (sizes !== undefined) sizes[used] = sizes[slot] as number;
      if (ttls !== undefined) ttls[used] = ttls[slot] as number;
      if (freshUntil !== undefined) freshUntil[used] = freshUntil[slot] as number;
      used++;
    }
    keys.length = used;
    // A new array, as V8 may keep the storage of a shortened one.
    this.values = values.slice(0, used);
    this.used = used;
    this.order.rename(rename);
    this.plan?.reset();
    this.#resize(capacity, rename);
  }

  /** A free slot, after those in use if need be. */
  protected take(): number {
    const slot = this.takeQuickly();
    if (slot !== 0) return slot;
    if (this.used === this.#rows()) this.#resize(this.capacity * 2, undefined);
    else this.#makeReady();
    return this.used++;
  }

  /** A free slot that can be had without moving anything, or 0. */
  protected takeQuickly(): number {
    const free = this.order.takeFree();
    if (free !== 0) return free;
    return 2 * this.used === this.hot.length || this.used >= this.#readyFrom ? 0 : this.used++;
  }

  /** Has memory for twice as many slots at hand when it is needed; see `memory.ts`. */
  #makeReady(): void {
    const from = this.#readyFrom;
    const next = 2 * this.capacity;
    const rows = Math.min(next, this.#limit() + 1);
    if (this.used === from) {
      this.#memory.reserve([16 * rows, ...KeyIndex.sizes(next), ...OrderLog.sizes(rows)]);
    }
    this.#memory.touch((this.used - from) / (this.capacity - from));
  }

  /** Slots in the arrays: no more than the limit needs, though the index wants a power of two. */
  #rows(): number {
    return Math.min(this.capacity, this.#limit() + 1);
  }

  #limit(): number {
    return Math.min(this.maxEntries, MAX_SLOTS - 1);
  }

  #resize(capacity: number, rename: Int32Array | undefined): void {
    this.capacity = capacity;
    const rows = this.#rows();
    this.hot = copyOf(this.hot, this.#memory.float64(2 * rows));
    const column = (from: Float64Array): Float64Array => copyOf(from, new Float64Array(rows));
    if (this.sizes !== undefined) this.sizes = column(this.sizes);
    if (this.ttls !== undefined) this.ttls = column(this.ttls);
    if (this.freshUntil !== undefined) this.freshUntil = column(this.freshUntil);
    this.order.resize(rows);
    this.s3?.resize(rows, rename);
    // Reading every key again is dear: only at 64 entries and at every fourth doubling from there.
    const choose = rename === undefined && capacity >= 64 && Math.log2(capacity / 64) % 4 === 0;
    this.index.rebuild(capacity, this.used, this.hot, choose, rename);
    this.#memory.drop();
    const grows = capacity >= READY_ABOVE && rows === capacity;
    this.#readyFrom = grows ? capacity - (capacity >> 3) : Number.POSITIVE_INFINITY;
  }

  /** Enters all keys anew, by characters that tell them apart better. */
  protected chooseProbes(): void {
    this.index.rebuild(this.capacity, this.used, this.hot, true);
  }
}

function copyOf(from: Float64Array, to: Float64Array): Float64Array {
  to.set(from.length <= to.length ? from : from.subarray(0, to.length));
  return to;
}
