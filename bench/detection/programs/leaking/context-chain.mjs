/** Each request's context links to the one before, "to see what led to an error". */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import fastify from 'fastify';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'stores of an AsyncLocalStorage form a chain, and the newest is always reachable';
export const traffic = { path: (n) => `/products/${n}` };

export function app() {
  const storage = new AsyncLocalStorage();
  let latest;
  const server = fastify();
  server.get('/products/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    latest = { id, headers: { ...request.headers }, started: performance.now(), previous: latest };
    return storage.run(latest, async () => {
      await turn();
      return { ...product(Number(id), 300), trace: storage.getStore().started };
    });
  });
  return server;
}
