import Fastify from 'fastify';
import { History } from './history.mjs';

const history = new History(150);
const app = Fastify();

app.post('/edit', async () => {
  history.add({ at: Date.now(), before: 'a lamp', after: 'two lamps', words: new Array(40).fill(1) });
  return { steps: history.length };
});

console.log(`listening on ${await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })}`);
