import express from 'express';
import { log, size } from './log.mjs';

const app = express();

app.use((req, res, next) => {
  const begun = performance.now();
  res.on('finish', () =>
    log(`${req.method} ${req.originalUrl} ${res.statusCode} ${performance.now() - begun}`),
  );
  next();
});

app.get('/weather', (_req, res) => {
  res.json({ city: 'Oslo', hours: Array.from({ length: 24 }, (_, hour) => ({ hour, celsius: hour % 9 })) });
});
app.get('/log', (_req, res) => {
  res.json({ bytes: size() });
});

const server = app.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
