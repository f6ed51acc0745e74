/** Times an operation in a loop. */

import { undisturbedNow } from './child.mjs';
import { median } from './statistics.mjs';

const REPETITIONS = 7;

/**
 * Nanoseconds per operation: the median of several repetitions, after as many to warm up.
 *
 * @param {(count: number) => void} operation does it so many times
 * @param {number} duration of all repetitions, in ms
 */
export function measureLoop(operation, duration) {
  let count = 1000;
  // As many at a time as take about a millisecond, so that reading the clock costs nothing.
  for (let took = 0; took < 1; count *= 2) {
    const start = performance.now();
    operation(count);
    took = performance.now() - start;
  }
  const times = [];
  for (let i = 0; i < 2 * REPETITIONS; i++) {
    const until = performance.now() + duration / REPETITIONS;
    const start = undisturbedNow();
    let done = 0;
    while (performance.now() < until) {
      operation(count);
      done += count;
    }
    times.push(((undisturbedNow() - start) * 1e6) / done);
  }
  return median(times.slice(REPETITIONS));
}
