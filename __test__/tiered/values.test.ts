/** What goes in comes out, in every instance, under its own key and no other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCache, type TieredCache } from 'plateau';
import { eventually, instance, newNamespace } from './fixtures/caches';
import { CLIENTS } from './fixtures/clients';
import { type RedisServer, sharedRedis, startCluster, ttlsOf, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;
sharedRedis((started) => {
  server = started;
});

for (const name of CLIENTS) {
  test(
    `with ${name}: values are shared, deleted, tagged and cleared across instances`,
    options,
    async (t) => {
      const namespace = newNamespace();
      const a = await instance(t, server, { namespace }, name);
      const b = await instance(t, server, { namespace }, name);
      await exercise(a.cache, b.cache);
      assert.deepEqual(
        [...ttlsOf(server)].filter(([, ttl]) => ttl <= 0),
        [],
      );
      assert.deepEqual([a.errors, b.errors], [[], []]);
    },
  );
}

test('the same in a cluster, with every client', options, async (t) => {
  const { nodes, stop } = await startCluster();
  t.after(stop);
  for (const name of CLIENTS) {
    const namespace = newNamespace();
    const a = await instance(t, nodes, { namespace }, name);
    const b = await instance(t, nodes, { namespace }, name);
    await exercise(a.cache, b.cache);
    // More keys than slots of one node, written and found.
    const keys = Array.from({ length: 300 }, (_, index) => `many ${index}`);
    assert.equal(await a.cache.setMany(keys.map((key) => [key, key] as const)), true);
    assert.deepEqual(await b.cache.getMany(keys), keys);
    assert.deepEqual([a.errors, b.errors], [[], []]);
    for (const node of nodes) {
      const ttls = ttlsOf(node);
      assert.ok(ttls.size > 50);
      assert.deepEqual(
        [...ttls].filter(([, ttl]) => ttl <= 0),
        [],
      );
    }
  }
});

async function exercise(a: TieredCache, b: TieredCache): Promise<void> {
  assert.equal(await a.get('key'), undefined);
  assert.equal(await a.has('key'), false);
  assert.equal(await a.remainingTtl('key'), undefined);
  assert.equal(await a.set('key', { n: 1 }), true);
  assert.deepEqual(await a.get('key'), { n: 1 });
  assert.deepEqual(await b.get('key'), { n: 1 });
  assert.equal(await b.has('key'), true);
  const left = (await b.remainingTtl('key')) as number;
  assert.ok(left > 50_000 && left <= 60_000, `${left} ms left`);

  assert.equal(await b.set('key', { n: 2 }), true);
  await eventually(async () => ((await a.get('key')) as { n: number }).n === 2, 'the write elsewhere');
  assert.equal(await a.delete('key'), true);
  await eventually(async () => (await b.get('key')) === undefined, 'the deletion elsewhere');

  await a.set('nothing', null);
  assert.equal(await b.get('nothing'), null);
  assert.deepEqual(await b.getMany(['nothing', 'key', 'nothing']), [null, undefined, null]);

  await a.set('one', 1, { tags: ['red'] });
  await b.set('two', 2, { tags: ['red', 'blue'] });
  await b.set('three', 3, { tags: ['blue'] });
  assert.deepEqual(await a.getMany(['one', 'two', 'three']), [1, 2, 3]);
  assert.equal(await a.deleteByTag('red'), true);
  assert.deepEqual(await a.getMany(['one', 'two', 'three']), [undefined, undefined, 3]);
  await eventually(async () => (await b.get('one')) === undefined && (await b.get('two')) === undefined);
  assert.equal(await b.get('three'), 3);

  assert.equal(await b.clear(), true);
  assert.equal(await b.get('three'), undefined);
  await eventually(async () => (await a.get('three')) === undefined, 'the clearing elsewhere');
  assert.equal(await a.set('three', 4), true);
  await eventually(async () => (await b.get('three')) === 4, 'a value after the clearing');
}

test('any string is a key of its own, and stays in its namespace', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace });
  const b = await instance<string>(t, server, { namespace, coherence: 'pubsub' });
  const key = fc.oneof(
    fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
    // What could end our braces, be taken for an escape, or be a half of a character.
    fc
      .array(fc.constantFrom('{', '}', '%', ':', '%007b', 'a', '\0', '\n', '\ud800', '\udc00', 'é'), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { minLength: 1, maxLength: 10 }), async (keys) => {
      assert.equal(await a.cache.setMany(keys.map((key) => [key, key] as const)), true);
      assert.deepEqual(await b.cache.getMany(keys), keys);
      await a.cache.delete(keys[0] as string);
      await eventually(async () => (await b.cache.get(keys[0] as string)) === undefined);
      assert.deepEqual(await b.cache.getMany(keys.slice(1)), keys.slice(1));
    }),
    { numRuns: 60 },
  );
  for (const name of ttlsOf(server).keys()) {
    if (name.includes(namespace))
      assert.match(name, new RegExp(`^plateau:${namespace}:(?:g$|[vl]:\\{[^{}]*\\}$)`));
  }
});

test('namespaces do not see each other, though one is the beginning of the other', options, async (t) => {
  const namespace = newNamespace();
  const outer = await instance(t, server, { namespace });
  const inner = await instance(t, server, { namespace: `${namespace}:v` });
  await outer.cache.set('key', 'outer', { tags: ['tag'] });
  await inner.cache.set('key', 'inner', { tags: ['tag'] });
  assert.deepEqual([await outer.cache.get('key'), await inner.cache.get('key')], ['outer', 'inner']);
  await outer.cache.deleteByTag('tag');
  await outer.cache.clear();
  assert.deepEqual([await outer.cache.get('key'), await inner.cache.get('key')], [undefined, 'inner']);
});

test("a client's own key prefix is kept", options, async (t) => {
  const namespace = newNamespace();
  const a = await instance(t, server, { namespace }, 'ioredis', { keyPrefix: 'app1:' });
  const b = await instance(t, server, { namespace }, 'ioredis', { keyPrefix: 'app1:' });
  const other = await instance(t, server, { namespace }, 'ioredis', { keyPrefix: 'app2:' });
  await exercise(a.cache, b.cache);
  assert.equal(await other.cache.get('three'), undefined);
  const names = [...ttlsOf(server).keys()].filter((name) => name.includes(`${namespace}:v`));
  assert.ok(names.length > 0 && names.every((name) => name.startsWith('app1:')), names.join());
});

test('with redis, whose raw commands have no prefix, instances still meet', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance(t, server, { namespace }, 'redis', { keyPrefix: 'app1:' });
  const b = await instance(t, server, { namespace }, 'redis');
  const c = await instance(t, server, { namespace, coherence: 'pubsub' }, 'redis', { keyPrefix: 'app2:' });
  await exercise(a.cache, b.cache);
  await exercise(b.cache, c.cache);
  await exercise(c.cache, a.cache);
});

test('clients that are set to answer otherwise serve as well', options, async (t) => {
  const namespace = newNamespace();
  const buffers = { commandOptions: { typeMapping: { 36: Buffer } } };
  const a = await instance(t, server, { namespace }, 'redis', buffers);
  const b = await instance(t, server, { namespace }, 'ioredis', {
    stringNumbers: true,
    enableAutoPipelining: true,
  });
  const c = await instance(t, server, { namespace }, 'ioredis', { protocol: 2, lazyConnect: false });
  await exercise(a.cache, b.cache);
  await exercise(b.cache, c.cache);
});

test('structured values come back as what they were, and custom codecs are used', options, async (t) => {
  const namespace = newNamespace();
  const structured = { namespace, codec: 'structured' as const };
  const a = await instance(t, server, structured);
  const b = await instance(t, server, structured);
  const value: Record<string, unknown> = {
    map: new Map([[1, new Set(['x'])]]),
    date: new Date(5),
    big: 2n ** 70n,
    bytes: Buffer.from([0, 255]),
    nothing: undefined,
  };
  value.self = value;
  await a.cache.set('key', value);
  assert.deepEqual(await b.cache.get('key'), value);

  const codec = {
    encode: (value: number) => `#${value}`,
    decode: (text: string) => Number(text.slice(1)),
  };
  const custom = { namespace: newNamespace(), codec };
  const c = await instance<number>(t, server, custom);
  const d = await instance<number>(t, server, custom);
  await c.cache.set('key', 7);
  assert.equal(await d.cache.get('key'), 7);
  assert.match(server.cli('get', `plateau:${custom.namespace}:v:{key}`), /#7$/);
});

test('what cannot be decoded is a miss, is counted, and is replaced by the next load', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance(t, server, { namespace });
  const name = `plateau:${namespace}:v:{key}`;
  for (const junk of ['\xff\xfe not ours', 'p1 0-0 x 0 0\n{broken', '']) {
    server.cli('set', name, junk, 'px', '60000');
    assert.equal(await a.cache.get('key'), undefined);
    assert.equal(await a.cache.getOrLoad('key', () => 'loaded'), 'loaded');
    assert.match(server.cli('get', name), /"loaded"$/);
    await a.cache.delete('key');
  }
  // One whose header is right.
  await a.cache.set('key', 'x');
  const stored = server.cli('get', name);
  server.cli('set', name, stored.replace('"x"', '{broken'), 'px', '60000');
  await eventually(async () => (await a.cache.get('key')) === undefined);
  assert.ok(a.cache.stats().errors.decode >= 4);
  assert.ok(a.errors.some(({ context }) => context.operation === 'decode' && context.key === 'key'));
});

test('every key lives as long as it is told, less the jitter, in both tiers', options, async (t) => {
  const namespace = newNamespace();
  // Tracking would also tell of its own writes.
  const times = { ttl: 10_000, ttlJitter: 0.5 };
  const { cache, local } = await instance(t, server, { namespace, coherence: 'pubsub', ...times });
  const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`);
  await cache.setMany(keys.map((key) => [key, 1] as const));
  await cache.set('own', 1, { ttl: 100_000 });
  const ttls = ttlsOf(server);
  const ofKeys = keys.map((key) => ttls.get(`plateau:${namespace}:v:{${key}}`) as number);
  assert.ok(
    ofKeys.every((ttl) => ttl > 4000 && ttl <= 10_000),
    ofKeys.join(),
  );
  assert.ok(Math.max(...ofKeys) - Math.min(...ofKeys) > 2000, 'they do not expire together');
  const own = ttls.get(`plateau:${namespace}:v:{own}`) as number;
  assert.ok(own > 45_000 && own <= 100_000, String(own));
  for (const key of keys) assert.ok((local.remainingTtl(key) as number) <= 10_000);
});

test('an expired value is gone, in either tier', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance(t, server, { namespace, ttlJitter: 0 });
  const b = await instance(t, server, { namespace, localTtl: 30 });
  await a.cache.set('short', 1, { ttl: 60 });
  await a.cache.set('long', 1);
  assert.deepEqual(await b.cache.getMany(['short', 'long']), [1, 1]);
  await eventually(async () => (await b.cache.get('short')) === undefined);
  assert.equal(await a.cache.get('short'), undefined);
  await eventually(async () => {
    await b.cache.get('long');
    return b.cache.stats().remoteHits > 4;
  }, 'reading Redis again after localTtl');
});

test('a write is seen at once by the one who made it, though he does not wait', options, async (t) => {
  const { cache } = await instance(t, server, { namespace: newNamespace() });
  await cache.set('key', 1);
  void cache.set('key', 2);
  void cache.set('key', 3);
  assert.equal(await cache.get('key'), 3);
  assert.equal(await cache.set('key', 4), true);
  assert.equal(await cache.get('key'), 4);
});

test('writes of a key arrive in the order of the calls', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance(t, server, { namespace });
  const b = await instance(t, server, { namespace });
  // A tag is a round trip more.
  const writes = [
    a.cache.set('key', 1, { tags: ['a', 'b'] }),
    a.cache.delete('key'),
    a.cache.set('key', 2, { tags: ['a'] }),
    a.cache.set('key', 3),
  ];
  assert.deepEqual(await Promise.all(writes), [true, true, true, true]);
  assert.equal(await b.cache.get('key'), 3);
  await eventually(async () => (await a.cache.get('key')) === 3);
});

test('wrap memoises by the first argument or by a key', options, async (t) => {
  const { cache } = await instance<number>(t, server, { namespace: newNamespace() });
  let calls = 0;
  const double = cache.wrap((id: string) => {
    calls++;
    return id.length * 2;
  });
  assert.deepEqual(await Promise.all([double('abc'), double('abc'), double('x')]), [6, 6, 2]);
  assert.equal(calls, 2);
  const sum = cache.wrap(
    (a: number, b: number) => {
      calls++;
      return a + b;
    },
    (a, b) => `sum ${a} ${b}`,
  );
  assert.deepEqual([await sum(1, 2), await sum(1, 2), calls], [3, 3, 3]);
  await assert.rejects(
    sum.call(undefined, 1, 2).then(() => double(5 as unknown as string)),
    {
      code: 'PLATEAU_INVALID_ARGUMENT',
    },
  );
});

test('a local tier of another kind serves, if it has the methods', options, async (t) => {
  const inner = new BoundedCache<string, unknown>({ maxEntries: 10 });
  const local = {
    get: (key: string) => inner.get(key),
    set: (key: string, value: unknown, options?: { ttl?: number | undefined }) =>
      inner.set(key, value, options),
    delete: (key: string) => inner.delete(key),
    clear: () => inner.clear(),
  };
  const { cache } = await instance(t, server, { namespace: newNamespace(), local });
  await cache.set('key', 1);
  await cache.get('key');
  assert.equal(await cache.get('key'), 1);
  inner.set('junk', 'not an entry');
  assert.equal(await cache.get('junk'), undefined);
});

test('a local tier that throws costs hits, and fails nobody', options, async (t) => {
  const fail = (): never => {
    throw new Error('broken');
  };
  const local = { get: fail, set: fail, delete: fail, clear: fail };
  const { cache, errors } = await instance(t, server, { namespace: newNamespace(), local });
  assert.equal(await cache.set('key', 1), true);
  assert.equal(await cache.get('key'), 1);
  assert.equal(await cache.getOrLoad('other', () => 2), 2);
  assert.equal(await cache.clear(), true);
  assert.ok(cache.stats().errors.local > 3);
  assert.equal(errors[0]?.context.operation, 'local');
});
