/**
 * Active expiry: expired values are released within `ttlResolution` though nobody asks for them.
 *
 * One timer per thread serves all caches. It is set only while a deadline is known, fires no earlier than the
 * earliest of them, and does not keep the process alive. Finding the expired slots is Rust's work
 * (`src/cache/expiry.rs`); releasing them is done in slices of about a millisecond.
 */

import { native } from '../native';
import { isTimeFaked } from './clock';
import type { Store } from './store';

/** Longest work per turn of the event loop, in ms. */
const SLICE = 1;
/** Slots found per call into Rust; releasing them takes some tens of microseconds. */
const BATCH = 256;
/** Slots looked at per call: about 0.1 ms. */
const LIMIT = 1 << 17;
/** The longest delay a timer takes; longer ones fire at once. */
const MAX_DELAY = 2 ** 31 - 1;
/** Slots that making room may scan for each entry it evicts, so that scanning never dominates eviction. */
const SCAN_ALLOWANCE = 16;
/** Caches so small that a scan costs less than a microsecond need no allowance. */
const ALWAYS_SCAN = 1024;

// Taken at import: what sets them later is a fake, and real time must go on for real caches.
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
const realNow = performance.now.bind(performance);

const found = new Uint32Array(BATCH);
const result = new Float64Array(2);

export class Sweep<K, V> {
  readonly #store: Store<K, V>;
  #entry: Entry | undefined;
  /** Where the sweep under way goes on, 0 when none is. */
  #at = 0;
  /** The earliest deadline that the sweep under way has seen and left. */
  #earliest = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #credit = Number.POSITIVE_INFINITY;
  #fakeTimer: unknown;

  constructor(store: Store<K, V>) {
    this.#store = store;
  }

  /** A deadline earlier than any known was set. */
  expect(deadline: number): void {
    const store = this.#store;
    store.earliest = deadline;
    if (this.#at !== 0) this.#earliest = Math.min(this.#earliest, deadline);
    store.timed = true;
    this.#schedule();
  }

  /** Looks for expired entries on behalf of an eviction, within an allowance; whether any was released. */
  someNow(keep: number): boolean {
    const store = this.#store;
    this.#credit = Math.min(this.#credit + SCAN_ALLOWANCE, 2 * store.used);
    if (store.used > ALWAYS_SCAN && this.#credit < store.used) return false;
    const now = store.now();
    let at = 1;
    let earliest = Number.POSITIVE_INFINITY;
    let released = false;
    while (at < store.used) {
      const count = native.sweepExpired(store.hot, store.used, at, LIMIT, now, found, result);
      this.#credit -= (result[0] as number) - at;
      at = result[0] as number;
      earliest = Math.min(earliest, result[1] as number);
      for (let i = 0; i < count; i++) {
        if (found[i] === keep) earliest = Math.min(earliest, store.hot[2 * keep + 1] as number);
        else {
          store.remove(found[i] as number, 'expired');
          released = true;
        }
      }
      if (released) return true;
    }
    store.earliest = earliest;
    return released;
  }

  /** Releases everything that has expired, now; returns how many entries. */
  all(): number {
    this.#at = 0;
    const before = this.#store.counters.expired;
    while (!this.#slice(Number.POSITIVE_INFINITY)) {
      // An infinite slice ends only when all is done.
    }
    return this.#store.counters.expired - before;
  }

  /** Works for up to `budget` ms; whether the sweep is complete. Callbacks are left to the caller. */
  #slice(budget: number): boolean {
    const store = this.#store;
    const until = budget === Number.POSITIVE_INFINITY ? budget : realNow() + budget;
    const now = store.exactNow();
    if (this.#at === 0) {
      this.#at = 1;
      this.#earliest = Number.POSITIVE_INFINITY;
    }
    while (this.#at < store.used) {
      const count = native.sweepExpired(store.hot, store.used, this.#at, LIMIT, now, found, result);
      this.#at = result[0] as number;
      this.#earliest = Math.min(this.#earliest, result[1] as number);
      for (let i = 0; i < count; i++) store.remove(found[i] as number, 'expired');
      if (until !== budget && this.#at < store.used && realNow() > until) {
        // What is set before the next slice may take a slot that was passed: nothing more is known of it.
        this.#earliest = Math.min(this.#earliest, store.earliest);
        return false;
      }
    }
    this.#at = 0;
    this.#last = now;
    store.earliest = this.#earliest;
    store.shrink();
    return true;
  }

  /** One turn's worth, callbacks included. What they throw has no caller: it becomes a warning. */
  run(): void {
    const store = this.#store;
    let done = true;
    if (store.earliest <= store.exactNow() || this.#at !== 0) {
      done = this.#slice(SLICE);
      try {
        store.settle();
      } catch (error) {
        process.emitWarning(`onRemove threw while expired entries were released: ${describeError(error)}`, {
          code: 'PLATEAU_ON_REMOVE',
        });
      }
    }
    if (!done) queueSlice(this.#entryOf());
    else if (store.earliest !== Number.POSITIVE_INFINITY) this.#schedule();
  }

  #schedule(): void {
    const store = this.#store;
    if (this.#at !== 0 && this.#entry !== undefined) return;
    if (store.injected) schedule(this.#entryOf(), store.ttlResolution);
    else {
      const now = store.now();
      const due = Math.max(store.earliest, this.#last + store.ttlResolution) - now;
      if (isTimeFaked()) {
        this.#scheduleFake(due);
        // Time may be faked without the timers, and both may be restored before the fake timer fires.
        schedule(this.#entryOf(), store.ttlResolution);
      } else schedule(this.#entryOf(), due);
    }
  }

  /** Under fake timers the release must happen when the test's time reaches it. */
  #scheduleFake(due: number): void {
    if (this.#fakeTimer !== undefined) globalThis.clearTimeout(this.#fakeTimer as NodeJS.Timeout);
    const weak = new WeakRef(this as Sweep<unknown, unknown>);
    const timer = globalThis.setTimeout(() => weak.deref()?.run(), Math.max(1, Math.ceil(due)));
    if (typeof timer === 'object') timer.unref?.();
    this.#fakeTimer = timer;
  }

  #entryOf(): Entry {
    if (this.#entry === undefined) {
      this.#entry = { sweep: new WeakRef(this as Sweep<unknown, unknown>), due: Number.POSITIVE_INFINITY };
      collected.register(this, this.#entry);
    }
    return this.#entry;
  }
}

/** A cache that waits for the timer. Weak: waiting must not keep an abandoned cache and its values alive. */
interface Entry {
  readonly sweep: WeakRef<Sweep<unknown, unknown>>;
  /** By `performance.now()`. */
  due: number;
}

const waiting = new Set<Entry>();
const collected = new FinalizationRegistry<Entry>((entry) => void waiting.delete(entry));
let timer: NodeJS.Timeout | undefined;
let timerDue = Number.POSITIVE_INFINITY;

function schedule(entry: Entry, delay: number): void {
  const due = realNow() + Math.max(0, delay);
  if (waiting.has(entry) && entry.due <= due) return;
  entry.due = due;
  waiting.add(entry);
  setTimer(due);
}

function setTimer(due: number): void {
  if (timer !== undefined) {
    if (timerDue <= due) return;
    realClearTimeout(timer);
  }
  timerDue = due;
  // Rounded up: a timer that fires before the deadline would have to be set again.
  timer = realSetTimeout(onTimer, Math.min(MAX_DELAY, Math.ceil(due - realNow()) + 1));
  timer.unref?.();
}

function onTimer(): void {
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
  const now = realNow();
  const due = [...waiting].filter((entry) => entry.due <= now);
  for (const entry of due) waiting.delete(entry);
  // One cache a turn, if there is much to do: each takes up to a slice.
  for (const [index, entry] of due.entries()) {
    if (index > 0 && realNow() - now > SLICE) queueSlice(entry);
    else runEntry(entry);
  }
  let next = Number.POSITIVE_INFINITY;
  for (const entry of waiting) next = Math.min(next, entry.due);
  if (next !== Number.POSITIVE_INFINITY) setTimer(next);
}

/** By a timer: an immediate that does not keep the process alive does not wake an idle event loop either. */
function queueSlice(entry: Entry): void {
  realSetTimeout(runEntry, 1, entry).unref?.();
}

function runEntry(entry: Entry): void {
  entry.sweep.deref()?.run();
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
