/** Live prices: each request listens to the price feed and never stops. */

import { EventEmitter } from 'node:events';
import { idOf, product, sendJson } from '../data.mjs';

export const place = 'heap';
export const why = 'each request adds a listener to the shared price feed, and its closure keeps the product';

export function app() {
  const prices = new EventEmitter().setMaxListeners(0);
  setInterval(() => prices.emit('price', Math.random()), 5000);
  return (req, res) => {
    const found = product(idOf(req), 200);
    prices.on('price', (factor) => {
      found.price = 100 * factor;
    });
    sendJson(res, found);
  };
}
