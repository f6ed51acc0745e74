/** Compresses each response by a stream of its own. */

import { createGzip } from 'node:zlib';
import { product } from '../data.mjs';

export const why = 'zlib takes and returns 268 KB outside the heap per request, and malloc keeps some of it';
export const traffic = { rate: 300 };

export function app() {
  return (_req, res) => {
    const page = Array.from({ length: 10 }, (_, id) => product(id, 500));
    res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    const gzip = createGzip();
    gzip.pipe(res);
    gzip.end(JSON.stringify(page));
  };
}
