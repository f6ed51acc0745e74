import express from 'express';
import { LRUCache } from 'lru-cache';

const carts = new LRUCache({ max: 700 });
let visitors = 100_000;

const app = express();

app.get('/cart', (_req, res) => {
  const id = ++visitors;
  carts.set(id, { id, lines: Array.from({ length: 20 }, (_, i) => ({ sku: `S-${i}-${id}`, pieces: i })) });
  res.json({ carts: carts.size });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
