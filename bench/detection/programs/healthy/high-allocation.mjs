/** Makes much garbage per request, and keeps nothing. */

import express from 'express';
import { product } from '../data.mjs';

export const why =
  'a hundred records are made, sorted and dropped per request: a tall sawtooth over a flat floor';
export const traffic = { rate: 300 };

export function app() {
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const all = Array.from({ length: 100 }, (_, i) => product(Number(req.params.id) + i, 200));
    all.sort((a, b) => b.price - a.price);
    res.json(all.slice(0, 5));
  });
  return shop;
}
