/** Lets every piece of work hear of the shutdown, also long after the work is done. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'each request adds a listener to the one AbortSignal of the process';

export function app() {
  const shutdown = new AbortController();
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const found = product(Number(req.params.id), 300);
    shutdown.signal.addEventListener('abort', () => void found.tags.push('cancelled'));
    res.json(found);
  });
  return shop;
}
