/** A cache whose entries live for a minute. */

import { TTLCache } from '@isaacs/ttlcache';
import fastify from 'fastify';
import { product } from '../data.mjs';

export const why = 'nothing expires in the first minute: growth as steady as a leak’s, then none';
export const traffic = { path: (n) => `/products/${n}` };

export function app() {
  const cache = new TTLCache({ ttl: 60_000 });
  const server = fastify();
  server.get('/products/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    let found = cache.get(id);
    if (found === undefined) {
      found = product(Number(id), 400);
      cache.set(id, found);
    }
    return found;
  });
  return server;
}
