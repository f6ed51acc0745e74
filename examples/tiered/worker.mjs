/** A worker thread: finds products, by the caches that it shares with the rest of its process. */

import { parentPort } from 'node:worker_threads';
import { openCaches, queryProduct } from './caches.mjs';

const { redis, products } = await openCaches();

parentPort?.on('message', async ({ number, of }) => {
  const ids = Array.from({ length: 5 }, (_, i) => `${(of * 7 + i) % 2_000}`);
  const found = await Promise.all(ids.map((id) => products.getOrLoad(id, () => queryProduct(redis, id))));
  parentPort?.postMessage({ number, found: found.map(({ id, price }) => ({ id, price })) });
});
parentPort?.postMessage('ready');
