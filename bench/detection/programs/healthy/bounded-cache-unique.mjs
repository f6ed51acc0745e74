/** plateau's cache, filling for a minute with keys that never come again. */

import express from 'express';
import { BoundedCache } from 'plateau';
import { product } from '../data.mjs';

export const why = 'a named cache of 30,000 entries grows steadily for a minute and is full then';

export function app() {
  const cache = new BoundedCache({ name: 'products', maxEntries: 30_000 });
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    let found = cache.get(req.params.id);
    if (found === undefined) {
      found = product(Number(req.params.id), 500);
      cache.set(req.params.id, found);
    }
    res.json(found);
  });
  return shop;
}
