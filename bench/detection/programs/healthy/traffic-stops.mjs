/** Busy for eighty seconds, then left alone. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'garbage and free pages stay when nobody comes any more: no collection is due';
export const traffic = {
  phases: [
    { seconds: 80, rate: 600 },
    { seconds: 3600, rate: 0 },
  ],
};

export function app() {
  const recent = [];
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    recent.push(product(Number(req.params.id), 800));
    if (recent.length > 3000) recent.shift();
    res.json({ ...recent.at(-1), recent: recent.length });
  });
  return shop;
}
