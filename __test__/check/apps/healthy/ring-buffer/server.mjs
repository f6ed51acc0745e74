import Fastify from 'fastify';

const SLOTS = 256;
const ring = new Array(SLOTS);
let next = 0;

const app = Fastify();

app.addHook('onResponse', async (request, reply) => {
  ring[next++ % SLOTS] = {
    at: Date.now(),
    url: request.url,
    status: reply.statusCode,
    took: reply.elapsedTime,
  };
});

app.get('/', async () => ({ service: 'transfers', recent: Math.min(next, SLOTS) }));
app.get('/slowest', async () => ring.filter(Boolean).sort((a, b) => b.took - a.took)[0] ?? {});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
