/**
 * Times to live, as lru-cache has them: an entry is stale once more than its TTL has passed since its start, and stays
 * until somebody removes it. The engine has deadlines and removes what is past them, so its own expiry stays off
 * (`earliest` is kept at -Infinity: no deadline is ever news), and the word of a slot that holds a deadline there
 * holds the *start* here: Infinity for an entry that never gets stale.
 *
 * TTLs are stored per slot only once two of them differ, so that a hit usually touches one cache line.
 */

import type { Store } from '../cache/store';
import { Autopurge } from './autopurge';
import type { LRUCache } from './cache';
import { StartClock } from './clock';
import type { LruStatus } from './status';
import type { Perf } from './types';

/** The start of an entry that never gets stale. */
export const NEVER = Number.POSITIVE_INFINITY;

/** The settings that may change, read from the cache when needed. */
type Owner = Pick<LRUCache<NonNullable<unknown>, NonNullable<unknown>>, 'ttlResolution' | 'ttlAutopurge'>;

/** The fields of a status object that are about time. */
type AgeStatus = Pick<LruStatus<unknown, unknown>, 'ttl' | 'start' | 'now' | 'remainingTTL'>;

export class Age<K, V> {
  /** The TTL of all entries while the store keeps none of its own; NaN before the first. */
  usual = Number.NaN;
  readonly perf: Perf;
  /** The time that an entry starts at. */
  readonly starts: StartClock;
  /** Removes what is stale, if that is wanted. */
  readonly autopurge: Autopurge<K, V> | undefined;
  readonly #store: Store<K, V>;
  readonly #owner: Owner;
  /** The time, while it is taken to stand still; otherwise NaN. */
  #now = Number.NaN;

  /** `expire` removes an entry if it is stale by then, for `ttlAutopurge`. */
  constructor(store: Store<K, V>, owner: Owner, perf: Perf, expire: (key: K, now: number) => void) {
    this.#store = store;
    this.#owner = owner;
    this.perf = perf;
    this.starts = new StartClock(perf);
    this.autopurge = owner.ttlAutopurge ? new Autopurge(store, this, expire) : undefined;
  }

  /** The time to decide by. */
  now(): number {
    return Number.isNaN(this.#now) ? this.#read() : this.#now;
  }

  #read(): number {
    const now = this.perf.now();
    const { ttlResolution } = this.#owner;
    if (ttlResolution > 0) {
      this.#now = now;
      const timer = setTimeout(() => {
        this.#now = Number.NaN;
      }, ttlResolution);
      timer.unref?.();
    }
    return now;
  }

  isStale(slot: number): boolean {
    // One that never gets stale must not make the time stand still.
    return this.#store.hot[2 * slot + 1] !== NEVER && this.isStaleAt(slot, this.now());
  }

  isStaleAt(slot: number, now: number): boolean {
    const { hot, ttls } = this.#store;
    return now - (hot[2 * slot + 1] as number) > (ttls === undefined ? this.usual : (ttls[slot] as number));
  }

  ttlOf(slot: number): number {
    const { ttls } = this.#store;
    if (ttls !== undefined) return ttls[slot] as number;
    // None is stored before the first entry that has one.
    return this.usual || 0;
  }

  /** Whether the entry gets stale at some time. */
  isTimed(slot: number): boolean {
    return this.#store.hot[2 * slot + 1] !== NEVER && !!this.ttlOf(slot);
  }

  /** 0 if the entry never gets stale. */
  startOf(slot: number): number {
    const start = this.#store.hot[2 * slot + 1] as number;
    return start === NEVER ? 0 : start;
  }

  /** Infinity if it never gets stale, negative if it has. */
  remaining(slot: number): number {
    return this.isTimed(slot) ? this.ttlOf(slot) - (this.now() - this.startOf(slot)) : NEVER;
  }

  /** Gives an entry its TTL, from now on or from a given start. A TTL, or a given start, of 0 is none. */
  assign(slot: number, ttl: number, start?: number): void {
    const store = this.#store;
    if (store.ttls === undefined && ttl !== this.usual) this.#keepTtls(ttl);
    if (store.ttls !== undefined) store.ttls[slot] = ttl;
    this.#begin(slot, ttl, start === undefined ? this.starts.now(ttl) : start || NEVER);
  }

  #begin(slot: number, ttl: number, start: number): void {
    this.#store.hot[2 * slot + 1] = ttl ? start : NEVER;
    if (this.autopurge !== undefined && ttl && start !== NEVER) this.autopurge.expect(start + ttl);
  }

  /** An entry with another TTL than all others so far. */
  #keepTtls(ttl: number): void {
    const store = this.#store;
    // Alone, it is the first of a new kind.
    if (store.size <= 1) this.usual = ttl;
    else store.ttls = new Float64Array(store.hot.length >> 1).fill(this.usual || 0);
  }

  /** Begins the time to live anew. */
  renew(slot: number): void {
    const ttl = this.ttlOf(slot);
    if (ttl) this.#begin(slot, ttl, this.starts.now(ttl));
  }

  /** The store has been emptied. */
  reset(): void {
    this.usual = Number.NaN;
    this.#store.ttls = undefined;
    this.autopurge?.cancel();
  }

  /** Fills in the fields of a status object. */
  describe(slot: number, status: AgeStatus): void {
    if (!this.isTimed(slot)) return;
    const ttl = this.ttlOf(slot);
    const start = this.startOf(slot);
    const now = this.now();
    status.ttl = ttl;
    status.start = start;
    status.now = now;
    status.remainingTTL = ttl - (now - start);
  }
}
