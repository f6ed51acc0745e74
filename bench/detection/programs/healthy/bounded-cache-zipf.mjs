/** plateau's cache in bytes, filling ever more slowly. */

import express from 'express';
import { BoundedCache } from 'plateau';
import { popularIds, product } from '../data.mjs';

export const why = 'a named cache of 40 MB that is still filling in the end';
const next = popularIds(500_000, 7);
export const traffic = { path: () => `/products/${next()}` };

export function app() {
  const cache = new BoundedCache({
    name: 'products',
    maxEntries: 100_000,
    maxBytes: 40_000_000,
    sizeOf: () => 1200,
  });
  const shop = express();
  shop.get('/products/:id', async (req, res) => {
    res.json(await cache.getOrLoad(req.params.id, async (id) => product(Number(id), 600)));
  });
  return shop;
}
