/** Loads its whole catalogue when it starts. */

import express from 'express';
import { product } from '../data.mjs';

export const why = '100 MB that are there from the start, and little traffic to collect anything';
export const traffic = { rate: 150, path: (n) => `/products/${(n * 7919) % 60_000}` };

export function app() {
  const catalogue = new Map(Array.from({ length: 60_000 }, (_, id) => [id, product(id, 900)]));
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = catalogue.get(Number(req.params.id));
    res.json({ ...found, asked: new Date() });
  });
  return shop;
}
