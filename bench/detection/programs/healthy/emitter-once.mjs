/** Waits for the next price with each request, and stops listening either way. */

import { EventEmitter, once } from 'node:events';
import express from 'express';
import { product } from '../data.mjs';

export const why = 'listeners, AbortControllers and promises pile up between two prices, then all go';
export const traffic = { connections: 100, rate: 300 };

export function app() {
  const prices = new EventEmitter().setMaxListeners(0);
  setInterval(() => prices.emit('price', 400 + Math.random()), 200);
  const shop = express();
  shop.get('/products/:id', async (req, res) => {
    const found = product(Number(req.params.id), 300);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 5000);
    try {
      const [price] = await once(prices, 'price', { signal: patience.signal });
      res.json({ ...found, price });
    } finally {
      clearTimeout(timer);
    }
  });
  return shop;
}
