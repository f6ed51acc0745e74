/**
 * `ttlAutopurge` with one timer per cache instead of one per entry. The timer is set for the entry that gets stale
 * first; then all slots are looked at, what is stale is removed, and the next time is found.
 *
 * Looking at a slot takes about two nanoseconds, so the timer may fire every millisecond while there are ten thousand
 * of them, and in larger caches so much less often that looking never takes more than a few percent of the time.
 */

import { MAX_DELAY } from '../cache/clock';
import type { Store } from '../cache/store';
import type { Age } from './age';

/** Slots that may be looked at per millisecond of waiting. */
const SLOTS_PER_MS = 10_000;
/** The longest work per turn of the event loop, in ms, and after how many removals the time is read. */
const SLICE = 5;
const SLICE_CHECK = 256;

// Real ones, taken at import: fake time must not make the removal of a million entries look instantaneous, and under
// fake timers nothing may be left for a turn of the event loop that the test does not wait for.
const realSetTimeout = globalThis.setTimeout;
const realPerformance = globalThis.performance;
const realNow = (): number => realPerformance.now();

export class Autopurge<K, V> {
  readonly #store: Store<K, V>;
  readonly #age: Age<K, V>;
  readonly #expire: (key: K, now: number) => void;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is to find something stale, by the cache's clock. */
  #due = Number.POSITIVE_INFINITY;

  constructor(store: Store<K, V>, age: Age<K, V>, expire: (key: K, now: number) => void) {
    this.#store = store;
    this.#age = age;
    this.#expire = expire;
  }

  /** An entry gets stale after `due`. */
  expect(due: number): void {
    if (due < this.#due) this.#set(due, 0);
  }

  /** Nothing is left to get stale. */
  cancel(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
  }

  #set(due: number, atLeast: number): void {
    this.cancel();
    this.#due = due;
    // An entry is stale when *more* than its TTL has passed: hence one more.
    const delay = Math.max(atLeast, due - this.#age.perf.now() + 1);
    // Weak: waiting must not keep an abandoned cache and its values alive.
    const weak = new WeakRef(this);
    this.#timer = setTimeout(() => weak.deref()?.run(), Math.min(delay, MAX_DELAY));
    this.#timer.unref?.();
  }

  /** Removes what is stale, for as long as a slice lasts. What a callback throws comes out when the others are done. */
  run(): void {
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
    const now = this.#age.perf.now();
    const { stale, next } = this.#look(now);
    const until = setTimeout === realSetTimeout ? realNow() + SLICE : Number.POSITIVE_INFINITY;
    const errors: unknown[] = [];
    let done = 0;
    while (done < stale.length && (done % SLICE_CHECK !== 0 || done === 0 || realNow() <= until)) {
      try {
        this.#expire(stale[done++] as K, now);
      } catch (error) {
        errors.push(error);
      }
    }
    if (done < stale.length) this.#set(Number.NEGATIVE_INFINITY, 0);
    else if (next < this.#due) this.#set(next, Math.floor(this.#store.used / SLOTS_PER_MS));
    if (errors.length > 0) throw errors[0];
  }

  /** The keys of what is stale, the longest first, and when the next entry gets so. */
  #look(now: number): { stale: K[]; next: number } {
    const { hot, keys, used } = this.#store;
    const age = this.#age;
    const found: { key: K; end: number; stamp: number }[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (let slot = 1; slot < used; slot++) {
      const stamp = hot[2 * slot] as number;
      const start = hot[2 * slot + 1] as number;
      // Free slots have no start either.
      if (stamp === 0 || start === Number.POSITIVE_INFINITY) continue;
      const end = start + age.ttlOf(slot);
      if (age.isStaleAt(slot, now)) found.push({ key: keys[slot] as K, end, stamp });
      else if (end < next) next = end;
    }
    found.sort((a, b) => a.end - b.end || a.stamp - b.stamp);
    return { stale: found.map(({ key }) => key), next };
  }
}
