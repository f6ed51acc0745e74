/** How long the event loop lets others wait, and how busy it is. */

import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';

/** Between two checks, in ms: each wakes an idle process. A delay shorter than this is not seen. */
const RESOLUTION = 100;

export class LoopWatch {
  /** The longest delay since the turn before, in ms. */
  delay = 0;
  /** The share of time in which the loop was busy since the turn before. */
  utilization = 0;
  #histogram: IntervalHistogram | undefined;
  #before = measure();

  constructor() {
    try {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
      this.#histogram.enable();
    } catch {
      // Not in this runtime: the delay stays 0.
    }
  }

  turn(): void {
    const now = measure();
    const active = now.active - this.#before.active;
    const idle = now.idle - this.#before.idle;
    this.utilization = active + idle > 0 ? Math.min(1, Math.max(0, active / (active + idle))) : 0;
    this.#before = now;
    if (this.#histogram === undefined) return;
    const { max } = this.#histogram;
    this.delay = Math.max(0, max / 1e6 - RESOLUTION);
    this.#histogram.reset();
  }

  stop(): void {
    this.#histogram?.disable();
    this.#histogram = undefined;
  }
}

function measure(): { active: number; idle: number } {
  const { eventLoopUtilization } = performance;
  if (typeof eventLoopUtilization !== 'function') return { active: 0, idle: 0 };
  return eventLoopUtilization.call(performance);
}
