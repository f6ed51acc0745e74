/** The dashboard over HTTP: who gets in, what is served where, and with which headers, in every kind of server. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, mock, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BoundedCache, MemorySampler, memorySampler, SharedCache, startMemorySampler } from 'plateau';
import type { DashboardHistory, DashboardState } from 'plateau/express';
import * as forExpress from 'plateau/express';
import * as forFastify from 'plateau/fastify';
import { serve, warnings } from '../log/fixtures/server';
import { until } from '../support';
import { kinds, type Options, start } from './fixtures/servers';

const authorize = () => true;
const sampler = startMemorySampler();
after(() => sampler.stop());

test('there is no dashboard without an authorisation function', () => {
  for (const { dashboard } of [forExpress, forFastify]) {
    for (const options of [{}, { authorize: true }, { authorize: 'public' }]) {
      assert.throws(() => dashboard(options as never), {
        name: 'TypeError',
        code: 'PLATEAU_INVALID_OPTION',
        message: /^authorize must be a function that returns true for requests that may see the dashboard/,
      });
    }
    for (const options of [undefined, null, 1]) {
      assert.throws(() => dashboard(options as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
    }
  }
});

test('options that are wrong are named', () => {
  const wrong: [object, string, RegExp][] = [
    [{ auth: 1 }, 'PLATEAU_INVALID_OPTION', /"auth"/],
    [{ path: 'memory' }, 'PLATEAU_INVALID_OPTION', /^path must be a path that begins with/],
    [{ path: '/a?b' }, 'PLATEAU_INVALID_OPTION', /^path/],
    [{ title: 5 }, 'PLATEAU_INVALID_OPTION', /^title/],
    [{ title: 'x'.repeat(201) }, 'PLATEAU_OUT_OF_RANGE', /^title/],
    [{ failOnLeak: 1 }, 'PLATEAU_INVALID_OPTION', /^failOnLeak/],
    [{ maxClients: 0 }, 'PLATEAU_OUT_OF_RANGE', /^maxClients/],
    [{ maxClients: 1001 }, 'PLATEAU_OUT_OF_RANGE', /^maxClients/],
    [{ maxClients: '5' }, 'PLATEAU_INVALID_OPTION', /^maxClients/],
  ];
  for (const [options, code, message] of wrong) {
    assert.throws(() => forExpress.dashboard({ authorize, ...options } as never), { code, message });
  }
});

for (const kind of Object.keys(kinds)) {
  suite(kind, () => {
    test('only true lets in: all else is 403 without a word, for everything that is served', async (t) => {
      const messages = warnings(t);
      const refusals: (() => unknown)[] = [
        () => false,
        () => 1,
        async () => 'true',
        () => {
          throw new Error('of the test');
        },
        () => Promise.reject(new Error('of the test')),
      ];
      for (const refuse of refusals) {
        const { base } = await start(t, kind, { authorize: refuse as Options['authorize'] });
        for (const path of ['', '/', '/memory.json', '/history.json?range=bad', '/events', '/nothing']) {
          const response = await fetch(base + path);
          assert.deepEqual([response.status, await response.text()], [403, '{"error":"forbidden"}\n'], path);
          assert.equal(response.headers.get('cache-control'), 'no-store');
        }
      }
      await until(() => messages.length === 2);
      assert.ok(messages.every((text) => /authorize function of a dashboard: Error: of the test/.test(text)));
    });

    test("authorize gets the framework's own request", async (t) => {
      const { base } = await start(t, kind, {
        authorize: (req) => req.headers['x-key'] === 'k' && (kind !== 'Fastify' || 'routeOptions' in req),
      });
      assert.equal((await fetch(`${base}/memory.json`)).status, 403);
      assert.equal((await fetch(`${base}/memory.json`, { headers: { 'x-key': 'k' } })).status, 200);
    });

    test('the page carries everything with it, and its policy lets in nothing else', async (t) => {
      const { base } = await start(t, kind, { authorize });
      for (const path of ['', '/', '/?any=query']) {
        const response = await fetch(base + path);
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8');
        assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
        assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
        assert.equal(response.headers.get('x-frame-options'), 'DENY');
        assert.equal(response.headers.get('set-cookie'), null);
        const policy = String(response.headers.get('content-security-policy'));
        const page = await response.text();
        for (const tag of ['script', 'style']) {
          const source = new RegExp(`<${tag}>(.*)</${tag}>`, 's').exec(page)?.[1] ?? '';
          const hash = createHash('sha256').update(source).digest('base64');
          assert.ok(source.length > 1000 && policy.includes(`${tag}-src 'sha256-${hash}'`), tag);
        }
        assert.ok(!policy.includes('unsafe'));
        for (const part of [
          "default-src 'none'",
          "connect-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
        ]) {
          assert.ok(policy.includes(part), part);
        }
        assert.doesNotMatch(page.replace(/<script>.*<\/script>/s, ''), /(?:src|href)="(?!data:,|#)/);
      }
    });

    test('memory.json tells the state, history.json the past', async (t) => {
      const cache = new BoundedCache({ name: `of ${kind}`, maxEntries: 5 });
      cache.set('a', 1);
      cache.get('a');
      cache.get('b');
      const { base } = await start(t, kind, { authorize, title: 'the shop' });
      await until(() => sampler.sample() !== undefined);
      const response = await fetch(`${base}/memory.json`);
      assert.equal(response.headers.get('content-type'), 'application/json; charset=utf-8');
      const state = (await response.json()) as DashboardState;
      assert.equal(state.title, 'the shop');
      assert.equal(state.process.pid, process.pid);
      assert.equal(state.running, true);
      assert.ok((state.sample?.heap.used ?? 0) > 1e6 && (state.sample?.process.rss ?? 0) > 1e7);
      assert.equal(state.verdict.verdict, sampler.verdict().verdict);
      const row = state.caches.find(({ name }) => name === `of ${kind}`);
      assert.deepEqual([row?.entries, row?.maxEntries, row?.maxBytes, row?.hitRatio], [1, 5, null, 0.5]);
      assert.deepEqual(
        state.isolates.map(({ pid, thread, self, running }) => ({ pid, thread, self, running })),
        [{ pid: process.pid, thread: 0, self: true, running: true }],
      );
      for (const [range, resolution] of Object.entries({ '10m': 1, '2h': 10, '24h': 60 })) {
        const past = (await (await fetch(`${base}/history.json?range=${range}`)).json()) as DashboardHistory;
        assert.equal(past.resolution, resolution);
        for (const column of [
          past.floor,
          past.used,
          past.external,
          past.native,
          past.rss,
          past.gcShare,
          past.loopDelay,
        ]) {
          assert.equal(column.length, past.at.length, range);
        }
      }
    });

    test('anything else is not there, and only GET and HEAD are allowed', async (t) => {
      const { base } = await start(t, kind, { authorize });
      for (const path of ['/nothing', '/memory.json/', '/memory.json/x', '/events/x', '/__proto__']) {
        const response = await fetch(base + path);
        assert.deepEqual([response.status, await response.text()], [404, '{"error":"not found"}\n'], path);
      }
      for (const range of ['', '1h', '__proto__', 'constructor']) {
        assert.equal((await fetch(`${base}/history.json?range=${range}`)).status, 400, range);
      }
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        for (const path of ['', '/memory.json', '/events']) {
          const body = method === 'POST' ? '{not json' : undefined;
          const headers = { 'content-type': 'application/json' };
          const response = await fetch(base + path, { method, headers, ...(body ? { body } : {}) });
          assert.deepEqual(
            [response.status, response.headers.get('allow')],
            [405, 'GET, HEAD'],
            method + path,
          );
        }
      }
      for (const path of ['/', '/memory.json', '/events']) {
        const head = await fetch(base + path, { method: 'HEAD' });
        assert.deepEqual([head.status, await head.text()], [200, ''], path);
      }
    });

    test('memory.json fails while there is a leak where it is told to', async (t) => {
      const healthy = sampler.verdict();
      const verdict = mock.method(MemorySampler.prototype, 'verdict', () => ({
        ...healthy,
        verdict: 'leak',
        place: 'heap',
      }));
      t.after(() => verdict.mock.restore());
      const [plain, failing] = [
        await start(t, kind, { authorize }),
        await start(t, kind, { authorize, failOnLeak: true }),
      ];
      for (const [{ base }, status] of [
        [plain, 200],
        [failing, 503],
      ] as const) {
        const response = await fetch(`${base}/memory.json`);
        assert.equal(response.status, status);
        assert.equal(((await response.json()) as DashboardState).verdict.place, 'heap');
        assert.equal((await fetch(`${base}/memory.json`, { method: 'HEAD' })).status, status);
        assert.equal((await fetch(base)).status, 200, 'the page is for people');
      }
    });
  });
}

test('what is not below its path goes on to the next handler', async (t) => {
  const handler = forExpress.dashboard({ authorize, path: '/memory/' });
  const port = await serve(t, (req, res) => handler(req, res, () => void res.end('next')));
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  for (const path of ['/', '/memo', '/memoryx', '/a/memory']) assert.equal(await ask(path), 'next', path);
  for (const path of ['/memory', '/memory/', '/memory?a=b'])
    assert.match(await ask(path), /^<!doctype html>/, path);
  const alone = await serve(t, forExpress.dashboard({ authorize, path: '/memory' }));
  assert.equal((await fetch(`http://127.0.0.1:${alone}/memoryx`)).status, 404);
});

test('a response that somebody else has answered is left alone', async (t) => {
  const messages = warnings(t);
  const handler = forExpress.dashboard({ authorize });
  const port = await serve(t, (req, res) => {
    handler(req, res);
    res.end('mine');
  });
  for (const path of ['/', '/events', '/memory.json']) {
    assert.equal(await (await fetch(`http://127.0.0.1:${port}${path}`)).text(), 'mine');
  }
  assert.deepEqual(messages, []);
});

test('a failure to look is answered with 500 and reported, not thrown', async (t) => {
  const messages = warnings(t);
  const sample = mock.method(MemorySampler.prototype, 'sample', () => {
    throw new Error('of the test');
  });
  t.after(() => sample.mock.restore());
  const { base } = await start(t, 'node:http', { authorize });
  const response = await fetch(`${base}/memory.json`);
  assert.deepEqual(
    [response.status, await response.text()],
    [500, '{"error":"the state of the process could not be read"}\n'],
  );
  await until(() => messages.some((text) => text.includes('while a dashboard answered: Error: of the test')));
});

test('shared caches are in the table of caches', async (t) => {
  const cache = new SharedCache({ name: 'pages of the dashboard', maxBytes: 2 ** 22 });
  t.after(() => cache.close());
  cache.set('a', 'b'.repeat(1000));
  cache.get('a');
  const { base } = await start(t, 'Express 5', { authorize });
  const { caches } = JSON.parse(await (await fetch(`${base}/memory.json`)).text()) as DashboardState;
  const row = caches.find(({ name }) => name === 'pages of the dashboard');
  const { bytes, maxBytes } = cache.stats();
  assert.deepEqual(row, {
    ...{ name: 'pages of the dashboard', shared: true, entries: 1, maxEntries: null, bytes, maxBytes },
    ...{ hits: 1, misses: 0, hitRatio: 1, evicted: 0 },
  });
});

test('texts of the program are cut, and no more rows are told than somebody would read', async (t) => {
  const many = Array.from(
    { length: 60 },
    (_, i) => new BoundedCache({ name: `${i}${'x'.repeat(5000)}`, maxEntries: 5 }),
  );
  const { base } = await start(t, 'Express 5', { authorize });
  const text = await (await fetch(`${base}/memory.json`)).text();
  const { caches } = JSON.parse(text) as DashboardState;
  assert.ok(caches.length === 50 && many.length === 60);
  assert.ok(caches.every(({ name }) => name.length <= 201));
  assert.ok(text.length < 50_000, `${text.length} characters`);
});

test('other threads in which a sampler runs are listed, and gone when they have ended', async (t) => {
  const path = JSON.stringify(join(__dirname, '../../dist/index.cjs'));
  const worker = new Worker(`require(${path}).startMemorySampler(); setInterval(() => {}, 1000);`, {
    eval: true,
  });
  t.after(() => worker.terminate());
  await once(worker, 'online');
  const { threadId } = worker;
  const { base } = await start(t, 'Express 5', { authorize });
  const isolates = async () =>
    ((await (await fetch(`${base}/memory.json`)).json()) as DashboardState).isolates;
  const found = async () => (await isolates()).find(({ thread }) => thread === threadId);
  while ((await found()) === undefined) await sleep(50);
  const [own, other] = await isolates();
  assert.deepEqual([own?.thread, own?.self, other?.thread, other?.self], [0, true, threadId, false]);
  assert.ok(other?.pid === process.pid && other.rss > 1e7 && other.verdict === 'not-enough-data');
  await worker.terminate();
  while ((await found()) !== undefined) await sleep(50);
});

test('a dashboard starts no sampler before somebody looks, and shows the last there was', async (t) => {
  sampler.stop();
  const { base } = await start(t, 'node:http', { authorize: (req) => req.headers['x-key'] === 'k' });
  assert.equal((await fetch(`${base}/memory.json`)).status, 403);
  assert.equal(memorySampler(), undefined);
  const ask = async () =>
    (await (await fetch(`${base}/memory.json`, { headers: { 'x-key': 'k' } })).json()) as DashboardState;
  assert.equal((await ask()).running, true);
  const started = memorySampler();
  assert.ok(started);
  started.stop();
  // What was told a moment ago is told again, for a second.
  while ((await ask()).running) await sleep(50);
  assert.equal(memorySampler(), undefined);
});
