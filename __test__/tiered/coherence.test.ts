/** Writes elsewhere are heard of; and where they cannot be, nothing local is used for longer than the window. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TieredCacheOptions } from 'plateau';
import { deferred, eventually, type Instance, instance, newNamespace } from './fixtures/caches';
import type { ClientName } from './fixtures/clients';
import { RedisServer, sharedRedis, startCluster, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;
sharedRedis((started) => {
  server = started;
});

/** The two ways of hearing of writes, with a client for each. */
const WAYS = [
  ['tracking', 'redis'],
  ['pubsub', 'ioredis'],
] as const;

/** Reads until the value is in the local tier. */
async function warm({ cache }: Instance<unknown>, key: string): Promise<unknown> {
  let value: unknown;
  await eventually(async () => {
    const before = cache.stats().localHits;
    value = await cache.get(key);
    return cache.stats().localHits > before;
  }, 'a local hit');
  return value;
}

for (const [link, name] of WAYS) {
  test(
    `by ${link}: a write or deletion elsewhere takes the value out of the local tier`,
    options,
    async (t) => {
      const namespace = newNamespace();
      const a = await instance(t, server, { namespace }, name);
      const b = await instance(t, server, { namespace }, name);
      assert.equal(a.cache.stats().link, link);
      await a.cache.set('key', 1);
      await warm(b, 'key');
      await a.cache.set('key', 2);
      await eventually(() => !b.local.has('key'), 'the invalidation');
      assert.equal(await warm(b, 'key'), 2);
      await a.cache.delete('key');
      await eventually(() => !b.local.has('key'), 'the invalidation');
      assert.equal(await b.cache.get('key'), undefined);
      assert.ok(b.cache.stats().invalidationsReceived >= 2);
    },
  );

  test(
    `by ${link}: a read that began before a write does not bring the old value back`,
    options,
    async (t) => {
      const namespace = newNamespace();
      const a = await instance(t, server, { namespace }, name);
      const b = await instance(t, server, { namespace, remoteTimeout: 5000 }, name);
      await a.cache.set('key', 'old');
      // The answer to the read of b is held back until the write of a has been heard of.
      const hold = deferred();
      const client = b.client as { sendCommand: unknown; call: unknown };
      const method = name === 'redis' ? 'sendCommand' : 'call';
      const real = (client[method] as (...args: unknown[]) => Promise<unknown>).bind(client);
      client[method] = async (...args: unknown[]) => {
        const reply = await real(...args);
        await hold.promise;
        return reply;
      };
      const reading = b.cache.get('key');
      await sleep(50);
      client[method] = real;
      const heard = b.cache.stats().invalidationsReceived;
      await a.cache.set('key', 'new');
      await eventually(() => b.cache.stats().invalidationsReceived > heard);
      hold.resolve();
      assert.equal(await reading, 'old', 'it was asked for before the write');
      assert.equal(b.local.has('key'), false);
      assert.equal(await b.cache.get('key'), 'new');
    },
  );

  test(`by ${link}: a load that began before a write is stored nowhere`, options, async (t) => {
    const namespace = newNamespace();
    const a = await instance(t, server, { namespace }, name);
    const b = await instance(t, server, { namespace }, name);
    for (const write of [() => a.cache.delete('key'), () => a.cache.set('key', 'new')]) {
      const load = deferred<string>();
      const started = deferred();
      const loading = b.cache.getOrLoad('key', () => {
        started.resolve();
        return load.promise;
      });
      await started.promise;
      assert.equal(await write(), true);
      load.resolve('old');
      assert.equal(await loading, 'old', 'the caller asked before the write');
      assert.notEqual(await a.cache.get('key'), 'old');
      await eventually(async () => (await b.cache.get('key')) !== 'old');
      assert.equal(b.local.has('key') && (b.local.get('key') as { v: string }).v === 'old', false);
      await a.cache.delete('key');
    }
  });

  test(
    `by ${link}: after a cut all that is local is given up, and the connection is made anew`,
    options,
    async (t) => {
      const namespace = newNamespace();
      const a = await instance(t, server, { namespace }, name);
      const b = await instance(t, server, { namespace }, name);
      await a.cache.set('key', 1);
      await warm(b, 'key');
      const { flushes } = b.cache.stats();
      server.cli('client', 'kill', 'skipme', 'yes');
      await eventually(() => b.cache.stats().flushes > flushes && b.cache.stats().link === link);
      assert.equal(b.local.size, 0);
      await eventually(async () => (await b.cache.get('key')) === 1);
      await eventually(async () => await a.cache.set('key', 2));
      await eventually(async () => (await b.cache.get('key')) === 2);
    },
  );

  test(
    `by ${link}: a connection that hangs unnoticed is trusted for no longer than the window`,
    options,
    async (t) => {
      const own = await RedisServer.start();
      t.after(() => own.stop());
      const window = 400;
      const namespace = newNamespace();
      const settings = { namespace, maxStaleOnDisconnect: window, remoteTimeout: 100 };
      const { cache } = await instance(t, own, settings, name);
      await cache.set('key', 1);
      await eventually(async () => (await cache.get('key')) === 1 && cache.stats().localHits > 0);
      own.pause();
      // Served from the local tier at first, and not after the window; it is a miss then, not an error.
      assert.equal(await cache.get('key'), 1);
      await eventually(async () => (await cache.get('key')) === undefined, 'the end of the window');
      assert.equal(cache.stats().coherent, false);
      assert.equal(await cache.getOrLoad('key', () => 2), 2);
      assert.equal(
        await cache.getOrLoad('key', () => 3),
        2,
        'what was loaded meanwhile is used, for the window',
      );
      own.resume();
      await eventually(() => cache.stats().coherent && cache.stats().breaker === 'closed', 'its return');
      await eventually(async () => (await cache.get('key')) === 1);
    },
  );
}

test(
  'tracking hears of what any other program does, publishing of writes by tiered caches',
  options,
  async (t) => {
    const namespace = newNamespace();
    const tracked = await instance(t, server, { namespace });
    await tracked.cache.set('key', 1);
    await warm(tracked, 'key');
    server.cli('del', `plateau:${namespace}:v:{key}`);
    await eventually(() => !tracked.local.has('key'), 'the deletion by another program');
    await tracked.cache.set('key', 1);
    await warm(tracked, 'key');
    server.cli('flushall');
    await eventually(() => !tracked.local.has('key'), 'the deletion of everything');
  },
);

test('instances with different clients and ways hear each other', options, async (t) => {
  const namespace = newNamespace();
  const kinds: [ClientName, Partial<TieredCacheOptions<unknown>>][] = [
    ['redis', {}],
    ['ioredis', {}],
    ['redis5', { coherence: 'pubsub' }],
    ['ioredis5', {}],
  ];
  const all = await Promise.all(kinds.map(([name, own]) => instance(t, server, { namespace, ...own }, name)));
  for (const [version, writer] of all.entries()) {
    await writer.cache.set('key', version);
    for (const reader of all) await eventually(async () => (await reader.cache.get('key')) === version);
  }
});

test('many writes of one turn are told in few messages', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance(t, server, { namespace, coherence: 'pubsub' });
  const b = await instance(t, server, { namespace, coherence: 'pubsub' });
  const published = (): number =>
    Number(/cmdstat_publish:calls=(\d+)/.exec(server.cli('info', 'commandstats'))?.[1] ?? 0);
  const before = published();
  await a.cache.setMany(Array.from({ length: 1000 }, (_, index) => [`key ${index}`, index] as const));
  await eventually(() => b.cache.stats().invalidationsReceived === 1000);
  assert.equal(a.cache.stats().invalidationsSent, 1000);
  assert.ok(published() - before <= 40, `${published() - before} messages`);
});

test('in a healthy cluster no message is taken for lost', options, async (t) => {
  const { nodes, stop } = await startCluster();
  t.after(stop);
  const namespace = newNamespace();
  const all = await Promise.all(
    (['redis', 'ioredis', 'redis5', 'ioredis5'] as const).map((name) =>
      instance(t, nodes, { namespace }, name),
    ),
  );
  const flushes = all.map(({ cache }) => cache.stats().flushes);
  for (let round = 0; round < 100; round++) {
    await Promise.all(all.map(({ cache }, index) => cache.set(`key ${(round + index) % 50}`, round)));
  }
  assert.deepEqual(
    all.map(({ cache }) => cache.stats().flushes),
    flushes,
  );
  for (const { cache } of all) await eventually(() => cache.stats().invalidationsReceived >= 200);
});

test('a Redis that restarts from an old snapshot does not bring old values back', options, async (t) => {
  const own = await RedisServer.start();
  t.after(() => own.stop());
  const namespace = newNamespace();
  const a = await instance(t, own, { namespace });
  const trusting = await instance(t, own, { namespace: newNamespace(), trustAfterRestart: true });
  await a.cache.set('key', 'old');
  await trusting.cache.set('key', 'old');
  own.cli('save');
  await a.cache.set('key', 'new');
  await own.kill();
  await own.start();
  assert.match(own.cli('get', `plateau:${namespace}:v:{key}`), /old/, 'it is back in Redis');
  await eventually(() => a.cache.stats().link !== 'none' && a.cache.stats().coherent);
  await eventually(async () => await a.cache.set('other', 1), 'its return');
  assert.notEqual(await a.cache.get('key'), 'old');
  assert.equal(await a.cache.getOrLoad('key', () => 'loaded'), 'loaded');
  await eventually(async () => (await trusting.cache.get('key')) === 'old', 'what was asked for');
});

test(
  'without a connection yet, or where one is refused, values are used for the window only',
  options,
  async (t) => {
    const own = await RedisServer.start();
    t.after(() => own.stop());
    own.cli('acl', 'setuser', 'limited', 'on', '>secret', '~*', '&*', '+@all', '-client|tracking', '-info');
    const namespace = newNamespace();
    // Tracking is forbidden to it: it falls back.
    const credentials = { username: 'limited', password: 'secret' };
    const a = await instance(t, own, { namespace }, 'redis', credentials);
    assert.equal(a.cache.stats().link, 'pubsub');
    const b = await instance(t, own, { namespace }, 'ioredis', credentials);
    await a.cache.set('key', 1);
    await eventually(async () => (await b.cache.get('key')) === 1);
  },
);
