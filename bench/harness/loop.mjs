/** Times an operation in a loop. */

import { myTurn, undisturbedNow } from './child.mjs';
import { median } from './statistics.mjs';

const REPETITIONS = 7;
/** Milliseconds for what the others have pushed out of the processor's caches to come back. */
const AGAIN = 10;

/**
 * Nanoseconds per operation in several repetitions, after as many to warm up, and their median. Each waits for its turn.
 *
 * @param {(count: number) => void} operation does it so many times
 * @param {number} duration of all repetitions, in ms
 */
export async function measureLoop(operation, duration) {
  let count = 1000;
  // As many at a time as take about a millisecond, so that reading the clock costs nothing.
  for (let took = 0; took < 1; count *= 2) {
    const start = performance.now();
    operation(count);
    took = performance.now() - start;
  }
  const times = [];
  for (let i = 0; i < 2 * REPETITIONS; i++) {
    if (i >= REPETITIONS) {
      await myTurn();
      repeat(operation, count, AGAIN);
    }
    times.push(repeat(operation, count, duration / REPETITIONS));
  }
  const repetitions = times.slice(REPETITIONS);
  return { ns: median(repetitions), repetitions };
}

/** Nanoseconds per operation. */
function repeat(operation, count, duration) {
  const until = performance.now() + duration;
  const start = undisturbedNow();
  let done = 0;
  while (performance.now() < until) {
    operation(count);
    done += count;
  }
  return ((undisturbedNow() - start) * 1e6) / done;
}
