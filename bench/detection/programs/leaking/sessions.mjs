/** Makes a session for whoever comes without a cookie, and nobody here has one. */

import { randomUUID } from 'node:crypto';
import express from 'express';
import { product } from '../data.mjs';

export const place = 'heap';
export const why = 'sessions in memory without an end; crawlers open one per request';
export const traffic = { keepAlive: false, rate: 300 };

export function app() {
  const sessions = new Map();
  const shop = express();
  shop.use((req, res, next) => {
    const id = /sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? randomUUID();
    if (!sessions.has(id)) sessions.set(id, { created: new Date(), basket: [], agent: { ...req.headers } });
    res.setHeader('set-cookie', `sid=${id}`);
    next();
  });
  shop.get('/products/:id', (req, res) => void res.json(product(Number(req.params.id), 400)));
  return shop;
}
