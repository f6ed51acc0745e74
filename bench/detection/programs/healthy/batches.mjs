/** Collects events and writes them off in batches, every twelve seconds. */

import express from 'express';
import { product } from '../data.mjs';

export const why = 'a queue grows for twelve seconds and is emptied: a sawtooth slower than the collector’s';

export function app() {
  let queue = [];
  setInterval(() => {
    const batch = queue;
    queue = [];
    Buffer.from(JSON.stringify(batch)).toString('base64');
  }, 12_000);
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = product(Number(req.params.id), 400);
    queue.push({ type: 'visit', at: Date.now(), found });
    res.json(found);
  });
  return shop;
}
