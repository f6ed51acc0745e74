/** Asks a price service over TCP; when the answer is late it goes on without, and forgets the socket. */

import { connect, createServer } from 'node:net';
import { idOf, product, sendJson } from '../data.mjs';

export const place = 'descriptors';
export const alsoRight = ['handles'];
export const why = 'one request in forty gives up on its upstream connection without closing it';
export const perRequest = 2 / 40;

export function app() {
  // The service is part of the program so that it needs nobody else: each connection counts twice.
  const service = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      if (Number(data) % 40 !== 0) socket.end('420');
    });
  });
  service.listen(0, '127.0.0.1');
  return (req, res) => {
    const id = idOf(req);
    // Most prices are known.
    if (id % 10 !== 0) return sendJson(res, product(id, 200));
    const address = service.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const socket = connect({ port: port ?? 0, host: '127.0.0.1' }, () => void socket.write(String(id)));
    const late = setTimeout(() => sendJson(res, { id, price: 'on request' }), 200);
    socket.on('error', () => {});
    socket.once('data', (price) => {
      clearTimeout(late);
      socket.destroy();
      if (!res.headersSent) sendJson(res, { id, price: Number(price) });
    });
  };
}
