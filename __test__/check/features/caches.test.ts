/** That the caches, and what stores in them, leave nothing behind. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, suite } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { SessionData } from 'express-session';
import { Keyv } from 'keyv';
import { BoundedCache, caches, relieve, SharedCache, sharedCaches, TieredCache } from 'plateau';
import { SharedSessionStore } from 'plateau/express-session';
import { KeyvStore } from 'plateau/keyv';
import { LRUCache } from 'plateau/lru-cache';
import { SharedRateLimitStore } from 'plateau/rate-limit';
import { lasting, promised } from '../../express-session/support';
import { eventually, newNamespace } from '../../tiered/fixtures/caches';
import { type Connected, connectClient } from '../../tiered/fixtures/clients';
import { RedisServer, withoutRedis } from '../../tiered/fixtures/redis';
import { leavesNothing, SLOW } from './leaves-nothing';

const MB = 2 ** 20;

suite('LRUCache', () => {
  let disposed = 0;
  const users = new LRUCache<string, object>({
    max: 50,
    ttl: 60_000,
    dispose: () => void disposed++,
    fetchMethod: async (key) => ({ key }),
  });

  leavesNothing('set, get, dispose and delete', (i) => {
    const before = disposed;
    for (let n = 0; n < 20; n++) users.set(`set ${i} ${n}`, { i, n });
    users.get(`set ${i} 19`);
    users.delete(`set ${i} 18`);
    assert.ok(disposed > before);
  });

  leavesNothing('fetch, also of what is deleted meanwhile', async (i) => {
    const [first, second] = [users.fetch(`fetched ${i}`), users.fetch(`fetched ${i}`)];
    assert.equal(await first, await second);
    const dropped = users.fetch(`dropped ${i}`);
    users.delete(`dropped ${i}`);
    await assert.rejects(dropped);
  });

  leavesNothing(
    'a cache of sizes with ttlAutopurge that is dropped',
    async (i) => {
      const pages = new LRUCache<string, string>({
        ...{ max: 20, maxSize: 500, sizeCalculation: (page) => page.length, ttl: 1, ttlAutopurge: true },
        disposeAfter: () => void disposed++,
      });
      for (let n = 0; n < 20; n++) pages.set(`page ${n}`, `${i}`.padEnd(30));
      const copy = new LRUCache<string, string>({ max: 20, maxSize: 500, maxEntrySize: 100 });
      copy.load(pages.dump());
      await sleep(1);
    },
    SLOW,
  );
});

suite('BoundedCache', () => {
  const log: string[] = [];
  const sessions = new BoundedCache<string, { i: number }>({
    ...{ maxEntries: 40, maxBytes: 64 * 1024, policy: 's3-fifo' },
    onRemove: (_value, key, reason) => void log.push(`${key} ${reason}`),
  });

  leavesNothing('setMany, resize and removal callbacks', (i) => {
    log.length = 0;
    const entries = Array.from({ length: 30 }, (_, n): [string, { i: number }] => [`${i} ${n}`, { i }]);
    sessions.setMany(entries);
    sessions.resize({ maxEntries: 10 });
    sessions.resize({ maxEntries: 40 });
    assert.ok(log.length >= 20, `${log.length}`);
  });

  leavesNothing('dump and restore', (i) => {
    log.length = 0;
    sessions.set(`dumped ${i}`, { i });
    const copy = new BoundedCache<string, { i: number }>({ maxEntries: 40, ttl: 60_000 });
    assert.ok(copy.restore(sessions.dump()) > 0);
  });

  const expiring = new BoundedCache<string, object>({ maxEntries: 1000, ttl: 1, ttlResolution: 1 });
  leavesNothing(
    'entries that expire',
    async (i) => {
      for (let n = 0; n < 20; n++) expiring.set(`${i} ${n}`, { n });
      await sleep(2);
      // By themselves, or now.
      expiring.purgeExpired();
    },
    SLOW,
  );

  leavesNothing('a named cache that is dropped, caches() and relieve()', (i) => {
    const named = new BoundedCache<number, object>({ maxEntries: 100, name: 'dropped' });
    for (let n = 0; n < 50; n++) named.set(n, { i });
    assert.ok(caches().includes(named as BoundedCache));
    assert.ok(relieve(0.5) >= 25);
  });

  const failing = new BoundedCache<string, object>({ maxEntries: 50, negativeTtl: 1 });
  leavesNothing(
    'loads that fail or are given up',
    async (i) => {
      const fails = () => Promise.reject(new Error('of the test'));
      await assert.rejects(failing.getOrLoad(`failing ${i}`, fails), /of the test/);
      const giveUp = new AbortController();
      const asked = failing.getOrLoad(`slow ${i}`, async (key) => ({ key }), { signal: giveUp.signal });
      giveUp.abort();
      await assert.rejects(asked, { name: 'AbortError' });
    },
    { budget: 128 },
  );
});

suite('SharedCache', () => {
  const cache = new SharedCache<{ i: number; text: string }>({
    ...{ name: 'features', maxBytes: MB, maxEntries: 200, codec: 'json', compress: 200 },
  });
  const counters = new SharedCache<number>({ name: 'counters', maxBytes: MB, codec: 'json', ttl: 60_000 });
  after(() => {
    cache.close();
    counters.close();
    assert.ok(!sharedCaches().some((name) => name === 'features' || name === 'own'), 'still open');
  });

  leavesNothing('getOrLoad with compression', async (i) => {
    const load = async () => ({ i, text: 'compressed '.repeat(50) });
    const [one, two] = await Promise.all([cache.getOrLoad(`${i}`, load), cache.getOrLoad(`${i}`, load)]);
    assert.deepEqual(one, two);
    assert.equal(cache.getMany([`${i}`, 'none'])[0]?.i, i);
  });

  leavesNothing('incr and update', (i) => {
    const key = `visits ${i % 50}`;
    const count = counters.incr(key);
    assert.equal(
      counters.update(key, (value = 0) => value + 1),
      count + 1,
    );
    counters.compareAndSet(key, count + 1, 0);
  });

  leavesNothing('a handle that is opened by name and closed', (i) => {
    const other = new SharedCache<{ i: number; text: string }>({ name: 'features' });
    other.set(`${i % 100}`, { i, text: 'other' });
    assert.equal(cache.get(`${i % 100}`)?.i, i);
    other.close();
  });

  leavesNothing('a cache that is opened and closed', (i) => {
    const own = new SharedCache({ name: 'own', maxBytes: 64 * 1024 });
    own.set('key', `${i}`);
    own.close();
  });

  // Node keeps something of each worker thread itself, some hundred bytes.
  leavesNothing(
    'a worker thread that opens it',
    async (i) => {
      const code = `
        const { SharedCache } = require(require('node:worker_threads').workerData);
        const cache = new SharedCache({ name: 'features' });
        cache.set('of a worker', { i: ${i}, text: '' });`;
      // Without the test's own loader, which takes longer to start than everything else.
      const worker = new Worker(code, { eval: true, execArgv: [], workerData: require.resolve('plateau') });
      await once(worker, 'exit');
      assert.equal(cache.get('of a worker')?.i, i);
    },
    { iterations: 24, warmup: 10, budget: 4096 },
  );
});

suite('adapters', () => {
  const shared = new SharedCache({ name: 'keyv', maxBytes: MB, maxEntries: 200 });
  const keyv = new Keyv({ store: new KeyvStore(shared), namespace: 'pages', ttl: 60_000 });
  const store = new SharedSessionStore({ name: 'sessions', maxBytes: MB, maxEntries: 100 });
  const sessions = promised(store);
  const hits = new SharedRateLimitStore({ name: 'hits', maxBytes: MB, maxEntries: 100 });
  after(() => {
    shared.close();
    store.close();
    hits.shutdown();
  });

  leavesNothing('KeyvStore', async (i) => {
    await keyv.set(`page ${i}`, { i });
    await keyv.setMany([
      { key: `page ${i} a`, value: 1 },
      { key: `page ${i} b`, value: 2, ttl: 1000 },
    ]);
    assert.deepEqual(await keyv.getMany([`page ${i} a`, `page ${i} b`]), [1, 2]);
    await keyv.delete(`page ${i} a`);
    const other = new Keyv({ store: new KeyvStore(new BoundedCache({ maxEntries: 5 })), namespace: 'other' });
    await other.set('key', 'value');
    await other.clear();
  });

  leavesNothing('SharedSessionStore', async (i) => {
    const id = `session ${i}`;
    await sessions.set(id, { cookie: lasting(60_000), user: 'ada' });
    assert.equal((await sessions.get(id))?.user, 'ada');
    await sessions.touch(id, { cookie: lasting(120_000) });
    if (i % 2 === 0) await sessions.destroy(id);
    assert.ok((await sessions.length()) <= 100);
    store.createSession({ session: {} } as never, { cookie: lasting(1000) } as unknown as SessionData);
  });

  leavesNothing('SharedRateLimitStore', (i) => {
    const client = `client ${i}`;
    hits.increment(client);
    assert.equal(hits.increment(client).totalHits, 2);
    hits.decrement(client);
    assert.equal(hits.get(client)?.totalHits, 1);
    if (i % 2 === 0) hits.resetKey(client);
  });
});

suite('TieredCache', () => {
  let server: RedisServer | undefined;
  let connected: Connected;
  let cache: TieredCache<object>;
  const open = async (): Promise<TieredCache<object>> => {
    const opened = new TieredCache<object>({
      ...{ local: new BoundedCache({ maxEntries: 50 }), remote: connected.client, ttl: 60_000 },
      namespace: newNamespace(),
    });
    await eventually(() => opened.stats().link !== 'none', 'the connection for invalidations');
    return opened;
  };
  before(async () => {
    if (withoutRedis) return;
    server = await RedisServer.start();
    connected = await connectClient('redis', [server.port]);
    cache = await open();
  });
  after(async () => {
    await cache?.close();
    await connected?.close();
    await server?.stop();
  });

  leavesNothing(
    'getOrLoad, get, set and delete',
    async (call) => {
      // Few keys: of what was written within the last two minutes, up to 16,384 keys are remembered.
      const i = call % 200;
      const load = async (key: string) => ({ key });
      await Promise.all([cache.getOrLoad(`user ${i}`, load), cache.getOrLoad(`user ${i}`, load)]);
      assert.equal(await cache.set(`other ${i}`, { i }, { tags: [`tag ${i % 20}`] }), true);
      // What the local tier has evicted.
      assert.deepEqual(await cache.get(`user ${Math.max(0, i - 60)}`), {
        key: `user ${Math.max(0, i - 60)}`,
      });
      assert.equal(await cache.delete(`other ${i}`), true);
    },
    { skip: withoutRedis, ...SLOW },
  );

  leavesNothing(
    'one that is opened and closed',
    async (i) => {
      const own = await open();
      await own.set('key', { i });
      await own.close();
    },
    { skip: withoutRedis, iterations: 80, warmup: 40, budget: 4096 },
  );
});
