/** An LRU cache that fills and stays full. */

import express from 'express';
import { LRUCache } from 'lru-cache';
import { popularIds, product } from '../data.mjs';

export const why = 'the cache fills ever more slowly, as popular products are in it first';
const next = popularIds(200_000);
export const traffic = { path: () => `/products/${next()}` };

export function app() {
  const cache = new LRUCache({ max: 10_000 });
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    let found = cache.get(req.params.id);
    if (found === undefined) {
      found = product(Number(req.params.id), 1000);
      cache.set(req.params.id, found);
    }
    res.json(found);
  });
  return shop;
}
