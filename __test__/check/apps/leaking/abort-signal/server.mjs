import Fastify from 'fastify';
import { stockOf } from './stock.mjs';

/* leak */ const stopping = new AbortController();
const app = Fastify();

app.get('/stock/:sku', async (request) => {
  const levels = await stockOf(request.params.sku, stopping.signal);
  return { sku: request.params.sku, levels };
});

process.once('SIGTERM', async () => {
  stopping.abort();
  await app.close();
  process.exit();
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
