const express = require('express');
const { Histogram, Registry } = require('prom-client');

const register = new Registry();
/* leak */ const seconds = new Histogram({
  name: 'http_seconds',
  help: 'How long answers took.',
  labelNames: ['method', 'url', 'status'],
  registers: [register],
});

let orders = 0;
const app = express();

app.use((req, res, next) => {
  const url = `${req.originalUrl}/${++orders}`;
  const begun = performance.now();
  res.on('finish', () => {
    const labels = { method: req.method, url, status: res.statusCode };
    /* leak */ seconds.observe(labels, (performance.now() - begun) / 1_000);
  });
  next();
});

app.get('/orders', (_req, res) => {
  res.json({ order: orders, state: 'open' });
});

app.get('/metrics', async (_req, res) => {
  res.type(register.contentType).send(await register.metrics());
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
