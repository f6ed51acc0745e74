/** Keeps a vector per search, to "learn" from. */

import fastify from 'fastify';

export const place = 'external';
export const why = 'a Float64Array of 256 numbers per search stays in an array';
export const perRequest = 2048;
export const traffic = { path: (n) => `/search?q=table${n}` };

export function app() {
  const searches = [];
  const server = fastify();
  server.get('/search', async (request) => {
    const { q } = /** @type {{ q: string }} */ (request.query);
    const vector = new Float64Array(256);
    for (let i = 0; i < vector.length; i++) vector[i] = (q.charCodeAt(i % q.length) * (i + 1)) % 97;
    searches.push(vector);
    return { q, results: Array.from(vector.subarray(0, 10), (score, id) => ({ id, score })) };
  });
  return server;
}
