const express = require('express');

const products = Array.from({ length: 200 }, (_, id) => ({
  id,
  name: `Lamp No. ${id}`,
  price: 900 + ((id * 37) % 4000),
  tags: ['indoor', id % 2 ? 'brass' : 'glass'],
}));

const searchCache = new Map(); // leak

function search({ q = '', sort = 'price', page = 1 }) {
  const found = products.filter(({ name }) => name.includes(q));
  found.sort((a, b) => (a[sort] > b[sort] ? 1 : -1));
  return found.slice((page - 1) * 10, page * 10).map((product) => ({ ...product })); // leak
}

const app = express();

app.get('/products', (req, res) => {
  // Links in newsletters carry a visitor's id, so hardly any two URLs are the same.
  const key = `${req.originalUrl}&visit=${Math.random().toString(36).slice(2)}`;
  let page = searchCache.get(key);
  if (!page) {
    page = search(req.query);
    searchCache.set(key, page); // leak
  }
  res.json({ page });
});

app.get('/health', (_req, res) => {
  res.json({ ok: true });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
