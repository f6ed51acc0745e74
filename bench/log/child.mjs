/** Measures one contender in one row. */

import { BoundedLog } from 'plateau';
import { recentRequests } from 'plateau/express';
import { runChild } from '../harness/child.mjs';
import { measureLoop } from '../harness/loop.mjs';
import { measureRequests } from '../harness/requests.mjs';

await runChild((task) =>
  task.op === 'request'
    ? measureRequests({ duration: task.duration, prepare: preparationOf(task.contender) })
    : measureLoop(pushing(task), task.duration),
);

/** Pushes records, all of one shape, into what is full already. */
function pushing({ contender, entries }) {
  const push = pushOf(contender, entries);
  for (let i = 0; i < entries; i++) push(record(i));
  return (count) => {
    for (let i = 0; i < count; i++) push(record(i));
  };
}

function record(i) {
  return { at: i, message: 'the price list could not be read' };
}

function pushOf(contender, entries) {
  if (contender === 'array') {
    const array = [];
    return (each) => {
      array.push(each);
      if (array.length > entries) array.shift();
    };
  }
  const log = new BoundedLog(optionsOf(contender, entries));
  return (each) => void log.push(each);
}

function optionsOf(contender, maxEntries) {
  switch (contender) {
    case 'plateau':
      return { maxEntries };
    case 'plateau+maxAge':
      return { maxEntries, maxAge: 3_600_000 };
    case 'plateau+maxBytes':
      return { maxEntries, maxBytes: Number.MAX_SAFE_INTEGER };
    default:
      throw new Error(`no contender is called ${contender}`);
  }
}

function preparationOf(contender) {
  return (app, answer) => {
    if (contender === 'recentRequests') app.use(recentRequests());
    app.get('/products/:id', (_req, res) => answer(res));
  };
}
