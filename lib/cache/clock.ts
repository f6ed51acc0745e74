/**
 * What time it is, for one load: a word that the keeper thread updates while it is being read
 * (`src/cache/clock.rs`). Fake timers are noticed, and an injected clock replaces everything.
 */

import { invalidOption } from '../errors';
import { type CacheClock, native } from '../native';

/** A source of the time in milliseconds. */
export interface ClockSource {
  /** The current time in milliseconds, from any origin; may stand still but should not go back. */
  now(): number;
}

/** Time to live below which 16 ms would be too coarse. */
const FINE_BELOW = 2000;

/**
 * A word with the time, and how to start it. While the clock stands the word is infinite: then no deadline is later,
 * so that one comparison tells a reader both that an entry may be used and that the time is known.
 */
export interface Ticker {
  readonly word: Float64Array;
  start(): number;
}

function ticker(tick: number): Ticker {
  const word = new Float64Array(new SharedArrayBuffer(8)).fill(Number.POSITIVE_INFINITY);
  let clock: CacheClock | undefined;
  const start = (): number => {
    // Made when it is first read: it starts a thread, which caches without a time to live do not need.
    clock ??= new native.CacheClock(word);
    return clock.start(tick);
  };
  return { word, start };
}

let fine: Ticker | undefined;
let coarse: Ticker | undefined;

/** The clock for entries that live `ttl` ms: right within 1 ms, or within 16 for two seconds and more. */
export function tickerFor(ttl: number): Ticker {
  if (ttl < FINE_BELOW) {
    fine ??= ticker(1);
    return fine;
  }
  coarse ??= ticker(16);
  return coarse;
}

/** The longest delay a timer takes, in ms; longer ones fire at once. */
export const MAX_DELAY = 2 ** 31 - 1;

/** The word of a clock that always stands. */
export const STANDING: Float64Array = new Float64Array([Number.POSITIVE_INFINITY]);

/** The word for entries that live for ever: every deadline, being infinite, is later. */
export const TIMELESS: Float64Array = new Float64Array([Number.NEGATIVE_INFINITY]);

/** A clock that always stands, so that every reader asks the injected source. */
export function injectedTicker(source: ClockSource): Ticker {
  const start = (): number => {
    const now: unknown = source.now();
    if (typeof now === 'number' && Number.isFinite(now)) return now;
    throw invalidOption('clock.now()', 'a function that returns a finite number of milliseconds', now);
  };
  return { word: STANDING, start };
}

/**
 * The platform's `Date.now`. Fake timers replace it, and then theirs is the time: V8 treats the property as a
 * constant, so that comparing it on every read costs nothing until that happens. Loaded under fake timers
 * already, no `Date.now` is taken for the real one.
 */
export const realDateNow: (() => number) | undefined = isNative(Date.now) ? Date.now : undefined;

function isNative(fn: unknown): boolean {
  return (
    typeof fn === 'function' && /\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(fn))
  );
}

/** Whether fake timers are installed. */
export function isTimeFaked(): boolean {
  return Date.now !== realDateNow;
}
