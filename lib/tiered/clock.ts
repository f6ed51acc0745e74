/**
 * The time as the tiers see it: monotonic milliseconds with one origin for all threads of the process, since a local
 * tier may be common to them. No wall clock is compared between machines anywhere: what has to be agreed on across
 * instances is a time that Redis counts down (`PTTL`).
 */

import { realNow } from '../background';

/** `performance.now()` begins with each thread, `process.hrtime` with the machine; both run on the same clock. */
const ORIGIN = Number(process.hrtime.bigint()) / 1e6 - realNow();
/** The least step: more than the rounding of a double after a year of uptime, less than any operation takes. */
const STEP = 1e-4;

let last = 0;

/** Milliseconds now. */
export function now(): number {
  return ORIGIN + realNow();
}

/** Milliseconds now, and later than every `tick` before it in this thread, so that events can be put in order. */
export function tick(): number {
  const time = now();
  last = Math.max(time, last + STEP);
  return last;
}
