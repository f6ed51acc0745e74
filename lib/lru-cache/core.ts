/**
 * What an `LRUCache` does to its entries, on plateau's engine: an entry is a slot of the store, its recency a stamp, its
 * start and TTL are kept by `age.ts`.
 *
 * lru-cache calls `dispose` while the entry is still there, and so does this. A callback may call anything: after each
 * of them, and after an abort (whose listeners are callbacks too), the slot is looked up again by its key, so that the
 * store stays consistent whatever was done meanwhile.
 */

import { tickerFor } from '../cache/clock';
import { MAX_SLOTS } from '../cache/rows';
import { Store } from '../cache/store';
import { Age, NEVER } from './age';
import type { LRUCache } from './cache';
import { metrics } from './channels';
import { Disposal } from './disposal';
import { measure, refuseSize } from './measure';
import type { Settings } from './read-options';
import type { LruDisposeReason, LruStatus } from './status';
import type { BackgroundFetch, LruFetcherFetchOptions, LruInsertReason, LruSetOptions } from './types';
import { Walk } from './walk';

type Defined = NonNullable<unknown>;
type Held<V> = V | BackgroundFetch<V>;
type SetOptions<K, V, FC> = Omit<LruSetOptions<K, V, FC> & LruFetcherFetchOptions<K, V, FC>, 'status'>;

export class Core<K extends Defined, V extends Defined, FC> {
  readonly owner: LRUCache<K, V, FC>;
  readonly settings: Settings<K, V, FC>;
  readonly store: Store<K, Held<V>>;
  /** Whether anything has to be done for a value that leaves. */
  readonly watched: boolean;
  /** Whether nothing but key, value and time matters when a value is set. */
  readonly plain: boolean;
  /** Made when the first entry with a time to live is set. */
  age: Age<K, Held<V>> | undefined;
  readonly disposal: Disposal<K, V>;

  constructor(owner: LRUCache<K, V, FC>, settings: Settings<K, V, FC>) {
    this.owner = owner;
    this.settings = settings;
    const { max, maxEntrySize, dispose, disposeAfter, fetchMethod, onInsert } = settings;
    this.store = new Store<K, Held<V>>({
      maxEntries: Math.min(max || MAX_SLOTS, MAX_SLOTS - 1),
      // Sizes are bounded here, since evicting has to call back.
      maxBytes: Number.POSITIVE_INFINITY,
      policy: 'lru',
      sized: maxEntrySize !== 0,
      keepTtl: false,
      ttl: NEVER,
      ticker: tickerFor(NEVER),
      ttlResolution: NEVER,
      injected: false,
      onRemove: undefined,
    });
    this.store.earliest = Number.NEGATIVE_INFINITY;
    this.watched = (dispose ?? disposeAfter ?? fetchMethod) !== undefined;
    this.plain = !this.watched && onInsert === undefined && maxEntrySize === 0;
    this.disposal = new Disposal(dispose, disposeAfter);
  }

  /** Whether it is a fetch under way. */
  isFetch(value: unknown): value is BackgroundFetch<V> {
    return (
      this.settings.fetchMethod !== undefined &&
      value instanceof Promise &&
      Object.hasOwn(value, '__staleWhileFetching') &&
      (value as BackgroundFetch<V>).__abortController instanceof AbortController
    );
  }

  /** The value to show for what is held. */
  shown(value: Held<V> | undefined): V | undefined {
    return this.isFetch(value) ? value.__staleWhileFetching : value;
  }

  isStale(slot: number): boolean {
    return this.age?.isStale(slot) ?? false;
  }

  /** Sets a value where key, value and time are all there is to it: see `plain`. */
  put(key: K, value: V, ttl: number, start: number | undefined, keepAge: boolean): void {
    const { store } = this;
    const found = store.index.justMissed(key) ? 0 : store.index.find(key);
    const slot = found === 0 ? store.add(key, value, 0, NEVER) : this.#overwrite(found, value);
    if (this.age === undefined && ttl === 0) return;
    const age = this.age ?? this.startAging();
    if (found === 0 || !keepAge) age.assign(slot, ttl, start);
  }

  #overwrite(slot: number, value: V): number {
    this.store.values[slot] = value;
    this.store.stamp(slot);
    return slot;
  }

  /** Sets a value or a fetch. `resolved` is the fetch that this is the result of. */
  set(
    key: K,
    value: Held<V> | undefined,
    options: SetOptions<K, V, FC>,
    status?: LruStatus<K, V, FC>,
    resolved?: BackgroundFetch<V>,
  ): void {
    const { owner, store } = this;
    if (value === undefined) {
      if (status) status.set = 'deleted';
      owner.delete(key);
      return;
    }
    const { ttl = owner.ttl, start, noDisposeOnSet = owner.noDisposeOnSet } = options;
    const { sizeCalculation = owner.sizeCalculation, noUpdateTTL = owner.noUpdateTTL } = options;
    const isFetch = this.isFetch(value);
    if (status && !isFetch) status.value = value;
    const { size: given } = options;
    const size =
      store.sizes === undefined
        ? refuseSize(given, sizeCalculation)
        : // What a fetch resolves to is measured then.
          measure(key, value as V, given, isFetch ? owner.backgroundFetchSize : undefined, sizeCalculation);
    if (owner.maxEntrySize && size > owner.maxEntrySize) {
      this.delete(key, 'set');
      if (status) {
        status.set = 'miss';
        status.maxEntrySizeExceeded = true;
      }
      return;
    }
    const found = store.index.find(key);
    let slot = found && this.#update(found, key, value, size, noDisposeOnSet, status, resolved);
    const isNew = slot === 0;
    if (isNew) slot = this.#add(key, value, size, status);
    if (slot !== 0 && (ttl !== 0 || this.age !== undefined)) {
      const age = this.age ?? this.startAging();
      if (isNew || !noUpdateTTL) age.assign(slot, ttl, start);
      if (status) age.describe(slot, status);
    }
    if (!noDisposeOnSet) this.disposal.flush();
  }

  /** From now on entries can get stale. */
  startAging(): Age<K, Held<V>> {
    const { store, owner, settings } = this;
    const expire = (key: K, now: number): void => {
      const slot = store.index.find(key);
      if (slot !== 0 && this.age?.isStaleAt(slot, now)) this.delete(key, 'expire');
    };
    this.age = new Age<K, Held<V>>(store, owner, settings.perf, expire);
    return this.age;
  }

  /**
   * Where the entry is now that was in `slot` with that stamp, 0 if nowhere: callbacks may have done anything. Most have
   * not, and since no two entries ever have the same stamp, it tells so without a look-up.
   */
  #again(slot: number, stamp: number, key: K): number {
    return this.store.hot[2 * slot] === stamp ? slot : this.store.index.find(key);
  }

  /** The slot of the new entry, or 0 if it did not stay. */
  #add(key: K, value: Held<V>, size: number, status: LruStatus<K, V, FC> | undefined): number {
    const { store } = this;
    const { clock } = store;
    while (store.size >= store.maxEntries && this.evict() !== undefined);
    // A callback may have set the key meanwhile, which would have given a stamp: then the last value wins.
    let slot = store.clock === clock ? 0 : store.index.find(key);
    if (slot === 0) slot = store.add(key, value, 0, NEVER);
    else store.values[slot] = value;
    slot = this.#fit(slot, key, size, status);
    if (status) status.set = 'add';
    return this.#inserted(slot, key, value, 'add');
  }

  /** The slot of the entry, or 0 if it was removed by callbacks. */
  #update(
    found: number,
    key: K,
    value: Held<V>,
    size: number,
    noDisposeOnSet: boolean,
    status: LruStatus<K, V, FC> | undefined,
    resolved: BackgroundFetch<V> | undefined,
  ): number {
    const { store } = this;
    const old = store.values[found] as Held<V>;
    store.stamp(found);
    let slot = found;
    if (value !== old) {
      if (this.watched && !noDisposeOnSet) slot = this.#replace(slot, key, old, value, resolved);
      if (slot !== 0) slot = this.#fit(slot, key, size, status);
      if (slot === 0) return 0;
      store.values[slot] = value;
    }
    const shown = this.shown(old);
    const reason = shown === undefined ? 'add' : value === shown ? 'update' : 'replace';
    if (status && !this.isFetch(value)) {
      status.set = reason;
      if (shown !== undefined && value !== old) status.oldValue = shown;
    }
    return this.#inserted(slot, key, value, reason);
  }

  #inserted(slot: number, key: K, value: Held<V>, reason: LruInsertReason): number {
    const { onInsert } = this.settings;
    if (onInsert === undefined || this.isFetch(value)) return slot;
    const stamp = this.store.hot[2 * slot] as number;
    onInsert(value, key, reason);
    return this.#again(slot, stamp, key);
  }

  /** Announces that the old value leaves; where the entry is then. */
  #replace(
    slot: number,
    key: K,
    old: Held<V>,
    value: Held<V>,
    resolved: BackgroundFetch<V> | undefined,
  ): number {
    const { clock } = this.store;
    // Setting over a fetch ends it; resolving it does not.
    if (this.isFetch(old) && old !== resolved) old.__abortController.abort(new Error('replaced'));
    const shown = this.shown(old);
    if (shown !== undefined && shown !== value) this.disposal.announce(shown, key, 'set');
    // It has just been used.
    return this.#again(slot, clock, key);
  }

  /** Gives the entry its size, having made room for it. If it can never fit, it is evicted too; where it is then. */
  #fit(slot: number, key: K, size: number, status: LruStatus<K, V, FC> | undefined): number {
    const { store, settings } = this;
    if (store.sizes === undefined) return slot;
    const before = store.sizeOf(slot);
    const stamp = store.hot[2 * slot] as number;
    store.setSize(slot, 0);
    let now = slot;
    try {
      if (settings.maxSize) while (store.bytes > settings.maxSize - size && this.evict() !== undefined);
    } finally {
      now = this.#again(slot, stamp, key);
      const fits = (bytes: number): boolean => !settings.maxSize || store.bytes <= settings.maxSize - bytes;
      // Without room for it, a new entry must not stay, and an old one is as it was, unless callbacks took that room too.
      if (now !== 0 && (fits(size) || (before !== 0 && fits(before)))) {
        store.setSize(now, fits(size) ? size : before);
      } else if (now !== 0) {
        store.remove(now, 'deleted');
        now = 0;
      }
    }
    if (status) {
      status.entrySize = size;
      status.totalCalculatedSize = store.bytes;
    }
    return now;
  }

  /** Evicts the least recently used entry and returns what it held; `undefined` when there is none. */
  evict(): Held<V> | undefined {
    const { store } = this;
    const slot = store.victim(0);
    if (slot === 0) return undefined;
    const value = store.values[slot] as Held<V>;
    if (!this.watched) {
      store.remove(slot, 'evicted');
      return value;
    }
    const key = store.keys[slot] as K;
    const stamp = store.hot[2 * slot] as number;
    try {
      if (this.isFetch(value)) value.__abortController.abort(new Error('evicted'));
      const shown = this.shown(value);
      if (shown !== undefined) this.disposal.announce(shown, key, 'evict');
    } catch (error) {
      // It stays, and has to be the first of the next plan.
      store.plan?.reset();
      throw error;
    }
    const now = this.#again(slot, stamp, key);
    if (now !== 0) store.remove(now, 'evicted');
    return value;
  }

  /** Removes an entry; whether there was one. */
  delete(key: K, reason: LruDisposeReason): boolean {
    const { store, owner } = this;
    if (metrics.hasSubscribers) metrics.publish({ op: 'delete', delete: reason, key, cache: owner });
    const slot = store.index.find(key);
    if (slot !== 0) {
      let now = slot;
      if (this.watched) {
        const stamp = store.hot[2 * slot] as number;
        this.#release(store.values[slot] as Held<V>, key, reason);
        now = this.#again(slot, stamp, key);
      }
      if (now !== 0) store.remove(now, 'deleted');
      store.shrinkLater();
    }
    this.disposal.flush();
    return slot !== 0;
  }

  #release(value: Held<V>, key: K, reason: LruDisposeReason): void {
    if (this.isFetch(value)) value.__abortController.abort(new Error('deleted'));
    else this.disposal.announce(value, key, reason);
  }

  /** Removes everything. */
  clear(reason: LruDisposeReason): void {
    const { store } = this;
    if (this.watched) {
      const walk = new Walk(store, false);
      for (let slot = walk.next(); slot !== 0; slot = walk.next()) {
        this.#release(store.values[slot] as Held<V>, store.keys[slot] as K, reason);
      }
    }
    this.age?.reset();
    store.clear();
    store.earliest = Number.NEGATIVE_INFINITY;
    this.disposal.flush();
  }

  /** Checks every invariant; for tests. */
  validate(): void {
    const { store, settings } = this;
    store.validate();
    const fail = (what: string): never => {
      throw new Error(`invalid cache: ${what}`);
    };
    if (store.timed || store.earliest !== Number.NEGATIVE_INFINITY) fail("the engine's expiry is on");
    if (settings.max !== 0 && store.size > settings.max) fail(`${store.size} entries, max ${settings.max}`);
    if (settings.maxSize && store.bytes > settings.maxSize) fail(`${store.bytes} in size`);
    for (const slot of store.slots()) {
      if (store.values[slot] === undefined) fail(`slot ${slot} holds nothing`);
      if (this.age === undefined && store.hot[2 * slot + 1] !== NEVER) fail(`slot ${slot} has a start`);
    }
  }
}
