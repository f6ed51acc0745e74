const express = require('express');

const app = express();
const seen = []; // leak

app.use(express.json());
app.use((req, _res, next) => {
  req.startedAt = Date.now();
  seen.push(req); // leak
  next();
});

app.get('/account', (_req, res) => {
  res.json({ owner: 'Ada', balance: 1_203, currency: 'EUR' });
});

app.get('/debug/requests', (_req, res) => {
  res.json(seen.slice(-50).map(({ method, originalUrl, startedAt }) => ({ method, originalUrl, startedAt })));
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
