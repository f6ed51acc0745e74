/** An LRU cache asked only for what it does not have. */

import fastify from 'fastify';
import { LRUCache } from 'lru-cache';
import { product } from '../data.mjs';

export const why = 'steady growth for half a minute until 15,000 entries are in it, then one out for one in';
export const traffic = { path: (n) => `/products/${n}` };

export function app() {
  const cache = new LRUCache({ max: 15_000, ttl: 300_000 });
  const server = fastify();
  server.get('/products/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    const found = cache.get(id) ?? product(Number(id), 700);
    cache.set(id, found);
    return found;
  });
  return server;
}
