/** Waits for a confirmation per order, and most confirmations never come. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'promises that nobody settles stay in a Map, each with what its continuation needs';

export function app() {
  const waiting = new Map();
  let orders = 0;
  const confirmation = (order) => new Promise((resolve) => waiting.set(order, resolve));
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const order = ++orders;
    const found = product(Number(req.params.id), 300);
    confirmation(order).then(() => void found.tags.push('confirmed'));
    // Only one order in ten is ever confirmed.
    if (order % 10 === 0) {
      waiting.get(order)();
      waiting.delete(order);
    }
    res.json({ order, product: found });
  });
  return shop;
}
