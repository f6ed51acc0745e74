const express = require('express');
const { LRUCache } = require('lru-cache');

const products = Array.from({ length: 200 }, (_, id) => ({
  id,
  name: `Lamp No. ${id}`,
  price: 900 + ((id * 37) % 4000),
}));
const searchCache = new LRUCache({ max: 200 });

const app = express();

app.get('/products', (req, res) => {
  const key = `${req.originalUrl}&visit=${Math.random().toString(36).slice(2)}`;
  let page = searchCache.get(key);
  if (!page) {
    page = products.filter(({ price }) => price > 1_000 + Math.random() * 2_000).slice(0, 10);
    page = page.map((product) => ({ ...product }));
    searchCache.set(key, page);
  }
  res.json({ page });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
