/** Measures one contender in one row. */

import { EventEmitter } from 'node:events';
import { trackListeners } from 'plateau';
import { runChild, undisturbedNow } from '../harness/child.mjs';
import { median } from '../harness/statistics.mjs';
import { measureRequests } from './requests.mjs';

const REPETITIONS = 7;

await runChild((task) => (task.op === 'request' ? measureRequests(task) : { ns: measure(task) }));

/** Nanoseconds per operation: the median of several repetitions, after as many to warm up. */
function measure(task) {
  const operation = operationOf(task);
  let count = 1000;
  // As many at a time as take about a millisecond, so that reading the clock costs nothing.
  for (let took = 0; took < 1; count *= 2) {
    const start = performance.now();
    operation(count);
    took = performance.now() - start;
  }
  const times = [];
  for (let i = 0; i < 2 * REPETITIONS; i++) {
    const until = performance.now() + task.duration / REPETITIONS;
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

function operationOf({ op, contender, others }) {
  const bus = new EventEmitter().setMaxListeners(0);
  for (let i = 0; i < others; i++) bus.on('x', () => {});
  if (contender === 'observed') trackListeners(bus);
  switch (op) {
    case 'add-remove': {
      const emitter = contender === 'tracker' ? trackListeners(bus) : bus;
      return (count) => {
        for (let i = 0; i < count; i++) {
          // A new function each time, as in a handler.
          const listener = () => i;
          emitter.on('x', listener);
          emitter.off('x', listener);
        }
      };
    }
    case 'emit':
      return (count) => {
        for (let i = 0; i < count; i++) bus.emit('x', i);
      };
    case 'track-again':
      trackListeners(bus);
      return (count) => {
        for (let i = 0; i < count; i++) {
          if (contender === 'tracker') trackListeners(bus);
        }
      };
    default:
      throw new Error(`no operation is called ${op}`);
  }
}
