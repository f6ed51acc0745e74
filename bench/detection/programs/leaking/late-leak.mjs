/** Well for a minute; then a feature is switched on that keeps what it sees. */

import fastify from 'fastify';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'recommendations, switched on after a minute, remember every visit';
export const seconds = 210;
export const traffic = { path: (n) => `/products/${n}` };

export function app() {
  const visits = new Map();
  let recommending = false;
  setTimeout(() => {
    recommending = true;
  }, 60_000);
  const server = fastify();
  server.get('/products/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    const found = product(Number(id), 300);
    if (recommending) visits.set(id, { seen: [found], at: new Date() });
    return found;
  });
  return server;
}
