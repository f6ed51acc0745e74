/** Reads a catalogue of several megabytes now and then. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'parsing 6 MB every seven seconds makes the floor jump where a collection falls into it';
export const traffic = { path: (n) => (n % 2100 === 2099 ? '/catalogue' : `/products/${n}`), rate: 300 };

export function app() {
  const catalogue = JSON.stringify(Array.from({ length: 8000 }, (_, id) => product(id, 500)));
  const shop = express();
  shop.get('/products/:id', (req, res) => void res.json(product(Number(req.params.id), 300)));
  shop.get('/catalogue', async (_req, res) => {
    const parsed = JSON.parse(catalogue);
    // It is looked at for a while, so collections meet it.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    res.json({ products: parsed.length, dearest: Math.max(...parsed.map(({ price }) => price)) });
  });
  return shop;
}
