/**
 * One process of the cluster: serves products itself, and hands searches to two worker threads, which have the same
 * local tier. No thread loads a product that another has, in this process or in another.
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import express from 'express';
import { openCaches, queryProduct } from './caches.mjs';

const { redis, pages, products } = await openCaches();
const workers = [0, 1].map(() => new Worker(new URL('./worker.mjs', import.meta.url)));
await Promise.all(workers.map((worker) => once(worker, 'message')));

let turn = 0;
let searches = 0;
/** @type {Map<number, (found: unknown) => void>} */
const asked = new Map();
for (const worker of workers) {
  worker.on('message', ({ number, found }) => {
    asked.get(number)?.(found);
    asked.delete(number);
  });
}

const app = express();
app.disable('x-powered-by');

app.get('/products/:id', async (req, res) => {
  const { id } = req.params;
  if (!/^\d{1,6}$/.test(id)) return void res.sendStatus(404);
  res.json(await products.getOrLoad(id, () => queryProduct(redis, id)));
});

app.put('/products/:id/price/:price', async (req, res) => {
  const { id, price } = req.params;
  await redis.hSet('example:prices', id, Number(price));
  // Gone in every process before the answer is sent, or as soon as their connection is back.
  res.json({ told: await products.delete(id) });
});

app.get('/search/:number', async (req, res) => {
  const found = new Promise((resolve) => asked.set(++searches, resolve));
  workers[turn++ % workers.length]?.postMessage({ number: searches, of: Number(req.params.number) });
  res.json(await found);
});

app.get('/stats', (_req, res) => {
  const { entries, bytes, maxBytes, handles } = pages.stats();
  const { localHits, remoteHits, loads, invalidationsReceived } = products.stats();
  res.json({
    pid: process.pid,
    entries,
    bytes,
    maxBytes,
    handles,
    localHits,
    remoteHits,
    loads,
    invalidationsReceived,
  });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'));

process.on('disconnect', async () => {
  server.close();
  server.closeAllConnections();
  await Promise.all(workers.map((worker) => worker.terminate()));
  await products.close();
  pages.close();
  redis.destroy();
  process.exit();
});
