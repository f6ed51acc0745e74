import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SessionManager } from './session-manager.mjs';

interface Greeting {
  session: string;
  open: number;
}

const manager = new SessionManager({ maxAge: 60_000 });

const server = createServer((request, response) => {
  const session = manager.open(request.headers['user-agent'] ?? 'unknown');
  const greeting: Greeting = { session: session.id, open: manager.size };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(greeting));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
