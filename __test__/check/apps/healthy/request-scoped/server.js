const express = require('express');

const app = express();

app.use((req, res, next) => {
  req.trace = { id: Math.random().toString(36).slice(2), spans: [], parent: req, answer: res };
  res.locals.cache = new Map();
  next();
});

app.get('/orders', (req, res) => {
  for (let i = 0; i < 50; i++) {
    res.locals.cache.set(i, { i, text: `order ${i} of ${req.trace.id}` });
    req.trace.spans.push({ name: `load ${i}`, trace: req.trace });
  }
  res.json([...res.locals.cache.values()]);
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
