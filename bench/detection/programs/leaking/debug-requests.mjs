/** Remembers every tenth request "for debugging", with its socket and its response. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'an array of whole request objects, left over from a search for a defect';

export function app() {
  const seen = [];
  let requests = 0;
  const shop = express();
  shop.use((req, res, next) => {
    if (++requests % 10 === 0) seen.push({ req, res, at: new Date() });
    next();
  });
  shop.get('/products/:id', (req, res) => void res.json(product(Number(req.params.id), 500)));
  return shop;
}
