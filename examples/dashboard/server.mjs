/**
 * An Express app with the dashboard, with a leak to look at: `node examples/dashboard/server.mjs`, and then the page
 * that it names. `LEAK=0` leaves the leak out.
 */

import express from 'express';
import { BoundedCache, startMemorySampler, trackListeners } from 'plateau';
import { dashboard, requestScope } from 'plateau/express';
import { market } from '../shared/market.mjs';

const sampler = startMemorySampler();
sampler.on('alarm', ({ verdict }) => console.log(`alarm: ${verdict.evidence}`));

const visits = [];
const names = new BoundedCache({ name: 'names', maxEntries: 1_000, ttl: 60_000 });
const pages = new BoundedCache({ name: 'pages', maxEntries: 10_000, maxBytes: 8 * 2 ** 20 });

const app = express();
// Who may see it: here only this machine. In a service: who is logged in and may.
const authorize = (req) => req.socket.remoteAddress === '127.0.0.1';
app.use('/debug/memory', dashboard({ authorize, title: 'the example' }));
app.use(requestScope());

app.get('/', (req, res) => {
  const name = `visitor ${Math.floor(Math.random() ** 2 * 3_000)}`;
  const greeting = String(names.get(name) ?? `Hello ${name}`);
  names.set(name, greeting);
  pages.set(`${req.url} ${name}`, greeting.repeat(20));
  // The leak: nobody ever takes a visit out again. About 2 KB each.
  if (process.env.LEAK !== '0')
    visits.push({ name, at: Date.now(), path: Array.from({ length: 240 }, Math.random) });
  if (visits.length % 500 === 1) trackListeners(market).on('price', () => visits.length);
  res.json({ greeting });
});

const server = app.listen(Number(process.env.PORT ?? 3_000), '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : address;
  console.log(`http://127.0.0.1:${port}/debug/memory/`);
  console.log(`npx autocannon -R 500 -d 180 http://127.0.0.1:${port}/`);
});
