/** A deadline for each request, and a reminder that fires fifteen seconds later. */

import express from 'express';
import { product } from '../data.mjs';

export const why = '7,500 timers at a time: those for deadlines are cleared, reminders end by themselves';

export function app() {
  let reminded = 0;
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const deadline = setTimeout(() => void res.destroy(), 10_000);
    const found = product(Number(req.params.id), 300);
    setTimeout(() => {
      if (found.id > 0) reminded++;
    }, 15_000);
    res.on('finish', () => clearTimeout(deadline));
    res.json({ ...found, reminded });
  });
  return shop;
}
