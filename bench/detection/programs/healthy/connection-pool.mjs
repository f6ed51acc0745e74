/** Asks a second service through a pool that opens connections as they are needed. */

import { createServer } from 'node:http';
import express from 'express';
import { Pool } from 'undici';
import { product } from '../data.mjs';

export const why =
  'connections, buffers and parsers are added while the pool warms up and more visitors come';
export const traffic = {
  connections: 60,
  phases: [
    { seconds: 20, rate: 100 },
    { seconds: 20, rate: 250 },
    { seconds: 200, rate: 500 },
  ],
};

export async function app() {
  const service = createServer((req, res) => {
    setTimeout(() => res.end(JSON.stringify(product(Number(req.url?.slice(1)), 500))), 20);
  });
  await new Promise((resolve) => void service.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = service.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 50 });
  const shop = express();
  shop.get('/products/:id', async (req, res) => {
    const { body } = await pool.request({ method: 'GET', path: `/${req.params.id}` });
    res.json(await body.json());
  });
  return shop;
}
