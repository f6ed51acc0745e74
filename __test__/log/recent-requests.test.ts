/** recentRequests with Express, plain http and HTTP/2: one record for each request, and nothing of it kept alive. */

import assert from 'node:assert/strict';
import { createServer, request as httpRequest, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2, type Http2Server } from 'node:http2';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { BoundedLog, type RequestRecord } from 'plateau';
import { recentRequests } from 'plateau/express';
import { listen, raw, serve, until, warnings } from './fixtures/server';

const gc = globalThis.gc as () => void;

test('Express: what was asked and answered, by the time the response was sent', async (t) => {
  const app = express();
  const recent = recentRequests({
    max: 3,
    exclude: ['/healthz', '/static/*', /^\/\.well-known\//],
    headers: ['User-Agent', 'authorization', 'x-api-key', 'referer', 'x-none'],
    pick: (req: express.Request) => ({
      user: req.query.user,
      token: 'hunter2',
      deep: { date: new Date(0), big: 5n },
    }),
  });
  app.use(recent);
  app.use(recent);
  const router = express.Router();
  router.get('/users/:id', (_req, res) => void res.status(201).send('hélło'));
  app.use('/api', router);
  app.get('/fails', () => {
    throw Object.assign(new Error('of the test'), { status: 503, expose: true });
  });
  app.use(((_error, _req, res, _next) => void res.status(503).json({})) as express.ErrorRequestHandler);
  const base = `http://127.0.0.1:${await serve(t, app)}`;
  const headers = {
    'user-agent': 'test/1',
    authorization: 'Bearer hunter2',
    'x-api-key': 'hunter2',
    'x-request-id': 'r'.repeat(500),
    referer: 'http://a/?token=hunter2&b=1',
  };
  await fetch(`${base}/api/users/7?user=u&access_token=hunter2`, { headers });
  for (const path of ['/healthz', '/healthz?x=1', '/static/a.js', '/.well-known/x']) await fetch(base + path);
  await fetch(`${base}/fails`);
  await until(() => recent.log.size === 2);
  const [first, second] = recent.log;
  assert.ok(first !== undefined && Math.abs(Date.now() - first.at) < 60_000 && first.duration >= 0);
  assert.deepEqual(
    { ...first, at: 0, duration: 0 },
    {
      ...{
        id: `${'r'.repeat(128)}…`,
        at: 0,
        method: 'GET',
        url: '/api/users/7?user=u&access_token=[redacted]',
      },
      ...{ route: '/api/users/:id', status: 201, duration: 0, bytes: 7, aborted: false },
      headers: {
        ...{ 'user-agent': 'test/1', authorization: '[redacted]', 'x-api-key': '[redacted]' },
        referer: 'http://a/?token=[redacted]&b=1',
      },
      ...{ user: 'u', token: '[redacted]', deep: { date: '1970-01-01T00:00:00.000Z', big: '5' } },
    },
  );
  assert.deepEqual([second?.status, second?.route, second?.id], [503, '/fails', '1']);
  assert.ok(!JSON.stringify(recent.log).includes('hunter2'));
  for (let i = 0; i < 4; i++) await fetch(`${base}/none/${i}`, { method: 'HEAD' });
  await until(() => recent.log.stats().pushed === 6);
  assert.deepEqual(
    [...recent.log].map(({ url, status, bytes, route }) => ({ url, status, bytes, route })),
    [
      { url: '/none/1', status: 404, bytes: 0, route: null },
      { url: '/none/2', status: 404, bytes: 0, route: null },
      { url: '/none/3', status: 404, bytes: 0, route: null },
    ],
  );
});

test('plain http: bytes of every kind of body, on one connection and pipelined', async (t) => {
  const recent = recentRequests();
  const port = await serve(t, (req, res) => {
    recent(req, res);
    if (req.url === '/204') res.writeHead(204).end();
    else if (req.url === '/304') res.writeHead(304).end('not sent');
    else if (req.url === '/chunks') {
      res.write('äö');
      res.write(Buffer.from('abc'), () => res.end('YWJj', 'base64'));
    } else if (req.url === '/empty') res.end();
    else res.end('12345', () => {});
  });
  const paths = ['/', '/204', '/304', '/chunks', '/empty'];
  const get = (path: string, last = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${last}\r\n`;
  const texts = paths.map((path) => get(path)).join('');
  const answer = await raw(
    port,
    `${texts}HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${get('/', 'Connection: close\r\n')}`,
  );
  assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 7);
  await until(() => recent.log.size === 7);
  assert.deepEqual(
    [...recent.log].map(({ method, url, status, bytes, aborted }) => [method, url, status, bytes, aborted]),
    [
      ['GET', '/', 200, 5, false],
      ['GET', '/204', 204, 0, false],
      ['GET', '/304', 304, 0, false],
      ['GET', '/chunks', 200, 10, false],
      ['GET', '/empty', 200, 0, false],
      ['HEAD', '/', 200, 0, false],
      ['GET', '/', 200, 5, false],
    ],
  );
});

test('a lost connection is one record, marked; without a status when none was sent', async (t) => {
  const recent = recentRequests();
  const responses: ServerResponse[] = [];
  const port = await serve(t, (req, res) => {
    recent(req, res);
    responses.push(res);
    if (req.url === '/begun') res.write('abc');
  });
  await raw(port, 'GET /begun HTTP/1.1\r\nHost: a\r\n\r\n', (answer) => answer.includes('abc'));
  const socket = connect(port, '127.0.0.1', () =>
    socket.write('GET /silent HTTP/1.1\r\nHost: a\r\n\r\nGET /piped HTTP/1.1\r\nHost: a\r\n\r\n'),
  );
  await until(() => responses.length === 3);
  socket.destroy();
  await until(() => recent.log.size === 3);
  // Answers that come too late change nothing.
  for (const response of responses) response.end('late');
  await sleep(10);
  assert.deepEqual(
    [...recent.log].map(({ url, status, bytes, aborted }) => [url, status, bytes, aborted]).sort(),
    [
      ['/begun', 200, 3, true],
      ['/piped', null, 0, true],
      ['/silent', null, 0, true],
    ],
  );
});

test('HTTP/2: complete and cancelled', async (t) => {
  const recent = recentRequests();
  const server: Http2Server = createHttp2((req, res) => {
    recent(req, res);
    if (req.url === '/cancel') res.write('abc');
    else if (req.url === '/none') res.writeHead(204).end();
    else {
      res.write('ab');
      res.end('cde');
    }
  });
  const port = await listen(t, server);
  const client = connectHttp2(`http://127.0.0.1:${port}`);
  t.after(() => client.destroy());
  for (const path of ['/', '/none', '/cancel']) {
    await new Promise<void>((resolve) => {
      const stream = client.request({ ':path': path });
      stream.on('data', () => path === '/cancel' && stream.close(8));
      stream.on('close', resolve);
      stream.on('error', () => {});
      stream.resume();
    });
  }
  await until(() => recent.log.size === 3);
  assert.deepEqual(
    [...recent.log].map(({ url, status, bytes, aborted }) => [url, status, bytes, aborted]),
    [
      ['/', 200, 5, false],
      ['/none', 204, 0, false],
      ['/cancel', 200, 3, true],
    ],
  );
});

test('a response made for an upgrade is recorded when the connection ends', async (t) => {
  const recent = recentRequests();
  const server = createServer();
  server.on('upgrade', (req, socket) => {
    // As the WebSocket add-ons of Express do.
    recent(req, new ServerResponse(req));
    socket.on('end', () => socket.end()).resume();
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
  });
  const port = await listen(t, server);
  await raw(port, 'GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', (text) =>
    text.includes('101'),
  );
  await until(() => recent.log.size === 1);
  assert.deepEqual(
    [recent.log.at(0)?.status, recent.log.at(0)?.aborted, recent.log.at(0)?.url],
    [101, false, '/ws'],
  );
});

test('others may wrap write and end as well', async (t) => {
  const recent = recentRequests();
  const port = await serve(t, (req, res) => {
    recent(req, res);
    if (req.url === '/wrapped') {
      const { end } = res;
      res.end = ((chunk: string) => end.call(res, chunk.toUpperCase(), 'utf8')) as typeof res.end;
    }
    res.end('abc');
  });
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/wrapped`)).text(), 'ABC');
  assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'abc');
  await until(() => recent.log.size === 2);
  assert.deepEqual(
    [...recent.log].map(({ bytes }) => bytes),
    [3, 3],
  );
});

test('what pick returns cannot hold the request, replace a field or break anything; one warning', async (t) => {
  const messages = warnings(t);
  const picks: Record<string, (req: object, res: object) => unknown> = {
    '/req': (req) => req,
    '/field': (req, res) => ({ a: 1, req, deep: { res, b: [res] } }),
    '/taken': () => ({ url: '/?token=hunter2', a: 1 }),
    '/proto': () =>
      JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":1}'),
    '/promise': () => Promise.reject(new Error('of the test')),
    '/text': () => 'text',
    '/large': () => ({ text: 'x'.repeat(10_000), list: Array(10_000).fill(1), after: 1 }),
    '/cycle': () => {
      const cycle: Record<string, unknown> = { a: 1 };
      cycle.cycle = cycle;
      return cycle;
    },
    '/class': () => ({
      map: new Map(),
      fn: () => 1,
      error: new Error('x'),
      url: undefined,
      bytes2: Buffer.from('a'),
    }),
  };
  const recent = recentRequests({ pick: (req, res) => picks[req.url]?.(req, res) as object });
  const throwing = recentRequests({
    pick() {
      throw new Error('pick of the test');
    },
    exclude() {
      throw new Error('exclude of the test');
    },
    requestId() {
      throw new Error('id of the test');
    },
  });
  const port = await serve(t, (req, res) => {
    recent(req, res);
    throwing(req, res);
    res.end();
  });
  for (const path of Object.keys(picks)) await fetch(`http://127.0.0.1:${port}${path}`);
  await until(() => recent.log.size === 9 && throwing.log.size === 9);
  const rest = new Map(
    [...recent.log].map((record) => {
      const { id, at, method, route, status, duration, bytes, aborted, url, ...others } = record;
      return [url, others as Record<string, unknown>];
    }),
  );
  for (const path of ['/req', '/promise', '/text']) assert.deepEqual(rest.get(path), {});
  assert.deepEqual(rest.get('/field'), { a: 1, deep: { b: [null] } });
  assert.deepEqual(rest.get('/taken'), { a: 1 });
  assert.deepEqual(rest.get('/proto'), { a: 1, constructor: { prototype: { polluted: 1 } } });
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  assert.ok(JSON.stringify(rest.get('/large')).length < 2000);
  assert.ok(JSON.stringify(rest.get('/cycle')).length < 200);
  assert.deepEqual(rest.get('/class'), {
    map: 'an instance of Map',
    error: 'Error: x',
    bytes2: 'an instance of Buffer',
  });
  await sleep(5);
  assert.equal(
    messages.filter((text) => text.includes('pick function of recentRequests returned')).length,
    1,
  );
  for (const what of ['pick', 'exclude', 'id']) {
    assert.equal(messages.filter((text) => text.includes(`${what} of the test`)).length, 1, what);
  }
  assert.deepEqual(
    [...throwing.log].map(({ id }) => id),
    ['1', '2', '3', '4', '5', '6', '7', '8', '9'],
  );
});

test('a log of one’s own, ids and revealed names', async (t) => {
  const log = new BoundedLog<RequestRecord>(2);
  const recent = recentRequests({
    log,
    requestId: (req) => req.headers['x-trace'],
    revealParameters: ['code'],
    headers: ['cookie', 'set-cookie', 'x-secret-x'],
    revealHeaders: ['Cookie'],
    redact: ['Animal'],
    exclude: (req) => req.url.startsWith('/no'),
  });
  assert.equal(recent.log, log);
  const port = await serve(t, (req, res) => {
    recent(req, res);
    res.end();
  });
  await fetch(`http://127.0.0.1:${port}/no`);
  const headers = { 'x-trace': 't1', cookie: 'a=b', 'x-secret-x': 'hunter2' };
  await fetch(`http://127.0.0.1:${port}/?code=1&animal=cat&state=2`, { headers });
  await until(() => log.size === 1);
  const { id, url, headers: shown } = log.at(0) as RequestRecord;
  assert.equal(id, 't1');
  assert.equal(url, '/?code=1&animal=[redacted]&state=[redacted]');
  assert.deepEqual(shown, { cookie: 'a=b', 'x-secret-x': '[redacted]' });
});

test('a long URL is cut', async (t) => {
  const recent = recentRequests();
  const port = await serve(t, (req, res) => {
    recent(req, res);
    res.end();
  });
  await fetch(`http://127.0.0.1:${port}/${'x'.repeat(9000)}`);
  await until(() => recent.log.size === 1);
  assert.equal(recent.log.at(0)?.url.length, 2049);
});

test('neither requests nor responses nor sockets are held by what was recorded', async (t) => {
  const recent = recentRequests({ pick: (req) => ({ ua: req.headers['user-agent'], req }) });
  const refs: WeakRef<object>[] = [];
  const port = await serve(t, (req, res) => {
    recent(req, res);
    refs.push(new WeakRef(req), new WeakRef(res), new WeakRef(req.socket));
    if (req.url === '/drop') req.socket.destroy();
    else res.end('x');
  });
  for (let i = 0; i < 30; i++) {
    await new Promise<void>((resolve) => {
      const path = i % 3 === 0 ? '/drop' : '/';
      const request = httpRequest({ port, path, agent: false }, (response) =>
        response.resume().on('close', resolve),
      );
      request.on('error', () => resolve()).end();
    });
  }
  await until(() => recent.log.size === 30);
  for (let i = 0; i < 50 && refs.some((ref) => ref.deref() !== undefined); i++) {
    await sleep(20);
    gc();
  }
  assert.equal(refs.length, 90);
  assert.equal(refs.filter((ref) => ref.deref() !== undefined).length, 0);
  assert.equal(recent.log.size, 30);
});

test('what is not acceptable is an error with a code that names it', () => {
  const make = (options: unknown) => () => recentRequests(options as object);
  const invalid = (name: string) => ({
    code: 'PLATEAU_INVALID_OPTION',
    message: new RegExp(`^${name} must be`),
  });
  for (const options of [null, 5, [], 'x'])
    assert.throws(make(options), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(make({ maxx: 5 }), { code: 'PLATEAU_INVALID_OPTION', message: /"maxx"/ });
  assert.throws(make({ max: '5' }), invalid('max'));
  assert.throws(make({ max: 0 }), { code: 'PLATEAU_OUT_OF_RANGE', message: /^max must be/ });
  assert.throws(make({ maxAge: -1 }), { code: 'PLATEAU_OUT_OF_RANGE', message: /^maxAge must be/ });
  for (const name of ['pick', 'requestId']) assert.throws(make({ [name]: 5 }), invalid(name));
  for (const exclude of ['healthz', 5, [5], ['/ok', null]])
    assert.throws(make({ exclude }), invalid('exclude'));
  for (const name of ['redact', 'revealParameters', 'headers', 'revealHeaders']) {
    for (const value of [5, 'x', [5], ['']]) assert.throws(make({ [name]: value }), invalid(name));
  }
  assert.throws(make({ headers: ['__proto__'] }), invalid('headers'));
  assert.throws(make({ log: [] }), invalid('log'));
  assert.throws(make({ log: new BoundedLog(5), max: 5 }), invalid('max'));
});

test("the bytes of Express's responses are counted without touching any", async (t) => {
  const app = express();
  const inner = express();
  const recent = recentRequests();
  const untouched: boolean[] = [];
  app.use((req, res, next) => {
    if (req.path !== '/wrapped') return next();
    const { write } = res;
    res.write = ((chunk: string) => write.call(res, `<${chunk}>`, 'utf8')) as typeof res.write;
    next();
  });
  app.get('/before', (_req, res) => void res.end('not recorded'));
  app.use(recent, (_req, res, next) => {
    untouched.push(!Object.hasOwn(res, 'write') && !Object.hasOwn(res, 'end'));
    next();
  });
  const parts = (_req: unknown, res: ServerResponse): void => {
    res.write('one');
    res.write(Buffer.from('two'));
    res.end('drei');
  };
  app.get(['/parts', '/wrapped'], parts);
  app.get('/json', (_req, res) => void res.json({ a: 1 }));
  inner.get('/parts', parts);
  app.use('/inner', inner);
  const port = await listen(t, createServer(app));
  for (const path of ['before', 'parts', 'json', 'inner/parts', 'wrapped', 'parts']) {
    await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
  }
  await until(() => recent.log.size === 5);
  assert.deepEqual(
    [...recent.log].map(({ url, bytes }) => [url, bytes]),
    [
      ['/parts', 10],
      ['/json', 7],
      ['/inner/parts', 10],
      ['/wrapped', 10],
      ['/parts', 10],
    ],
  );
  assert.deepEqual(untouched, [true, true, true, false, true]);
});

test('a response that was complete before is not recorded, nor twice', async (t) => {
  const app = express();
  const recent = recentRequests();
  const late = (_req: unknown, res: ServerResponse, next: () => void): void =>
    void res.on('close', () => next());
  app.get('/once', recent, (_req, res, next) => {
    res.end('answered');
    next();
  });
  app.get('/once', late, recent, (_req, res) => assert.ok(res.writableFinished));
  app.get('/before', (_req, res, next) => {
    res.end('answered');
    next();
  });
  app.get('/before', late, recent, (_req, res) => assert.ok(res.writableFinished));
  app.get('/last', recent, (_req, res) => void res.end());
  const port = await listen(t, createServer(app));
  for (const path of ['once', 'before', 'last'])
    await (await fetch(`http://127.0.0.1:${port}/${path}`)).text();
  await until(() => recent.log.at(-1)?.url === '/last');
  assert.deepEqual(
    [...recent.log].map(({ url }) => url),
    ['/once', '/last'],
  );
});
