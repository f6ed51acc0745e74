/** Live prices as server-sent events: each visitor stays a while and goes. */

import { createServer } from 'node:http';
import { idOf, product } from '../data.mjs';

export const why = 'connections that last, each with its socket and its place in the list of subscribers';
export const traffic = { keepAlive: false, rate: 60, connections: 120 };

export function app() {
  const subscribers = new Set();
  setInterval(() => {
    for (const res of subscribers) res.write(`data: ${JSON.stringify(product(subscribers.size, 100))}\n\n`);
  }, 250);
  return createServer((req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', connection: 'close' });
    res.write(`data: ${idOf(req)}\n\n`);
    subscribers.add(res);
    res.on('close', () => subscribers.delete(res));
    setTimeout(() => res.end(), 500 + (idOf(req) % 1500));
  });
}
