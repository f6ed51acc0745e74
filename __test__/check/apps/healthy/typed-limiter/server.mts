import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Limiter } from './limiter.mjs';

const limiter = new Limiter({ window: 300, limit: 1_000_000 });
let clients = 0;

const server = createServer((_request, response) => {
  const allowed = limiter.take(`client-${++clients}`);
  response.statusCode = allowed ? 200 : 429;
  response.end();
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
