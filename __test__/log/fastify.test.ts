/** recentRequests and debugEndpoint as Fastify has them. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { BoundedLog, RequestRecord } from 'plateau';
import { debugEndpoint, recentRequests } from 'plateau/fastify';
import { until } from './fixtures/server';

type App = FastifyInstance & { recentRequests: BoundedLog<RequestRecord> };

test('requests of all contexts are recorded once, with their routes and ids', async (t) => {
  const app = fastify() as unknown as App;
  t.after(() => app.close());
  await app.register(recentRequests, {
    max: 10,
    prefix: '/ignored',
    exclude: '/healthz',
    pick: (request: FastifyRequest) => ({ ip: request.ip, request }),
  });
  await app.register(async (inner) => void inner.get('/users/:id', async () => ({ a: 'é' })), {
    prefix: '/api',
  });
  app.get('/healthz', async () => 'ok');
  app.get('/fails', async () => {
    throw new Error('of the test');
  });
  app.get('/hangs', () => new Promise(() => {}));
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const lengths = new Map<string, number>();
  for (const path of ['/api/users/1?token=hunter2', '/healthz', '/fails', '/none']) {
    lengths.set(path, (await (await fetch(address + path)).arrayBuffer()).byteLength);
  }
  await app.inject('/api/users/2');
  const socket = connect(Number(new URL(address).port), '127.0.0.1', () =>
    socket.write('GET /hangs HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  socket.setTimeout(50, () => socket.destroy());
  await until(() => app.recentRequests.size === 5);
  assert.deepEqual(
    [...(app.recentRequests as BoundedLog<RequestRecord & { ip?: string }>)].map((record) => {
      const { id, url, route, status, bytes, aborted, ip } = record;
      return [/^req-/.test(id), url, route, status, bytes, aborted, ip, 'request' in record];
    }),
    [
      [true, '/api/users/1?token=[redacted]', '/api/users/:id', 200, 10, false, '127.0.0.1', false],
      [true, '/fails', '/fails', 500, lengths.get('/fails'), false, '127.0.0.1', false],
      [true, '/none', null, 404, lengths.get('/none'), false, '127.0.0.1', false],
      [true, '/api/users/2', '/api/users/:id', 200, 10, false, '127.0.0.1', false],
      [true, '/hangs', '/hangs', null, 0, true, undefined, false],
    ],
  );
});

test('options that are not acceptable fail the registration', async () => {
  const app = fastify();
  await assert.rejects(async () => void (await app.register(recentRequests, { maxx: 1 } as object)), {
    code: 'PLATEAU_INVALID_OPTION',
  });
});

test('the debug endpoint refuses and serves, with HEAD, as in any framework', async (t) => {
  const app = fastify() as unknown as App;
  t.after(() => app.close());
  await app.register(recentRequests, {});
  const authorize = async (request: FastifyRequest): Promise<boolean> => request.headers['x-key'] === 'yes';
  app.get('/debug', debugEndpoint(app.recentRequests, { authorize }));
  app.post('/debug', debugEndpoint(app.recentRequests, { authorize }));
  assert.throws(() => debugEndpoint(app.recentRequests, {} as never), { code: 'PLATEAU_INVALID_OPTION' });
  assert.equal((await app.inject('/debug')).statusCode, 403);
  const headers = { 'x-key': 'yes' };
  const answer = await app.inject({ url: '/debug', headers });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.deepEqual(
    answer.json().map((record: RequestRecord) => [record.url, record.status]),
    [['/debug', 403]],
  );
  const head = await app.inject({ method: 'HEAD', url: '/debug', headers });
  assert.deepEqual([head.statusCode, head.body], [200, '']);
  const post = await app.inject({ method: 'POST', url: '/debug', headers });
  assert.deepEqual([post.statusCode, post.headers.allow], [405, 'GET, HEAD']);
  assert.equal((await app.inject({ url: '/debug?limit=0', headers })).statusCode, 400);
});
