import Fastify from 'fastify';
import { Index } from './vectors.mjs';

const index = new Index();
const app = Fastify();

app.post('/search', async (request) => {
  const nearest = index.nearest(request.body.text);
  return { nearest, indexed: index.size };
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
