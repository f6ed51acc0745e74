import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, ServerResponse } from 'node:http';
import http2 from 'node:http2';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { requestScopeOf, type Scope, type ScopeLeak, scopeReport } from 'plateau';
import { requestScope } from 'plateau/express';
import { until } from '../support';

type Handler = (req: IncomingMessage & { scope: Scope }, res: ServerResponse) => unknown;

/** Runs `work` against a server that is stopped afterwards. */
async function serving(server: Server, work: (port: number) => Promise<void>): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  try {
    await work((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

function app(handler: Handler, options?: object): Server {
  const made = express();
  made.use(requestScope(options));
  made.get('/', handler as never);
  made.use(((_error, _req, res, _next) => void res.status(500).end()) as express.ErrorRequestHandler);
  return createServer(made);
}

async function get(port: number, agent?: Agent): Promise<number | undefined> {
  const sent = request({ port, host: '127.0.0.1', agent }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}

suite("a request's scope", () => {
  test('ends with each response, though the connection goes on', async () => {
    const bus = new EventEmitter();
    const scopes = new Set<Scope>();
    const server = app((req, res) => {
      scopes.add(req.scope);
      req.scope.on(bus, 'x', () => {});
      assert.equal(bus.listenerCount('x'), 1);
      res.end('ok');
    });
    let connections = 0;
    server.on('connection', () => connections++);
    await serving(server, async (port) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (let i = 0; i < 3; i++) {
        await get(port, agent);
        await until(() => bus.listenerCount('x') === 0);
      }
      agent.destroy();
    });
    assert.deepEqual([connections, scopes.size], [1, 3]);
    assert.ok([...scopes].every(({ disposed }) => disposed));
  });

  test('ends though something else has taken its place in the request', async () => {
    const bus = new EventEmitter();
    const server = app((req, res) => {
      req.scope.on(bus, 'x', () => {});
      req.scope = {} as Scope;
      res.end();
    });
    await serving(server, async (port) => {
      await get(port);
      await until(() => bus.listenerCount('x') === 0);
    });
  });

  test('ends when the client goes, whether a response has begun or not', async () => {
    const bus = new EventEmitter();
    const server = app((req, res) => {
      req.scope.on(bus, 'x', () => {});
      if (req.headers.begin) res.write('some');
    });
    await serving(server, async (port) => {
      for (const begin of ['', 'yes']) {
        const sent = request({ port, host: '127.0.0.1', headers: { begin } }).end();
        sent.on('error', () => {});
        await until(() => bus.listenerCount('x') === 1);
        sent.destroy();
        await until(() => bus.listenerCount('x') === 0);
      }
    });
  });

  test('ends when the handler throws, rejects, or destroys the response', async () => {
    const bus = new EventEmitter();
    const ways: Record<string, (res: ServerResponse) => unknown> = {
      throw: () => {
        throw new Error('thrown');
      },
      reject: () => Promise.reject(new Error('rejected')),
      destroy: (res) => res.destroy(new Error('destroyed')),
    };
    const server = app((req, res) => {
      req.scope.on(bus, 'x', () => {});
      return ways[String(req.headers.way)]?.(res);
    });
    await serving(server, async (port) => {
      for (const way of Object.keys(ways)) {
        const sent = request({ port, host: '127.0.0.1', headers: { way } }).end();
        sent.on('error', () => {});
        sent.on('response', (response) => response.resume());
        await new Promise((resolve) => sent.on('close', resolve));
        await until(() => bus.listenerCount('x') === 0);
      }
    });
  });

  test('is seen by nobody when it is not used', async () => {
    const before = scopeReport().live;
    const look = (req: object, res: ServerResponse): object => ({
      properties: [
        Object.keys(req).sort(),
        Object.keys(res).sort(),
        Reflect.ownKeys((res as { locals?: object }).locals ?? {}),
      ],
      listeners: [res.listenerCount('finish'), res.listenerCount('close')],
    });
    let seen: unknown;
    const server = app((req, res) => {
      seen = look(req, res);
      assert.deepEqual([req.scope.size, req.scope.disposed, scopeReport().live], [0, false, before]);
      res.end();
    });
    await serving(server, async (port) => assert.equal(await get(port), 200));
    const bare = express().get('/', (req, res) => {
      assert.deepEqual(seen, look(req, res));
      res.end();
    });
    await serving(createServer(bare), async (port) => assert.equal(await get(port), 200));
  });

  test('is there when the response has ended, and late', async () => {
    const leaks: ScopeLeak[] = [];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const requests: (IncomingMessage & { scope: Scope })[] = [];
    const server = app(
      (req, res) => {
        requests.push(req);
        if (requests.length === 1) assert.equal(req.scope.disposed, false);
        res.end();
      },
      { grace: 20, onLeak: (leak: ScopeLeak) => leaks.push(leak) },
    );
    await serving(server, async (port) => {
      // The second never asked for its scope; the third has taken their place on the connection.
      for (let i = 0; i < 3; i++) assert.equal(await get(port, agent), 200);
      for (const req of requests) {
        assert.equal(req.scope.disposed, true);
        req.scope.setInterval(() => assert.fail(), 1);
        assert.equal(req.scope.signal.aborted, true);
      }
      assert.deepEqual(leaks, []);
      await wait(40);
      for (const req of requests) req.scope.setInterval(() => assert.fail(), 1);
      assert.deepEqual(
        leaks.map(({ reason, resources }) => [reason, resources]),
        requests.map(() => ['late', { timer: 1 }]),
      );
      assert.ok(leaks.every(({ age }) => age > 20));
    });
    agent.destroy();
  });

  test('is that of its own request, whatever else is called so', async () => {
    const made = express();
    const inner = express();
    inner.use(requestScope());
    inner.get('/', ((req: { scope: Scope }, res: ServerResponse) => {
      assert.equal(req.scope.disposed, false);
      req.scope.defer(() => {});
      res.end();
    }) as never);
    made.use('/inner', inner);
    made.get('/without', (req, res) => {
      assert.equal((req as { scope?: unknown }).scope, undefined);
      (req as { scope?: unknown }).scope = 'read:users';
      assert.equal((req as { scope?: unknown }).scope, 'read:users');
      res.end();
    });
    made.get('/oauth', ((req: { scope: unknown }, res: ServerResponse) => {
      req.scope = 'read:users';
      requestScope()(req, res, () => {});
      assert.equal(requestScopeOf(req as never), req.scope);
      res.end();
    }) as never);
    await serving(createServer(made), async (port) => {
      for (const path of ['/inner', '/without', '/oauth', '/inner']) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        assert.equal(response.status, 200, path);
      }
    });
  });

  test('is one, however often the middleware is used, and found by requestScopeOf', async () => {
    const made = express();
    made.use(requestScope(), requestScope({ grace: 5 }));
    made.get('/', ((req: { scope: Scope }, res: ServerResponse) => {
      const { scope } = req;
      requestScope()(req, res, () => {});
      assert.equal(req.scope, scope);
      assert.equal(requestScopeOf(req as never), scope);
      res.end();
    }) as never);
    await serving(createServer(made), async (port) => assert.equal(await get(port), 200));
  });

  test('works without a framework, for pipelined requests as well', async () => {
    const bus = new EventEmitter();
    const middleware = requestScope();
    const responses: ServerResponse[] = [];
    const server = createServer((req, res) => {
      middleware(req, res, () => {
        (req as IncomingMessage & { scope: Scope }).scope.on(bus, String(req.url), () => {});
        responses.push(res);
      });
    });
    await serving(server, async (port) => {
      const socket = connect(port, '127.0.0.1');
      socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      socket.resume();
      await until(() => responses.length === 2);
      responses[0]?.end();
      await until(() => bus.listenerCount('/1') === 0);
      assert.equal(bus.listenerCount('/2'), 1);
      responses[1]?.end();
      await until(() => bus.listenerCount('/2') === 0);
      socket.destroy();
    });
  });

  test('works over HTTP/2: the end of a stream, and one that the client resets', async () => {
    const bus = new EventEmitter();
    const middleware = requestScope();
    const server = http2.createServer((req, res) => {
      middleware(req, res, () => {
        (req as unknown as { scope: Scope }).scope.on(bus, 'x', () => {});
        if (req.url === '/end') res.end('ok');
        else res.write('some');
      });
    });
    await serving(server as unknown as Server, async (port) => {
      const client = http2.connect(`http://127.0.0.1:${port}`);
      const whole = client.request({ ':path': '/end' }).resume();
      await once(whole, 'close');
      await until(() => bus.listenerCount('x') === 0);
      const reset = client.request({ ':path': '/hang' }).resume();
      await once(reset, 'data');
      assert.equal(bus.listenerCount('x'), 1);
      reset.close(http2.constants.NGHTTP2_CANCEL);
      await until(() => bus.listenerCount('x') === 0);
      client.destroy();
    });
  });

  test('ends with a response that the program has made, where Node tells nothing of its end', async () => {
    const bus = new EventEmitter();
    const application = express().use(requestScope());
    application.get('/', ((req: { scope: Scope }, res: ServerResponse) => {
      req.scope.on(bus, 'x', () => {});
      res.end('no');
    }) as never);
    const server = createServer();
    let listeners: number | undefined;
    // As express-ws does, for what it has no route for.
    server.on('upgrade', (req, socket) => {
      const response = new ServerResponse(req);
      response.assignSocket(socket as Socket);
      response.on('finish', () => queueMicrotask(() => (listeners = bus.listenerCount('x'))));
      (application as unknown as (req: IncomingMessage, res: ServerResponse) => void)(req, response);
    });
    await serving(server, async (port) => {
      const headers = { connection: 'Upgrade', upgrade: 'x' };
      const sent = request({ port, host: '127.0.0.1', headers }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      response.resume();
      await until(() => listeners !== undefined);
      assert.equal(listeners, 0);
      assert.equal(bus.listenerCount('x'), 0);
      sent.destroy();
    });
  });

  test('after an upgrade lasts as long as the socket', async () => {
    const bus = new EventEmitter();
    const server = createServer();
    server.on('upgrade', (req, socket) => {
      socket.on('end', () => socket.end()).on('error', () => {});
      socket.resume();
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
      requestScopeOf(req).on(bus, 'x', () => {});
      assert.equal(requestScopeOf(req), requestScopeOf(req));
    });
    await serving(server, async (port) => {
      const headers = { connection: 'Upgrade', upgrade: 'x' };
      const sent = request({ port, host: '127.0.0.1', headers }).end();
      const [, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Socket];
      await wait(20);
      assert.equal(bus.listenerCount('x'), 1);
      socket.destroy();
      await until(() => bus.listenerCount('x') === 0);
    });
  });
});

suite('a handler that outlives its response', () => {
  async function leaksOf(handler: Handler, grace: number): Promise<ScopeLeak[]> {
    const leaks: ScopeLeak[] = [];
    let done: Promise<unknown> | undefined;
    const server = app(
      (req, res) => {
        done = Promise.resolve(handler(req, res));
      },
      { grace, onLeak: (leak: ScopeLeak) => leaks.push(leak) },
    );
    await serving(server, async (port) => {
      await get(port);
      await done;
      await wait(40);
    });
    return leaks;
  }

  test('is reported when it adds to the scope after the grace period, which releases at once', async () => {
    const bus = new EventEmitter();
    const leaks = await leaksOf(async (req, res) => {
      res.end();
      await wait(40);
      req.scope.on(bus, 'x', () => {});
    }, 5);
    assert.equal(bus.listenerCount('x'), 0);
    assert.deepEqual(
      leaks.map(({ reason, resources }) => ({ reason, resources })),
      [{ reason: 'late', resources: { listener: 1 } }],
    );
    assert.match(leaks[0]?.site ?? '', /request-scope\.test\.ts:\d+$/);
    assert.ok((leaks[0]?.age ?? 0) > 5);
  });

  test('is not within the grace period, whether or not the scope was used before', async () => {
    for (const before of [true, false]) {
      const bus = new EventEmitter();
      const leaks = await leaksOf(async (req, res) => {
        if (before) req.scope.defer(() => {});
        res.end();
        await until(() => req.scope.disposed);
        req.scope.on(bus, 'x', () => {});
      }, 60_000);
      assert.deepEqual([leaks, bus.listenerCount('x')], [[], 0]);
    }
  });

  test('is reported when work that it tracks, or a release, is not done by then', async () => {
    const leaks = await leaksOf(async (req, res) => {
      req.scope.track(wait(30));
      req.scope.track(Promise.resolve());
      req.scope.defer(() => wait(30));
      res.end();
    }, 5);
    assert.deepEqual(
      leaks.map(({ reason, resources }) => ({ reason, resources })),
      [
        { reason: 'outlived', resources: { callback: 1 } },
        { reason: 'outlived', resources: { work: 1 } },
      ],
    );
    assert.ok(leaks.every(({ site }) => /request-scope\.test\.ts:\d+$/.test(site)));
  });
});

test('options that are wrong are refused with codes', () => {
  const make = (options: unknown) => (): unknown => requestScope(options as object);
  assert.throws(make(5), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(make({ gracePeriod: 5 }), { code: 'PLATEAU_INVALID_OPTION' });
  assert.throws(make({ grace: '5' }), { code: 'PLATEAU_INVALID_OPTION' });
  for (const grace of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(make({ grace }), { code: 'PLATEAU_OUT_OF_RANGE' });
  }
  assert.throws(make({ onLeak: 5 }), { code: 'PLATEAU_INVALID_OPTION' });
});
