/** Shows the last thousand requests on its status page. */

import fastify from 'fastify';
import { BoundedLog } from 'plateau';
import { product } from '../data.mjs';

export const why =
  'a ring of records with their headers and bodies: everything in it grows old before it goes';
export const traffic = { path: (n) => `/products/${n}` };

export function app() {
  const recent = new BoundedLog({ maxEntries: 5000 });
  const server = fastify();
  server.get('/products/:id', async (request) => {
    const { id } = /** @type {{ id: string }} */ (request.params);
    const found = product(Number(id), 500);
    recent.push({
      at: Date.now(),
      url: request.url,
      headers: { ...request.headers },
      body: JSON.stringify(found),
    });
    return found;
  });
  return server;
}
