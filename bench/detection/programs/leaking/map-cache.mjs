/** A shop that remembers products by the whole URL. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'a Map keyed by the URL, which carries the visitor’s tracking id, is never pruned';
export const traffic = { path: (n) => `/products/${n % 500}?utm_id=${n}` };

export function app() {
  const remembered = new Map();
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    let found = remembered.get(req.originalUrl);
    if (found === undefined) {
      found = product(Number(req.params.id), 400);
      remembered.set(req.originalUrl, found);
    }
    res.json(found);
  });
  return shop;
}
