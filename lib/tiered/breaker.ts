/**
 * A circuit breaker (Nygard, "Release It!"): after a number of failures in a row commands are refused for a while, then
 * one is let through, and what becomes of it decides.
 */

import type { BreakerState } from './types';

/** The cooldown is doubled up to this many times its first length. */
const MAX_GROWTH = 4;
/** ms after the cooldown. */
const FORGOTTEN = 60_000;

export class Breaker {
  readonly #threshold: number;
  readonly #first: number;
  #cooldown: number;
  #failures = 0;
  #openUntil = 0;
  #state: BreakerState = 'closed';

  constructor(threshold: number, cooldown: number) {
    this.#threshold = threshold;
    this.#first = cooldown;
    this.#cooldown = cooldown;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether nobody has wanted to send anything for long: the server may not be there any more. */
  isForgotten(now: number): boolean {
    return this.#state === 'open' && now > this.#openUntil + FORGOTTEN;
  }

  /** Whether a command would be let through. */
  wouldAdmit(now: number): boolean {
    return this.#state === 'closed' || (this.#state === 'open' && now >= this.#openUntil);
  }

  /** Whether a command may be sent. While half open, the answer is yes once: that command has to report its end. */
  admit(now: number): boolean {
    if (!this.wouldAdmit(now)) return false;
    if (this.#state === 'open') this.#state = 'half-open';
    return true;
  }

  /** A command was answered. One sent before the breaker opened counts too: Redis is there. */
  succeeded(): void {
    this.#failures = 0;
    this.#cooldown = this.#first;
    this.#state = 'closed';
  }

  failed(now: number): void {
    if (this.#state === 'open') return;
    if (this.#state === 'half-open') this.#cooldown = Math.min(this.#cooldown * 2, this.#first * MAX_GROWTH);
    else if (++this.#failures < this.#threshold) return;
    this.#state = 'open';
    // Spread, so that instances that saw the same failure do not all ask at the same moment.
    this.#openUntil = now + this.#cooldown * (0.75 + Math.random() / 2);
  }
}
