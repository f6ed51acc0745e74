/** Prepares a compressor per visitor for a stream of events, and keeps it when the visitor has gone. */

import { createDeflate } from 'node:zlib';
import { idOf, product, sendJson } from '../data.mjs';

export const place = 'native';
// Node tells V8 of some of it only.
export const alsoRight = ['external'];
export const why =
  'deflate streams, 268 KB each outside the heap, are kept in a Map; one request in fifty makes one';

export function app() {
  const visitors = new Map();
  return (req, res) => {
    const id = idOf(req);
    if (id % 50 === 0) {
      const deflate = createDeflate();
      deflate.write('event: hello\n\n');
      visitors.set(id, deflate);
    }
    sendJson(res, product(id, 300));
  };
}
