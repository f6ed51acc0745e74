/** A connection per request, as behind some load balancers. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'sockets, parsers and their native halves come and go with each request';
export const traffic = { keepAlive: false, rate: 400 };

export function app() {
  const shop = express();
  shop.use(express.json());
  shop.get('/products/:id', (req, res) => void res.json(product(Number(req.params.id), 500)));
  return shop;
}
