/**
 * When an entry that is set now starts. Asking `performance` costs as much as the rest of a `set`; where a millisecond
 * does not matter, plateau's shared clock is read instead, which costs one load (`lib/cache/clock.ts`).
 */

import { type Ticker, tickerFor } from '../cache/clock';
import type { Perf } from './types';

/** TTLs from which on a millisecond does not matter. */
const LONG = 1000;

// Taken at import: what replaces them later is a fake, and is to be asked.
const realPerformance: Perf | undefined = globalThis.performance;
const realNow = realPerformance?.now;

/** The shared clock that ticks every millisecond, and how far it is ahead of `performance`. */
let ticker: Ticker | undefined;
let ahead = 0;

export class StartClock {
  readonly #perf: Perf;
  readonly #isReal: boolean;

  constructor(perf: Perf) {
    this.#perf = perf;
    this.#isReal = perf === realPerformance;
  }

  /** The time, for an entry with such a TTL. */
  now(ttl: number): number {
    if (!(ttl >= LONG) || !this.#isReal || this.#perf.now !== realNow) return this.#perf.now();
    ticker ??= tickerFor(0);
    const now = ticker.word[0] as number;
    return now === Number.POSITIVE_INFINITY ? this.#start(ticker) : now - ahead;
  }

  /** The clock stands while nobody reads it. Measured anew each time: only one of the two may count sleep. */
  #start(shared: Ticker): number {
    const now = this.#perf.now();
    ahead = shared.start() - now;
    return now;
  }
}
