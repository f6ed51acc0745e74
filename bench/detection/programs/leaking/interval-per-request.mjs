/** Polls the warehouse for each order, and goes on after the order has been answered. */

import express from 'express';
import { product } from '../data.mjs';

export const place = 'handles';
export const alsoRight = ['heap'];
export const why = 'each order starts an interval that nobody clears';
export const perRequest = 1;

export function app() {
  const shop = express();
  shop.get('/products/:id', (req, res) => {
    const order = product(Number(req.params.id), 100);
    setInterval(() => void order.tags.push('in stock'), 300_000);
    res.json(order);
  });
  return shop;
}
