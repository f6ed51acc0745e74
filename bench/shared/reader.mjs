/** A thread that looks up keys of the open store. */

import { parentPort, workerData } from 'node:worker_threads';
import { SharedCache } from 'plateau';
import { randomSource } from '../harness/random.mjs';
import { keyOf } from './data.mjs';

const { entries, seconds } = workerData;
const cache = new SharedCache({ name: 'bench' });
const random = randomSource(Math.floor(Math.random() * 2 ** 31));

function read(milliseconds) {
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < milliseconds) {
    for (let i = 0; i < 500; i++) cache.get(keyOf(Math.floor(random() * entries)));
    count += 500;
  }
  return (count * 1000) / (performance.now() - start);
}

read(500);
parentPort?.postMessage({ perSecond: read(1000 * seconds) });
