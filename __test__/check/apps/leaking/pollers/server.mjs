import Fastify from 'fastify';
import { watch } from './poll.mjs';

const app = Fastify();
let started = 0;

app.post('/exports', async (_request, reply) => {
  const job = { id: ++started, state: 'queued', rows: Array.from({ length: 40 }, (_, i) => ({ i })) };
  watch(job);
  reply.code(202);
  return { id: job.id };
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
