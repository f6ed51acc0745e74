/** Remembers who wants news of a product and does not notice when they have gone. */

import { createServer } from 'node:http';
import { idOf, product } from '../data.mjs';

export const place = 'heap';
export const why = 'responses of closed connections stay in the list of subscribers, one in five of them';
export const traffic = { keepAlive: false, rate: 300 };

export function app() {
  const subscribers = [];
  return createServer((req, res) => {
    const id = idOf(req);
    if (id % 5 === 0) subscribers.push(res);
    res.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
    res.write(`data: ${JSON.stringify(product(id, 200))}\n\n`);
    res.end();
  });
}
