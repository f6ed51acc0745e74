import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import Fastify from 'fastify';

const stopping = new AbortController();
setMaxListeners(0, stopping.signal);
const app = Fastify();

async function stock(sku, signal) {
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  signal.addEventListener('abort', stop);
  try {
    await delay(2);
    return { sku, pieces: sku.length, stopped };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

// The second goes through a listener that Node adds and removes itself.
app.get('/stock/:sku', async (request) => {
  const found = await stock(request.params.sku, stopping.signal);
  await delay(1, undefined, { signal: stopping.signal });
  return found;
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
