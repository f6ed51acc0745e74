/**
 * The engine of the caches: entries in slots, and what happens to them. Where they are is in `rows.ts`. What a `get` does
 * is a look-up and one store. See `docs/design/cache.md`.
 *
 * Fields are public to the modules of this folder and stay inside it. Methods leave the store consistent;
 * removed entries wait in `removals` until the public method that caused them calls `settle`.
 */

import { native } from '../native';
import { isTimeFaked, STANDING, TIMELESS, type Ticker, tickerFor } from './clock';
import type { LruPlan } from './lru-plan';
import { OrderCursor } from './order-log';
import { type RemovalReason, Removals } from './removals';
import { MAX_SLOTS, type RowOptions, Rows } from './rows';
import { validateStore } from './store-check';
import { Sweep } from './sweep';

/** What a store is made of; validated by `options.ts`. */
export interface StoreOptions<K, V> extends RowOptions {
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

export class Store<K, V> extends Rows<K, V> {
  readonly removals: Removals<K, V>;
  /** Whether anybody wants to know what is removed. */
  readonly notify: boolean;
  readonly sweep: Sweep<K, V>;
  /** Whether any entry has ever had a deadline: until then no time is read. */
  timed = false;
  ticker: Ticker;
  /** The ticker's word, one load away. */
  word: Float64Array;
  /**
   * What `get` compares deadlines with: the word, or one that always stands where more has to be asked, or a
   * timeless one while no entry has ever had a deadline.
   */
  gate: Float64Array = TIMELESS;
  /** Nothing is kept of an entry but key, value, stamp and deadline. */
  readonly usual: boolean;
  readonly injected: boolean;
  readonly ttlResolution: number;
  /** The last stamp given; with `stamped` it also counts hits, so that a hit need not. */
  clock = 0;
  /** Stamps given for other reasons than a hit. */
  stamped = 0;
  counters: Counters = zeroCounters();
  #shortestTtl: number;

  constructor(options: StoreOptions<K, V>) {
    super(options);
    this.#shortestTtl = options.ttl;
    this.ticker = options.ticker;
    this.word = options.ticker.word;
    this.usual = this.sizes === undefined && this.ttls === undefined;
    this.injected = options.injected;
    this.ttlResolution = options.ttlResolution;
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
    this.gate = this.ttls === undefined ? this.word : STANDING;
  }

  /** The live slot of `key`, or 0; an expired entry is released. */
  lookUp(key: K): number {
    const slot = this.index.find(key);
    return slot === 0 ? 0 : this.releaseExpired(slot);
  }

  /** The slot, or 0 where its entry had expired and is released. */
  releaseExpired(slot: number): number {
    if (!this.timed || !this.isExpired(slot)) return slot;
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
      slot = this.take();
      this.size++;
    }
    this.values[slot] = value;
    const spilled = this.index.insert(key, slot);
    if (this.sizes !== undefined) this.sizes[slot] = size;
    this.bytes += size;
    this.#begin(slot, key, deadline);
    if (spilled && this.index.wantsProbes) this.chooseProbes();
    return slot;
  }

  /**
   * `add` where nearly every `set` ends: in a store of the `usual` kind, which has or can have a slot at once, at the
   * place that `index.locate` gave. `false` if not, and nothing has changed.
   */
  addQuickly(key: K, value: V, deadline: number, place: number): boolean {
    let slot: number;
    if (this.size === this.maxEntries) {
      if (this.timed && this.#mayHaveExpired()) return false;
      slot = this.#takeOver();
    } else {
      slot = this.takeQuickly();
      if (slot === 0) return false;
      this.size++;
    }
    this.values[slot] = value;
    this.index.enter(key, slot, place);
    this.#begin(slot, key, deadline);
    return true;
  }

  /** What a new entry begins with: last in the order, used now, its deadline. */
  #begin(slot: number, key: K, deadline: number): void {
    this.order.append(slot);
    this.clock++;
    this.stamped++;
    this.hot[2 * slot] = this.s3 === undefined ? this.clock : 1;
    if (this.s3 !== undefined) this.s3.inserted(slot, key);
    this.setDeadline(slot, deadline);
  }

  /**
   * Makes room for one entry. In the usual case, a full cache in which nothing has expired, the new entry takes over the
   * slot of the one it evicts, and that slot is returned; 0 stands for any free slot.
   */
  #vacate(size: number): number {
    const usual = this.sizes === undefined && this.size === this.maxEntries;
    if (usual && !(this.timed && this.#mayHaveExpired())) return this.#takeOver();
    this.evictTo(this.maxEntries - 1, this.maxBytes - size, 0);
    return 0;
  }

  /** Evicts one entry; whoever calls this puts another into its slot, and nothing else before. */
  #takeOver(): number {
    const slot = this.victim(0);
    this.counters.evicted++;
    if (this.notify) this.removals.add(this.values[slot] as V, this.keys[slot] as K, 'evicted');
    this.index.remove(slot);
    if (this.s3 !== undefined) this.s3.removed(slot);
    return slot;
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
    this.reset();
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
    this.s3?.setLimit(Math.min(maxEntries, MAX_SLOTS - 1));
    this.evictTo(maxEntries, maxBytes, 0);
    this.fit();
  }

  /** Checks every invariant; for tests. */
  validate(): void {
    validateStore(this);
  }
}
