/** Lets every piece of work hear of the shutdown, also long after the work is done. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'each order, one request in ten, adds a listener to the one AbortSignal of the process';
// Seventy bytes per request.
export const seconds = 240;

export function app() {
  const shutdown = new AbortController();
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const id = Number(req.params.id);
    const found = product(id, 300);
    if (id % 10 === 0) shutdown.signal.addEventListener('abort', () => void found.tags.push('cancelled'));
    res.json(found);
  });
  return shop;
}
