/** Memoizes a pure function by its arguments, of which there is no end. */

import fastify from 'fastify';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'a memo of search results; only a third of the searches are new, and the traffic swings';
export const traffic = {
  path: (n) => `/search?q=table&page=${n % 3 === 0 ? n : n % 30}`,
  phases: [
    { seconds: 15, rate: 500 },
    { seconds: 15, rate: 200 },
  ],
};

export function app() {
  const memo = new Map();
  const server = fastify();
  server.get('/search', async (request) => {
    const key = JSON.stringify(request.query);
    let found = memo.get(key);
    if (found === undefined) {
      const { page } = /** @type {{ page: string }} */ (request.query);
      found = Array.from({ length: 5 }, (_, i) => product(Number(page) * 5 + i, 150));
      memo.set(key, found);
    }
    return found;
  });
  return server;
}
