/** Measures one contender in one row. */

import { EventEmitter } from 'node:events';
import { trackListeners } from 'plateau';
import { measureAlternately } from '../harness/alternate.mjs';
import { myTurn, runChild } from '../harness/child.mjs';
import { measureLoop } from '../harness/loop.mjs';
import { measureRequests } from '../harness/requests.mjs';
import { preparationOf } from './requests.mjs';

await runChild((task) => {
  const { op, duration } = task;
  const prepare = preparationOf(task.contender);
  if (op === 'request') return measureRequests({ duration, prepare });
  if (op === 'alternate') return alternately({ duration, prepare });
  return measureLoop(operationOf(task), duration);
});

/** One process after the other: they would disturb each other. */
async function alternately(options) {
  await myTurn();
  return measureAlternately({ ...options, prepareOther: preparationOf('bare') });
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
