/** Reads its catalogue anew every twenty seconds. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'for a while the old catalogue and the new one, 25 MB each, are both there';
export const traffic = { path: (n) => `/products/${n % 20_000}` };

export function app() {
  const load = () => new Map(Array.from({ length: 20_000 }, (_, id) => [id, product(id, 700)]));
  let catalogue = load();
  setInterval(() => {
    const next = load();
    // Requests under way finish with the old one.
    setTimeout(() => {
      catalogue = next;
    }, 2000);
  }, 20_000);
  const shop = express();
  shop.get('/products/:id', (req, res) => void res.json(catalogue.get(Number(req.params.id))));
  return shop;
}
