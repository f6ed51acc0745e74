import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { type Scope, type ScopeLeak, scopeReport } from 'plateau';
import { requestScope } from 'plateau/fastify';
import { until } from '../support';

type Scoped = { scope: Scope };

async function serving(app: FastifyInstance, work: (port: number) => Promise<void>): Promise<void> {
  await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    await work((app.server.address() as AddressInfo).port);
  } finally {
    app.server.closeAllConnections();
    await app.close();
  }
}

test("a request's scope ends with the response, for replies, errors, unknown routes and hijacked ones", async () => {
  const before = scopeReport().live;
  const bus = new EventEmitter();
  const scopes = new Set<Scope>();
  const listen = (req: unknown): undefined => {
    const { scope } = req as Scoped;
    assert.equal((req as Scoped).scope, scope);
    scopes.add(scope);
    scope.on(bus, 'x', () => {});
  };
  const app = fastify();
  await app.register(requestScope, { grace: 100 });
  app.get('/ok', async (req) => {
    listen(req);
    return { ok: true };
  });
  app.get('/fails', async (req) => {
    listen(req);
    throw new Error('fails');
  });
  app.get('/hijacked', (req, reply) => {
    listen(req);
    reply.hijack();
    reply.raw.end('ok');
  });
  app.register(async (inner) => void inner.get('/inner', async (req) => listen(req) ?? 'ok'));
  app.setNotFoundHandler(async (req, reply) => {
    listen(req);
    return reply.code(404).send();
  });
  await serving(app, async (port) => {
    const paths = ['ok', 'fails', 'hijacked', 'inner', 'nowhere'];
    for (const path of paths) {
      await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
      await until(() => bus.listenerCount('x') === 0);
    }
    assert.equal(scopes.size, paths.length);
  });
  assert.equal(scopeReport().live, before);
});

test('it ends when the client goes', async () => {
  const bus = new EventEmitter();
  const app = fastify();
  await app.register(requestScope);
  app.get('/', (req, reply) => {
    (req as unknown as Scoped).scope.on(bus, 'x', () => {});
    reply.hijack();
    reply.raw.write('some');
  });
  await serving(app, async (port) => {
    const sent = request({ port, host: '127.0.0.1' }).end();
    sent.on('error', () => {});
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.on('error', () => {});
    assert.equal(bus.listenerCount('x'), 1);
    sent.destroy();
    await until(() => bus.listenerCount('x') === 0);
  });
});

test('a handler that outlives its response is reported', async () => {
  const leaks: ScopeLeak[] = [];
  const app = fastify();
  await app.register(requestScope, { grace: 5, onLeak: (leak) => leaks.push(leak) });
  let late: Promise<void> | undefined;
  app.get('/', async (req) => {
    late = wait(60).then(() => void (req as unknown as Scoped).scope.setInterval(() => {}, 1000));
    return 'ok';
  });
  await serving(app, async (port) => {
    await (await fetch(`http://127.0.0.1:${port}/`)).text();
    await late;
  });
  assert.deepEqual(
    leaks.map(({ reason, resources }) => ({ reason, resources })),
    [{ reason: 'late', resources: { timer: 1 } }],
  );
  assert.match(leaks[0]?.site ?? '', /request-scope\.test\.ts:\d+$/);
});

test('options that are wrong make the instance not ready', async () => {
  const app = fastify();
  app.register(requestScope, { gracePeriod: 5 } as object);
  await assert.rejects(async () => void (await app.ready()), { code: 'PLATEAU_INVALID_OPTION' });
  const prefixed = fastify();
  prefixed.register(requestScope, { prefix: '/x', grace: 0 });
  await prefixed.ready();
  await prefixed.close();
});

test('injected requests have scopes that end as well', async () => {
  const bus = new EventEmitter();
  const app = fastify();
  await app.register(requestScope);
  app.get('/', async (req) => {
    (req as unknown as Scoped).scope.on(bus, 'x', () => {});
    return bus.listenerCount('x');
  });
  assert.equal((await app.inject('/')).body, '1');
  await until(() => bus.listenerCount('x') === 0);
  await app.close();
});
