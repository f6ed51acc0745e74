/** Loses something on its error path only: one request in twenty. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'errors are collected with everything at hand, about 8 KB each';

export function app() {
  const errors = [];
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const id = Number(req.params.id);
    const found = product(id, 600);
    const related = Array.from({ length: 8 }, (_, i) => product(id + i, 600));
    if (id % 20 === 0) {
      errors.push(Object.assign(new Error(`product ${id} has no price`), { found, related }));
      res.json({ error: 'no price' });
      return;
    }
    res.json({ ...found, related: related.map(({ name }) => name) });
  });
  return shop;
}
