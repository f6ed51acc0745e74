/** Retries a delivery for ever, though the address does not exist. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'handles';
export const alsoRight = ['heap'];
export const why = 'one delivery in twenty fails and sets a timer anew each time it fires';
export const perRequest = 1 / 20;

export function app() {
  const deliver = (order, attempt) => {
    if (order.ok) return;
    setTimeout(deliver, Math.min(30_000, 1000 * 2 ** attempt), order, attempt + 1);
  };
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const id = Number(req.params.id);
    const found = product(id, 300);
    deliver({ id, ok: id % 20 !== 0, lines: [found.name, found.price] }, 0);
    res.json(found);
  });
  return shop;
}
