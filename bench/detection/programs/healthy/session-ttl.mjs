/** Sessions that end twenty seconds after the last visit. */

import { randomUUID } from 'node:crypto';
import express from 'express';
import { product } from '../data.mjs';

export const why = 'a new session for each connection, swept every five seconds';
export const traffic = { keepAlive: false, rate: 300 };

export function app() {
  const sessions = new Map();
  setInterval(() => {
    const limit = Date.now() - 20_000;
    for (const [id, session] of sessions) {
      if (session.seen < limit) sessions.delete(id);
    }
  }, 5000);
  const shop = express();
  shop.use((req, res, next) => {
    const id = /sid=([^;]+)/.exec(req.headers.cookie ?? '')?.[1] ?? randomUUID();
    const session = sessions.get(id) ?? { created: new Date(), basket: [], agent: { ...req.headers } };
    session.seen = Date.now();
    sessions.set(id, session);
    res.setHeader('set-cookie', `sid=${id}`);
    next();
  });
  shop.get('/products/:id', (req, res) => void res.json(product(Number(req.params.id), 500)));
  return shop;
}
