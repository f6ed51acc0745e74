const http = require('node:http');
const express = require('express');
const { rates } = require('./rates');

// Stands for a service next door. It keeps connections as long as its clients do.
const upstream = http.createServer((_req, res) => res.end(JSON.stringify({ USD: 1.08, GBP: 0.86 })));
upstream.keepAliveTimeout = 0;
upstream.listen(0, '127.0.0.1');

const app = express();

app.get('/convert', async (_req, res) => {
  const { USD } = await rates(upstream.address().port);
  res.json({ eur: 100, usd: 100 * USD });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
