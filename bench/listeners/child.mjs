/** Measures one contender in one row. */

import { EventEmitter } from 'node:events';
import { trackListeners } from 'plateau';
import { measureAlternately } from '../harness/alternate.mjs';
import { runChild } from '../harness/child.mjs';
import { measureLoop } from '../harness/loop.mjs';
import { measureRequests } from '../harness/requests.mjs';
import { preparationOf } from './requests.mjs';

await runChild((task) => {
  const { op, duration, beside } = task;
  if (op !== 'request') return measureLoop(operationOf(task), duration);
  const prepare = preparationOf(task.contender);
  return beside === undefined
    ? measureRequests({ duration, prepare })
    : measureAlternately({ duration, prepare, prepareOther: preparationOf(beside) });
});

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
