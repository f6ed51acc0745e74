/**
 * Active expiry: expired values are released within `ttlResolution` though nobody asks for them.
 *
 * One timer per thread serves all caches. It is set only while a deadline is known, fires no earlier than the
 * earliest of them, and does not keep the process alive. Finding the expired slots is Rust's work
 * (`src/cache/expiry.rs`); releasing them is done in turns of about a millisecond, which all caches share.
 *
 * A sweep may take many turns, and anything may happen to the cache between its steps. Invariant: no deadline is
 * earlier than `store.earliest`. A sweep makes that exact if the cache was left alone meanwhile; otherwise it stays
 * what it was, in the past, and the next sweep comes a resolution later.
 */

import { clearBackgroundTimeout, realNow, setBackgroundTimeout } from '../background';
import { printError } from '../lifetime/report-error';
import { native } from '../native';
import { isTimeFaked, MAX_DELAY } from './clock';
import type { Store } from './store';

/** Work per turn of the event loop, in ms, for all caches together. A step may go over it. */
const SLICE = 1;
/** Pause between turns, in ms. */
const PAUSE = 1;
/** Slots found per call into Rust; releasing them takes some tens of microseconds. */
const BATCH = 1024;
/** Slots looked at per call: about 0.1 ms. */
const LIMIT = 1 << 17;
/** Slots that making room may scan for each entry it evicts, so that scanning never dominates eviction. */
const SCAN_ALLOWANCE = 16;
/** Caches so small that a scan costs less than a microsecond need no allowance. */
const ALWAYS_SCAN = 1024;

const found = new Uint32Array(BATCH);
const result = new Float64Array(2);

export class Sweep<K, V> {
  readonly #store: Store<K, V>;
  #entry: Entry | undefined;
  /** Where the sweep under way goes on, 0 when none is. */
  #at = 0;
  /** The earliest deadline that the sweep under way has seen and left. */
  #earliest = Number.POSITIVE_INFINITY;
  /** The store's when the sweep under way began. Another array means other slots, another clock new deadlines. */
  #hot: Float64Array | undefined;
  #clock = 0;
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
    store.useTime();
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
    const store = this.#store;
    const before = store.counters.expired;
    const now = store.exactNow();
    this.#at = 0;
    while (!this.#step(now)) {
      // Each step goes on where the last one stopped.
    }
    return store.counters.expired - before;
  }

  /** Releases what has expired among the next slots; whether the sweep is complete. Callbacks are left to the caller. */
  #step(now: number): boolean {
    const store = this.#store;
    if (this.#at === 0 || this.#hot !== store.hot) {
      this.#at = 1;
      this.#earliest = Number.POSITIVE_INFINITY;
      this.#hot = store.hot;
      this.#clock = store.clock;
    }
    if (this.#at < store.used) {
      const count = native.sweepExpired(store.hot, store.used, this.#at, LIMIT, now, found, result);
      this.#at = result[0] as number;
      this.#earliest = Math.min(this.#earliest, result[1] as number);
      store.expire(found, count);
      if (this.#at < store.used) return false;
    }
    this.#at = 0;
    this.#hot = undefined;
    this.#last = now;
    // Whatever was given a deadline meanwhile was stamped too, and may stand in a slot that had been passed.
    if (this.#clock === store.clock) store.earliest = this.#earliest;
    store.shrink();
    return true;
  }

  /**
   * Works until then, by `performance.now()`, callbacks included, and arranges what is next. No error has a caller
   * here who could deal with it: it becomes a warning.
   */
  run(until: number): void {
    const store = this.#store;
    try {
      const now = store.exactNow();
      if (store.earliest <= now || this.#at !== 0) {
        do {
          this.#step(now);
          settle(store);
        } while (this.#at !== 0 && realNow() < until);
      }
      if (this.#at !== 0) queueTurn(this.#entryOf());
      else if (store.earliest !== Number.POSITIVE_INFINITY) this.#schedule();
    } catch (error) {
      // Only an injected clock can throw here. It may work again later.
      this.#at = 0;
      warn('PLATEAU_CLOCK', 'the clock failed while expired entries were looked for', error);
      schedule(this.#entryOf(), store.ttlResolution);
    }
  }

  #schedule(): void {
    const store = this.#store;
    // The sweep under way will.
    if (this.#at !== 0) return;
    if (store.injected) schedule(this.#entryOf(), store.ttlResolution);
    else {
      const now = store.now();
      // The last sweep may have been at a fake time that is still to come.
      const due = Math.max(store.earliest, Math.min(this.#last, now) + store.ttlResolution) - now;
      if (isTimeFaked()) {
        this.#scheduleFake(due);
        // Time may be faked without the timers, and both may be restored before the fake timer fires.
        schedule(this.#entryOf(), store.ttlResolution);
      } else schedule(this.#entryOf(), due);
    }
  }

  /** Under fake timers the release must happen when the test's time reaches it, and all of it then. */
  #scheduleFake(due: number): void {
    if (this.#fakeTimer !== undefined) globalThis.clearTimeout(this.#fakeTimer as NodeJS.Timeout);
    const weak = new WeakRef(this as Sweep<unknown, unknown>);
    const run = (): void => weak.deref()?.run(Number.POSITIVE_INFINITY);
    const timer = globalThis.setTimeout(run, Math.min(MAX_DELAY, Math.max(1, Math.ceil(due))));
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
    clearBackgroundTimeout(timer);
  }
  timerDue = due;
  // Rounded up: a timer that fires before the deadline would have to be set again. Never negative: Node 24 warns.
  const delay = Math.max(0, Math.ceil(due - realNow())) + 1;
  timer = setBackgroundTimeout(onTimer, Math.min(MAX_DELAY, delay));
}

function onTimer(): void {
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
  const now = realNow();
  let next = Number.POSITIVE_INFINITY;
  for (const entry of waiting) {
    if (entry.due <= now) {
      waiting.delete(entry);
      ready.add(entry);
    } else next = Math.min(next, entry.due);
  }
  if (next !== Number.POSITIVE_INFINITY) setTimer(next);
  if (!turnSet) takeTurn();
}

/** Caches with work to do now, the next one first. */
const ready = new Set<Entry>();
let turnSet = false;

/** By a timer: an immediate that does not keep the process alive does not wake an idle event loop either. */
function queueTurn(entry: Entry): void {
  ready.add(entry);
  if (turnSet) return;
  turnSet = true;
  setBackgroundTimeout(takeTurn, PAUSE);
}

function takeTurn(): void {
  turnSet = false;
  const until = realNow() + SLICE;
  // An entry that is not done joins again, at the end.
  for (const entry of ready) {
    ready.delete(entry);
    entry.sweep.deref()?.run(until);
    if (realNow() >= until) break;
  }
  const [next] = ready;
  if (next !== undefined) queueTurn(next);
}

/** Runs the callbacks of what was released. */
function settle(store: Pick<Store<unknown, unknown>, 'settle'>): void {
  try {
    store.settle();
  } catch (error) {
    warn('PLATEAU_ON_REMOVE', 'onRemove threw while expired entries were released', error);
  }
}

/** Of several errors the first will do: they come from one callback, and may be hundreds. */
function warn(code: string, what: string, error: unknown): void {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const others = error instanceof AggregateError ? ` (and ${error.errors.length - 1} more)` : '';
  process.emitWarning(`${what}: ${printError(first)}${others}`, { code });
}
