/** Starts a worker per report and never ends it. */

import { Worker } from 'node:worker_threads';
import { idOf, product, sendJson } from '../data.mjs';

export const place = 'native';
// Each has an isolate, an event loop and its descriptors.
export const alsoRight = ['descriptors', 'handles'];
export const why = 'every 2,000th request starts a worker thread that waits for more work for ever';

const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (numbers) => parentPort.postMessage(numbers.reduce((a, b) => a + b, 0)));
`;

export function app() {
  return (req, res) => {
    const id = idOf(req);
    if (id % 2000 !== 0) return sendJson(res, product(id, 300));
    const worker = new Worker(SOURCE, { eval: true });
    worker.once('message', (sum) => sendJson(res, { id, sum }));
    worker.postMessage(Array.from({ length: 1000 }, (_, i) => i));
  };
}
