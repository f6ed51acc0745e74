import { Readable } from 'node:stream';
import Fastify from 'fastify';

const app = Fastify();

async function* rows() {
  for (let row = 0; row < 40; row++) {
    if (row % 10 === 0) await new Promise(setImmediate);
    yield `${JSON.stringify({ row, text: 'x'.repeat(100) })}\n`;
  }
}

app.get('/rows', (_request, reply) => {
  reply.type('application/x-ndjson');
  return reply.send(Readable.from(rows()));
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
