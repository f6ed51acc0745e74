const express = require('express');
const { pageOf } = require('./pages');
const { watchStock } = require('./stock');
const { visit, recent } = require('./visits');

const app = express();
app.use(express.json());

app.use((req, _res, next) => {
  visit(req);
  next();
});

app.get('/products/:id', (req, res) => {
  const product = pageOf(req.params.id);
  res.json({ product, watching: watchStock(product) });
});

app.get('/visits', (_req, res) => {
  res.json(recent());
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
