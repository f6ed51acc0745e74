import { TTLCache } from '@isaacs/ttlcache';
import Fastify from 'fastify';

const quotes = new TTLCache({ ttl: 400, max: 10_000 });
const app = Fastify();
let asked = 0;

app.get('/quote', async () => {
  const key = `quote-${++asked}`;
  const quote = { key, at: Date.now(), rates: Array.from({ length: 30 }, (_, i) => i / 7) };
  quotes.set(key, quote);
  return quote;
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
