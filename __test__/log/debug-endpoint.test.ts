/** debugEndpoint: who gets in, what is shown, and that nothing in a record gets out of its place on the page. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import express from 'express';
import { BoundedLog, debugEndpoint, type RequestRecord } from 'plateau';
import * as forExpress from 'plateau/express';
import { raw, serve, until, warnings } from './fixtures/server';

type Authorize = (req: { url: string; headers: Record<string, string> }) => boolean | PromiseLike<boolean>;
const yes: Authorize = () => true;

function record(id: number, fields: Partial<RequestRecord> & Record<string, unknown> = {}): RequestRecord {
  const usual = {
    method: 'GET',
    url: `/r/${id}`,
    route: null,
    status: 200,
    duration: 1,
    bytes: 2,
    aborted: false,
  };
  return { id: String(id), at: id, ...usual, ...fields };
}

async function start(
  t: Parameters<typeof serve>[0],
  log: BoundedLog<RequestRecord>,
  authorize: Authorize,
): Promise<string> {
  return `http://127.0.0.1:${await serve(t, debugEndpoint(log, { authorize }))}`;
}

test('there is no endpoint without an authorisation function', () => {
  const log = new BoundedLog(5);
  for (const options of [{}, { authorize: true }, { authorize: null }]) {
    assert.throws(() => debugEndpoint(log, options as never), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_OPTION',
      message: /^authorize must be a function/,
    });
  }
  for (const options of [undefined, null]) {
    assert.throws(() => debugEndpoint(log, options as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  }
  assert.throws(() => debugEndpoint([] as never, { authorize: yes }), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(() => debugEndpoint(log, { authorize: yes, auth: 1 } as never), { message: /"auth"/ });
  assert.equal(forExpress.debugEndpoint, debugEndpoint);
});

test('only true lets in; everything else is 403 without a word, and failures are reported, not thrown', async (t) => {
  const messages = warnings(t);
  const log = new BoundedLog<RequestRecord>(5, [record(1, { url: '/hidden' })]);
  const refusals: (() => unknown)[] = [
    () => false,
    () => undefined,
    () => 1,
    () => 'true',
    () => ({}),
    async () => false,
    async () => 1,
    () => {
      throw new Error('reason one');
    },
    () => Promise.reject(new Error('reason two')),
    () => Promise.reject(undefined),
  ];
  for (const refuse of refusals) {
    const base = await start(t, log, refuse as Authorize);
    for (const path of ['/', '/?limit=bad']) {
      const response = await fetch(base + path);
      const text = await response.text();
      assert.deepEqual([response.status, text], [403, '{"error":"forbidden"}\n']);
      assert.equal(response.headers.get('cache-control'), 'no-store');
    }
  }
  await until(() => messages.length === 3);
  assert.ok(
    messages.some((text) => text.includes('reason one')) &&
      messages.some((text) => text.includes('reason two')),
  );
});

test('newest first, as JSON, with filters', async (t) => {
  const log = new BoundedLog<RequestRecord>(500);
  for (let i = 0; i < 200; i++) log.push(record(i));
  log.push(record(200, { status: 503, method: 'POST', url: '/api/x?a=1' }));
  log.push(record(201, { status: 404, url: '/api/x' }));
  log.push(record(202, { status: null, url: '/api/y', aborted: true }));
  const base = await start(t, log, ({ headers }) => Promise.resolve(headers['x-key'] === 'k'));
  const ids = async (query: string): Promise<string[]> => {
    const response = await fetch(`${base}/?${query}`, { headers: { 'x-key': 'k' } });
    assert.equal(response.status, 200, query);
    assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    return ((await response.json()) as RequestRecord[]).map(({ id }) => id);
  };
  assert.equal((await ids('')).length, 100);
  assert.deepEqual(await ids('limit=2'), ['202', '201']);
  assert.equal((await ids('limit=1000')).length, 203);
  assert.deepEqual(await ids('status=5xx'), ['200']);
  assert.deepEqual(await ids('status=404'), ['201']);
  assert.deepEqual(await ids('method=post'), ['200']);
  assert.deepEqual(await ids('path=/api/x'), ['201', '200']);
  assert.deepEqual(await ids('path=/api/*&status=4XX'), ['201']);
  assert.deepEqual(await ids('status=5xx&token=for-authorize'), ['200']);
});

test('a query that is not understood is refused', async (t) => {
  const base = await start(t, new BoundedLog(5), yes);
  const bad = [
    'limit=0',
    'limit=-1',
    'limit=1001',
    'limit=1e2',
    'limit=',
    'limit=5&limit=6',
    'limit=0x5',
    'limit=5%00',
  ].concat(
    [
      'status=600',
      'status=abc',
      'status=5xxx',
      'status=2',
      'method=G%20T',
      'method=<b>',
      'path=x',
      `path=/${'x'.repeat(512)}`,
    ],
    ['sort=id', '__proto__=1', '%3Cscript%3E=1'],
  );
  for (const query of bad) {
    const response = await fetch(`${base}/?${query}`, { headers: { accept: 'text/html' } });
    assert.equal(response.status, 400, query);
    const text = await response.text();
    assert.match((JSON.parse(text) as { error: string }).error, /must be/);
    assert.ok(!text.includes('<'));
  }
});

test('only GET and HEAD', async (t) => {
  const base = await start(t, new BoundedLog(5, [record(1)]), yes);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
    const response = await fetch(base, { method });
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD']);
  }
  const get = await fetch(base);
  const head = await raw(
    Number(new URL(base).port),
    'HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  );
  assert.match(
    head,
    new RegExp(
      `^HTTP/1.1 200 OK\r\n[^]*content-length: ${get.headers.get('content-length')}\r\n[^]*\r\n\r\n$`,
      'i',
    ),
  );
});

test('a browser gets a page without scripts, in which everything is escaped', async (t) => {
  const evil = "\"><script>alert(1)</script><img src=x onerror='alert(1)'>&amp;";
  const log = new BoundedLog<RequestRecord>({ maxEntries: 5, name: `n${evil}` });
  log.push(
    record(1, { url: `/${evil}`, method: evil, route: evil, id: evil, [evil]: evil, status: evil as never }),
  );
  log.push(evil as never, null as never, { at: evil } as never, { at: 1e300 } as never);
  const base = await start(t, log, yes);
  const get = (accept: string): Promise<Response> => fetch(base, { headers: { accept } });
  const response = await get('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
  assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  const page = await response.text();
  const tags = new Set(page.match(/<[^>]*>/g));
  const known = [
    '!doctype html',
    'html lang="en"',
    'html',
    'head',
    'meta charset="utf-8"',
    'title',
    'style',
    'body',
    'h1',
    'table',
    'thead',
    'tbody',
    'tr',
    'th',
    'td',
  ];
  for (const tag of tags) assert.ok(known.includes(tag.slice(1, -1).replace(/^\//, '')), tag);
  assert.equal(page.match(/<tr>/g)?.length, 6);
  const style = /<style>(.*)<\/style>/s.exec(page)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  const policy = response.headers.get('content-security-policy') ?? '';
  assert.ok(
    policy.includes("default-src 'none'") &&
      policy.includes(`'sha256-${hash}'`) &&
      !policy.includes('unsafe'),
    policy,
  );
  for (const accept of [
    '*/*',
    'application/json',
    'text/html;q=0',
    'application/json, text/html',
    'text/html;q=0.5, application/json',
  ]) {
    assert.match((await get(accept)).headers.get('content-type') ?? '', /json/, accept);
  }
  assert.match((await get('application/json;q=0.5, text/html')).headers.get('content-type') ?? '', /html/);
});

test('records that are no JSON do not stop the others', async (t) => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const log = new BoundedLog<RequestRecord>(5, [1, cycle, { big: 1n }, undefined] as never);
  const base = await start(t, log, yes);
  const records = (await (await fetch(base)).json()) as unknown[];
  const error = { error: 'this record cannot be written as JSON' };
  assert.deepEqual(records, [null, error, error, 1]);
});

test('in Express, under a router, and when the client has gone before authorize answered', async (t) => {
  const messages = warnings(t);
  const log = new BoundedLog<RequestRecord>(5, [record(1), record(2)]);
  let release: (value: boolean) => void = () => {};
  const waiting = new Promise<boolean>((resolve) => {
    release = resolve;
  });
  let asked = 0;
  const app = express();
  const router = express.Router();
  router.get(
    '/requests',
    debugEndpoint(log, { authorize: (req: express.Request) => req.baseUrl === '/debug' }),
  );
  router.get(
    '/slow',
    debugEndpoint(log, {
      authorize: () => {
        asked++;
        return waiting;
      },
    }),
  );
  app.use('/debug', router);
  const port = await serve(t, app);
  const response = await fetch(`http://127.0.0.1:${port}/debug/requests?limit=1`);
  assert.deepEqual(
    ((await response.json()) as RequestRecord[]).map(({ id }) => id),
    ['2'],
  );
  const gone = fetch(`http://127.0.0.1:${port}/debug/slow`, { signal: AbortSignal.timeout(100) });
  await assert.rejects(gone);
  assert.equal(asked, 1);
  release(true);
  assert.equal((await fetch(`http://127.0.0.1:${port}/debug/slow`)).status, 200);
  assert.deepEqual(messages, []);
});
