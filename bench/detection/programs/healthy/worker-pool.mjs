/** Two workers, started with the first request, that do the sums for all. */

import { Worker } from 'node:worker_threads';
import fastify from 'fastify';
import { product } from '../data.mjs';

export const why = 'the memory of two more isolates, which grows while they warm up';
export const traffic = { path: (n) => `/products/${n}`, rate: 300 };

const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ job, text }) => {
    const words = text.split(' ').map((word) => ({ word, length: word.length }));
    parentPort.postMessage({ job, words: words.length, longest: Math.max(...words.map(({ length }) => length)) });
  });
`;

export function app() {
  const waiting = new Map();
  let jobs = 0;
  const start = () => {
    const worker = new Worker(SOURCE, { eval: true });
    worker.on('message', (result) => {
      waiting.get(result.job)?.(result);
      waiting.delete(result.job);
    });
    return worker;
  };
  const pool = [start(), start()];
  const server = fastify();
  server.get('/products/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    const found = product(Number(id), 800);
    const job = ++jobs;
    const result = new Promise((resolve) => waiting.set(job, resolve));
    pool[job % pool.length]?.postMessage({ job, text: found.description });
    return { id, name: found.name, ...(await result) };
  });
  return server;
}
