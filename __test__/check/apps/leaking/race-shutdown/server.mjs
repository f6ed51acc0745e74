import Fastify from 'fastify';
import { priceOf } from './price.mjs';

const app = Fastify();

app.get('/price/:sku', async (request) => {
  const { sku } = request.params;
  const price = await priceOf(sku);
  return { ...price, currency: 'EUR' };
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
