import { createServer } from 'node:http';
import { memoize } from './memoize.mjs';

const COUNTRIES = ['AT', 'BE', 'CH', 'DE', 'DK', 'ES', 'FI', 'FR', 'IT', 'NL', 'NO', 'PL', 'PT', 'SE'];

const taxes = memoize((country, kind) => ({
  country,
  kind,
  steps: Array.from({ length: 50 }, (_, i) => i * country.length),
}));
let orders = 0;

const server = createServer((_req, res) => {
  const tax = taxes(COUNTRIES[++orders % COUNTRIES.length], orders % 2 ? 'goods' : 'services');
  res.setHeader('content-type', 'application/json');
  res.end(JSON.stringify(tax));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
