/** A bounded cache that fills, and beside it an index by name that is not bounded. */

import express from 'express';
import { LRUCache } from 'lru-cache';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'entries leave the cache when it is full, but not the index of their names';

export function app() {
  /** @type {LRUCache<number, any>} */
  const cache = new LRUCache({ max: 10_000 });
  const byName = new Map();
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const id = Number(req.params.id);
    let found = cache.get(id);
    if (found === undefined) {
      found = product(id, 600);
      cache.set(id, found);
      byName.set(found.name, { id, tags: found.tags, price: found.price });
    }
    res.json(found);
  });
  return shop;
}
