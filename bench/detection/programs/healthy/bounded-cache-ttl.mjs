/** plateau's cache with a time to live of twenty seconds. */

import express from 'express';
import { BoundedCache } from 'plateau';
import { product } from '../data.mjs';

export const why =
  'a cache that never fills: entries leave as fast as they come, after the first twenty seconds';

export function app() {
  const cache = new BoundedCache({ name: 'quotes', maxEntries: 1_000_000, ttl: 20_000 });
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = cache.get(req.params.id) ?? product(Number(req.params.id), 500);
    cache.set(req.params.id, found);
    res.json(found);
  });
  return shop;
}
