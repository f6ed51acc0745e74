/** Exports: a few large responses in a row every ten seconds. */

import { idOf, product, sendJson } from '../data.mjs';

export const why = 'Buffers of 2 MB come in bursts; malloc and the heap keep room for the next';
export const traffic = { path: (n) => (n % 3000 < 60 ? `/export/${n}` : `/products/${n}`), rate: 300 };

export function app() {
  return (req, res) => {
    const id = idOf(req);
    if (!req.url.startsWith('/export')) return sendJson(res, product(id, 300));
    const rows = Array.from({ length: 2000 }, (_, i) => JSON.stringify(product(i, 800)));
    const body = Buffer.from(rows.join('\n'));
    res.writeHead(200, { 'content-type': 'application/x-ndjson', 'content-length': body.length });
    res.end(body);
  };
}
