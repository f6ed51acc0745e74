/** More and more visitors, each with a connection and a basket that lives as long as it. */

import { createServer } from 'node:http';
import { idOf, product, sendJson } from '../data.mjs';

export const why = 'what connections hold grows with their number, which rises for a minute and a half';
export const traffic = {
  connections: 100,
  phases: [50, 100, 150, 200, 300, 400, 500, 600, 700].map((rate, i) => ({
    seconds: i === 8 ? 3600 : 10,
    rate,
  })),
};

export function app() {
  const baskets = new WeakMap();
  return createServer((req, res) => {
    const basket = baskets.get(req.socket) ?? [];
    baskets.set(req.socket, basket);
    basket.push(product(idOf(req), 500));
    if (basket.length > 20) basket.shift();
    sendJson(res, { items: basket.length, last: basket.at(-1) });
  });
}
