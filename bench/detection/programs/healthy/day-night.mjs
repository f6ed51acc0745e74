/** Traffic that swings between night and day; sessions live for ten seconds. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'what is held follows the traffic, which rises for a minute at a time';
const rates = [50, 100, 200, 350, 500, 600, 600, 500, 350, 200, 100, 50];
export const traffic = {
  path: (n) => `/products/${n}`,
  phases: rates.map((rate) => ({ seconds: 10, rate })),
};

export function app() {
  const baskets = new Map();
  setInterval(() => {
    const limit = Date.now() - 10_000;
    for (const [id, { at }] of baskets) {
      if (at < limit) baskets.delete(id);
    }
  }, 1000);
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = product(Number(req.params.id), 600);
    baskets.set(req.params.id, { at: Date.now(), found });
    res.json(found);
  });
  return shop;
}
