/** node-cache with a time to live of thirty seconds, cleaned every ten. */

import express from 'express';
import NodeCache from 'node-cache';
import { product } from '../data.mjs';

export const why = 'steady growth for half a minute, then a sawtooth of ten seconds';

export function app() {
  const cache = new NodeCache({ stdTTL: 30, checkperiod: 10, useClones: false });
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = cache.get(req.params.id) ?? product(Number(req.params.id), 400);
    cache.set(req.params.id, found);
    res.json(found);
  });
  return shop;
}
