/** Keeps 2 KB of each request: the size the time to a verdict is promised for. */

import fastify from 'fastify';
import { text } from '../data.mjs';

export const place = 'heap';
export const why = 'an audit trail in an array, 2 KB per request';
export const perRequest = 2048 + 8;
export const traffic = { path: (n) => `/orders/${n}` };

export function app() {
  /** @type {string[]} */
  const trail = [];
  const server = fastify();
  server.get('/orders/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    // The header of a string is 16 bytes.
    trail.push(text(2048 - 16));
    return { id, status: 'paid', items: [1, 2, 3].map((line) => ({ line, amount: line * 10 })) };
  });
  return server;
}
