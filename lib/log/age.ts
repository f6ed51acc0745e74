/**
 * Time in a log with `maxAge`: a clock that never goes back, and the timer that lets old records go though nobody
 * reads. The timer keeps neither the process nor the log alive.
 */

import { clearBackgroundTimeout, setBackgroundTimeout } from '../background';
import { type ClockSource, injectedTicker, isTimeFaked, MAX_DELAY, tickerFor } from '../cache/clock';
import { reportError } from '../lifetime/report-error';

/** Real timers fire no more often than this, in ms; the longest that a record stays when it is too old. */
export const RESOLUTION = 1000;

/** The time in ms. A source that goes back is taken to have stood still, so that records are in order of age. */
export class LogClock {
  readonly injected: boolean;
  readonly #read: () => number;
  #last = Number.NEGATIVE_INFINITY;
  #ahead = 0;

  constructor(source: ClockSource | undefined, maxAge: number) {
    this.injected = source !== undefined;
    if (source !== undefined) this.#read = injectedTicker(source).start;
    else {
      const ticker = tickerFor(maxAge);
      const { word } = ticker;
      this.#read = () => {
        if (isTimeFaked()) return Date.now();
        const now = word[0] as number;
        return now === Number.POSITIVE_INFINITY ? ticker.start() : now;
      };
    }
  }

  now(): number {
    const now = this.#read();
    if (now < this.#last) this.#ahead += this.#last - now;
    this.#last = now;
    return now + this.#ahead;
  }
}

/** What the timer of a collected log is cleared by. */
interface Handle {
  timer: NodeJS.Timeout | undefined;
}

const collected = new FinalizationRegistry<Handle>(({ timer }) => {
  clearBackgroundTimeout(timer);
});

/** Lets the old records of one log go when it is time. */
export class ReleaseTimer<L extends object> {
  readonly #log: WeakRef<L>;
  readonly #release: (log: L) => number;
  readonly #polls: boolean;
  readonly #handle: Handle = { timer: undefined };
  /** Of the timers set; those set before are void. */
  #generation = 0;
  #armed = false;
  #faked = false;

  /**
   * @param release lets go, and returns in how many ms the next record is too old, `Infinity` when there is none; must
   * not refer to the log, which is only held weakly
   * @param polls the clock has nothing to do with timers
   */
  constructor(log: L, release: (log: L) => number, polls: boolean) {
    this.#log = new WeakRef(log);
    this.#release = release;
    this.#polls = polls;
    collected.register(log, this.#handle);
  }

  /** There are records, the first of which is too old in `delay` ms. */
  expect(delay: number): void {
    if (this.#armed && (this.#polls || this.#faked === isTimeFaked())) return;
    this.#set(delay, delay);
  }

  /** The same, after `maxAge` has changed. */
  restart(delay: number): void {
    this.#set(delay, delay);
  }

  #set(delay: number, real: number): void {
    this.#armed = true;
    const generation = ++this.#generation;
    const fire = (): void => this.#fire(generation);
    this.#faked = !this.#polls && isTimeFaked();
    if (this.#faked) {
      // When the test's time gets there, and not later.
      const timer: unknown = globalThis.setTimeout(fire, clamp(delay));
      (timer as { unref?: () => void } | undefined)?.unref?.();
    }
    // Also under fake timers, which may be taken away before theirs fires.
    clearBackgroundTimeout(this.#handle.timer);
    this.#handle.timer = setBackgroundTimeout(fire, clamp(this.#polls || this.#faked ? RESOLUTION : real));
  }

  #fire(generation: number): void {
    if (generation !== this.#generation) return;
    this.#armed = false;
    const log = this.#log.deref();
    if (log === undefined) return;
    try {
      const left = this.#release(log);
      if (left !== Number.POSITIVE_INFINITY) this.#set(left, Math.max(left, RESOLUTION));
    } catch (error) {
      // Only an injected clock can throw here. The next push tries again.
      reportError(error, 'by the clock of a log while old records were looked for', 'PLATEAU_CLOCK');
    }
  }
}

function clamp(delay: number): number {
  return Math.min(MAX_DELAY, Math.max(1, Math.ceil(delay)));
}
