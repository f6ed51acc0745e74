/**
 * The engine of the caches: entries in slots, and what happens to them.
 *
 * Key, value, size and order live in arrays indexed by slot (1 and up; 0 means none). `hot` holds the two
 * numbers a hit needs side by side: `hot[2 * slot]` is the stamp (LRU: when it was used; S3-FIFO: how often;
 * 0: the slot is free) and `hot[2 * slot + 1]` the deadline (Infinity: none). What a `get` does is a look-up
 * and one store. See `docs/design/cache.md`.
 *
 * Fields are public to the modules of this folder and stay inside it. Methods leave the store consistent;
 * removed entries wait in `removals` until the public method that caused them calls `settle`.
 */

import { native } from '../native';
import { isTimeFaked, STANDING, TIMELESS, type Ticker, tickerFor } from './clock';
import { KeyIndex } from './key-index';
import { LruPlan } from './lru-plan';
import { Memory } from './memory';
import { OrderCursor, OrderLog } from './order-log';
import { type RemovalReason, Removals } from './removals';
import { S3Fifo } from './s3-fifo';
import { validateStore } from './store-check';
import { Sweep } from './sweep';

/** Slots at the start: an empty cache costs 4.6 KB (10 KB with S3-FIFO, which has a ghost list). */
const INITIAL = 16;
/** The most slots a store can have: the bits of an index word must leave room for the hash. */
export const MAX_SLOTS = 2 ** 26;

/** Slots from which memory is made ready ahead of growth. */
const READY_ABOVE = 2 ** 15;

/** What a store is made of; validated by `options.ts`. */
export interface StoreOptions<K, V> {
  maxEntries: number;
  maxBytes: number;
  policy: 'lru' | 's3-fifo';
  /** Whether `sizes` are kept. */
  sized: boolean;
  /** Whether the time to live of each entry is kept. */
  keepTtl: boolean;
  /** The usual time to live, ms: it decides how fine the clock must be. */
  ttl: number;
  ticker: Ticker;
  ttlResolution: number;
  /** Whether the clock was injected: then fake timers change nothing. */
  injected: boolean;
  onRemove: ((value: V, key: K, reason: RemovalReason) => void) | undefined;
}

/** Plain counters, reset together. */
export interface Counters {
  misses: number;
  sets: number;
  rejected: number;
  evicted: number;
  expired: number;
  deleted: number;
  replaced: number;
  cleared: number;
}

export function zeroCounters(): Counters {
  return { misses: 0, sets: 0, rejected: 0, evicted: 0, expired: 0, deleted: 0, replaced: 0, cleared: 0 };
}

export class Store<K, V> {
  readonly keys: (K | undefined)[] = [];
  readonly index: KeyIndex<K>;
  readonly order: OrderLog;
  readonly plan: LruPlan | undefined;
  readonly s3: S3Fifo | undefined;
  readonly removals: Removals<K, V>;
  /** Whether anybody wants to know what is removed. */
  readonly notify: boolean;
  readonly sweep: Sweep<K, V>;
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
  /** Whether any entry has ever had a deadline: until then no time is read. */
  timed = false;
  /** No deadline is earlier; Infinity when none is set. */
  earliest = Number.POSITIVE_INFINITY;
  ticker: Ticker;
  /** The ticker's word, one load away. */
  word: Float64Array;
  /**
   * What `get` compares deadlines with: the word, or one that always stands where more has to be asked, or a
   * timeless one while no entry has ever had a deadline.
   */
  gate: Float64Array = TIMELESS;
  readonly #keepTtl: boolean;
  readonly injected: boolean;
  readonly ttlResolution: number;
  /** The last stamp given; with `stamped` it also counts hits, so that a hit need not. */
  clock = 0;
  /** Stamps given for other reasons than a hit. */
  stamped = 0;
  counters: Counters = zeroCounters();
  #shortestTtl: number;
  readonly #memory = new Memory();
  /** From this slot on, memory is made ready for more. */
  #readyFrom = Number.POSITIVE_INFINITY;

  constructor(options: StoreOptions<K, V>) {
    this.maxEntries = options.maxEntries;
    this.maxBytes = options.maxBytes;
    this.#shortestTtl = options.ttl;
    this.ticker = options.ticker;
    this.word = options.ticker.word;
    this.#keepTtl = options.keepTtl;
    this.injected = options.injected;
    this.ttlResolution = options.ttlResolution;
    const rows = this.#rows();
    this.hot = new Float64Array(2 * rows);
    this.sizes = options.sized ? new Float64Array(rows) : undefined;
    this.ttls = options.keepTtl ? new Float64Array(rows) : undefined;
    this.index = new KeyIndex(this.capacity, this.keys, this.#memory);
    this.order = new OrderLog(rows, this.#memory);
    this.plan = options.policy === 'lru' ? new LruPlan() : undefined;
    this.s3 = options.policy === 's3-fifo' ? new S3Fifo(rows, this.#limit()) : undefined;
    this.removals = new Removals(options.onRemove);
    this.notify = options.onRemove !== undefined;
    this.sweep = new Sweep(this);
  }

  /** The current time: the shared word while it runs and is to be trusted, the source itself otherwise. */
  now(): number {
    if (!this.injected && isTimeFaked()) return Date.now();
    const now = this.word[0] as number;
    return now === Number.POSITIVE_INFINITY ? this.ticker.start() : now;
  }

  /** The exact time, for `remainingTtl` and new deadlines. */
  exactNow(): number {
    return !this.injected && isTimeFaked() ? Date.now() : this.ticker.start();
  }

  /** Whether the entry must not be returned any more; it may still be kept to be served stale. */
  isExpired(slot: number): boolean {
    return this.freshEnd(slot) <= this.now();
  }

  /** The live slots of entries that may be returned, in insertion order, while the caller changes the cache. */
  *fresh(): Generator<number> {
    const cursor = new OrderCursor(this.order);
    for (let slot = cursor.next(); slot !== 0; slot = cursor.next()) {
      if (!this.timed || !this.isExpired(slot)) yield slot;
    }
  }

  /** The live slots, the one to be evicted last first. */
  byRank(): number[] {
    if (this.s3 !== undefined) return [...this.s3.byRank()];
    const slots = new Uint32Array(this.size);
    return Array.from(slots.subarray(0, native.slotsByRecency(this.hot, this.used, slots)));
  }

  /** The slot of an entry that may be returned, or 0; an expired one stays where it is. */
  findFresh(key: K): number {
    const slot = this.index.find(key);
    return slot === 0 || (this.timed && this.isExpired(slot)) ? 0 : slot;
  }

  /** Until when an entry may be returned, were it not for stale answers. */
  freshEnd(slot: number): number {
    const deadline = this.hot[2 * slot + 1] as number;
    return this.freshUntil === undefined ? deadline : Math.min(this.freshUntil[slot] as number, deadline);
  }

  /** Keeps an entry beyond its time to live, to be served stale. */
  keepStale(slot: number, freshUntil: number): void {
    this.freshUntil ??= new Float64Array(this.hot.length >> 1).fill(Number.POSITIVE_INFINITY);
    this.freshUntil[slot] = freshUntil;
    this.gate = STANDING;
  }

  /** Entries with a time to live this short need the fine clock. */
  useTtl(ttl: number): void {
    if (this.injected || ttl >= this.#shortestTtl) return;
    this.#shortestTtl = ttl;
    this.ticker = tickerFor(ttl);
    this.word = this.ticker.word;
    if (this.timed && this.gate !== STANDING) this.gate = this.word;
  }

  /** From now on deadlines are looked at: an entry is about to get one. */
  useTime(): void {
    if (this.timed) return;
    this.timed = true;
    this.gate = this.#keepTtl ? STANDING : this.word;
  }

  /** The live slot of `key`, or 0; an expired entry is released. */
  lookUp(key: K): number {
    const slot = this.index.find(key);
    if (slot === 0 || !this.timed || !this.isExpired(slot)) return slot;
    this.remove(slot, 'expired');
    return 0;
  }

  /** Records a use. The cache's `get` has a copy of this, because it is the hot path. */
  touch(slot: number): void {
    const { hot } = this;
    if (this.s3 === undefined) hot[2 * slot] = ++this.clock;
    else {
      this.clock++;
      const uses = hot[2 * slot] as number;
      if (uses < 4) hot[2 * slot] = uses + 1;
    }
  }

  /** Gives a slot a new stamp without counting a hit. */
  stamp(slot: number): void {
    this.touch(slot);
    this.stamped++;
  }

  /** Hits since the counters were reset. */
  get hits(): number {
    return this.clock - this.stamped;
  }

  resetCounters(): void {
    this.counters = zeroCounters();
    // `clock` must go on growing.
    this.stamped = this.clock;
  }

  /** Adds an entry under a key that has none, making room first. */
  add(key: K, value: V, size: number, deadline: number): number {
    let slot = 0;
    if (this.size >= this.maxEntries || this.bytes + size > this.maxBytes) slot = this.#vacate(size);
    if (slot === 0) {
      slot = this.#take();
      this.size++;
    }
    this.values[slot] = value;
    const spilled = this.index.insert(key, slot);
    if (this.sizes !== undefined) this.sizes[slot] = size;
    this.bytes += size;
    this.order.append(slot);
    if (this.s3 === undefined) this.hot[2 * slot] = ++this.clock;
    else {
      this.clock++;
      this.hot[2 * slot] = 1;
      this.s3.inserted(slot, key);
    }
    this.stamped++;
    this.hot[2 * slot + 1] = deadline;
    if (this.freshUntil !== undefined) this.freshUntil[slot] = Number.POSITIVE_INFINITY;
    if (deadline < this.earliest) this.sweep.expect(deadline);
    if (spilled && this.index.wantsProbes) this.#chooseProbes();
    return slot;
  }

  /**
   * Makes room for one entry. In the usual case, a full LRU cache in which nothing has expired, the new entry takes
   * over the slot of the one it evicts, and that slot is returned; 0 stands for any free slot.
   */
  #vacate(size: number): number {
    const { plan } = this;
    const usual = plan !== undefined && this.sizes === undefined && this.size === this.maxEntries;
    if (usual && !(this.timed && this.#mayHaveExpired())) {
      const slot = plan.victim(this.hot, this.used);
      this.counters.evicted++;
      if (this.notify) this.removals.add(this.values[slot] as V, this.keys[slot] as K, 'evicted');
      this.index.remove(slot);
      return slot;
    }
    this.evictTo(this.maxEntries - 1, this.maxBytes - size, 0);
    return 0;
  }

  /** The word is infinite while the clock stands: then it has to be asked. */
  #mayHaveExpired(): boolean {
    return this.earliest <= (this.word[0] as number) || isTimeFaked();
  }

  setDeadline(slot: number, deadline: number): void {
    this.hot[2 * slot + 1] = deadline;
    if (this.freshUntil !== undefined) this.freshUntil[slot] = Number.POSITIVE_INFINITY;
    if (deadline < this.earliest) this.sweep.expect(deadline);
  }

  /** Prolongs an entry's life; one that is kept to be served stale is so as long as before. */
  renew(slot: number, freshUntil: number): void {
    const before = this.freshUntil?.[slot] ?? Number.POSITIVE_INFINITY;
    if (before === Number.POSITIVE_INFINITY) this.setDeadline(slot, freshUntil);
    else {
      this.setDeadline(slot, freshUntil + (this.hot[2 * slot + 1] as number) - before);
      this.keepStale(slot, freshUntil);
    }
  }

  /** Changes an entry's size; the caller makes room. */
  setSize(slot: number, size: number): void {
    if (this.sizes === undefined) return;
    this.bytes += size - (this.sizes[slot] as number);
    this.sizes[slot] = size;
  }

  sizeOf(slot: number): number {
    return this.sizes === undefined ? 0 : (this.sizes[slot] as number);
  }

  /** Takes an entry out and reports why. */
  remove(slot: number, reason: RemovalReason): void {
    this.counters[reason]++;
    this.#release(slot, reason);
  }

  /** Takes out the first `count` of `slots`, which have expired. */
  expire(slots: Uint32Array, count: number): void {
    // Where nobody has to be told, Rust does most of it.
    if (this.notify || this.sizes !== undefined || this.s3 !== undefined) {
      for (let i = 0; i < count; i++) this.remove(slots[i] as number, 'expired');
      return;
    }
    const { keys, values, order } = this;
    this.index.removeMany(slots, count, this.hot);
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number;
      keys[slot] = undefined;
      values[slot] = undefined;
      order.remove(slot);
    }
    this.counters.expired += count;
    this.size -= count;
  }

  /** Empties a slot. */
  #release(slot: number, reason: RemovalReason): void {
    const { keys, values, hot } = this;
    if (this.notify) this.removals.add(values[slot] as V, keys[slot] as K, reason);
    this.index.remove(slot);
    keys[slot] = undefined;
    values[slot] = undefined;
    this.order.remove(slot);
    hot[2 * slot] = 0;
    hot[2 * slot + 1] = Number.POSITIVE_INFINITY;
    if (this.s3 !== undefined) this.s3.removed(slot);
    if (this.sizes !== undefined) this.#forgetSize(this.sizes, slot);
    this.size--;
  }

  #forgetSize(sizes: Float64Array, slot: number): void {
    // Without the last one there are none, whatever fractional sizes have left by rounding.
    this.bytes = this.size === 1 ? 0 : this.bytes - (sizes[slot] as number);
    sizes[slot] = 0;
  }

  /** Evicts until at most so many entries and bytes are left. `keep` is not evicted. */
  evictTo(entries: number, bytes: number, keep: number): void {
    while (this.size > 0 && (this.size > entries || this.bytes > bytes)) {
      // Expired entries go first.
      if (this.timed && this.#mayHaveExpired() && this.#expireSome(keep)) continue;
      if (keep !== 0 && this.size === 1) {
        // Alone it fits: only rounding of fractional sizes says otherwise.
        this.bytes = this.sizeOf(keep);
        return;
      }
      const slot = this.victim(keep);
      if (slot === 0) return;
      this.counters.evicted++;
      this.#release(slot, 'evicted');
    }
  }

  #expireSome(keep: number): boolean {
    try {
      return this.earliest <= this.now() && this.sweep.someNow(keep);
    } catch {
      // An injected clock that fails must not stop an eviction half-way.
      return false;
    }
  }

  /** Whom the policy would evict next. */
  victim(keep: number): number {
    const { hot, used, plan, s3 } = this;
    if (s3 !== undefined) return s3.victim(hot, this.size, keep);
    // LRU needs no `keep`: what is to be kept has just been stamped.
    return (plan as LruPlan).victim(hot, used);
  }

  /** Removes everything. */
  clear(): void {
    if (this.notify) {
      for (const slot of this.slots()) {
        this.removals.add(this.values[slot] as V, this.keys[slot] as K, 'cleared');
      }
    }
    this.counters.cleared += this.size;
    this.#reset();
  }

  /** Empties the arrays, whatever is in them, and begins with small ones. */
  #reset(): void {
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

  /** Runs the callbacks of what was removed. Every public method that can remove ends with this. */
  settle(): void {
    if (this.removals.pending) this.removals.run();
  }

  /** Live slots in insertion order, expired ones included. */
  slots(): number[] {
    return this.order.slots();
  }

  setLimits(maxEntries: number, maxBytes: number): void {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
    this.s3?.setLimit(this.#limit());
    this.evictTo(maxEntries, maxBytes, 0);
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
      this.#reset();
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

  #take(): number {
    const free = this.order.takeFree();
    if (free !== 0) return free;
    if (this.used === this.#rows()) this.#resize(this.capacity * 2, undefined);
    else if (this.used >= this.#readyFrom) this.#makeReady();
    return this.used++;
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

  #chooseProbes(): void {
    this.index.rebuild(this.capacity, this.used, this.hot, true);
  }

  /** Checks every invariant; for tests. */
  validate(): void {
    validateStore(this);
  }
}

function copyOf(from: Float64Array, to: Float64Array): Float64Array {
  to.set(from.length <= to.length ? from : from.subarray(0, to.length));
  return to;
}
