import Fastify from 'fastify';
import { audit } from './lib/audit.mjs';

const app = Fastify();

app.addHook('onResponse', async (request, reply) => {
  audit({ method: request.method, url: request.url, status: reply.statusCode, headers: request.headers });
});

app.post('/transfer', async (request) => {
  const { amount = 10, to = 'savings' } = request.body ?? {};
  return { accepted: true, amount, to };
});

app.get('/', async () => ({ service: 'transfers' }));

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
