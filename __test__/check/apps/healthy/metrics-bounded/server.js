const express = require('express');
const { Counter, Histogram, Registry } = require('prom-client');

const register = new Registry();
const labelNames = ['method', 'route', 'status'];
const answered = new Counter({
  name: 'http_answers_total',
  help: 'Answers.',
  labelNames,
  registers: [register],
});
const seconds = new Histogram({
  name: 'http_seconds',
  help: 'How long answers took.',
  labelNames,
  registers: [register],
});

const app = express();

app.use((req, res, next) => {
  const stop = seconds.startTimer();
  res.on('finish', () => {
    // The route as it was declared: the URL has an id in it.
    const labels = { method: req.method, route: req.route?.path ?? 'none', status: res.statusCode };
    answered.inc(labels);
    stop(labels);
  });
  next();
});

app.get('/orders/:id', (req, res) => {
  res.json({ id: req.params.id, lines: 3 });
});

app.get('/metrics', async (_req, res) => {
  res.type(register.contentType).send(await register.metrics());
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
