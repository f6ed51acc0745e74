/** The adapter under Keyv: namespaces, times to live, batches, threads, and Keyv over a Map as the oracle. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv6';
import { BoundedCache, type SharedCache } from 'plateau';
import { KeyvStore, type KeyvStoreCache } from 'plateau/keyv';
import { message, named, open, start } from '../shared/support';
import { until } from '../support';

const caches: [string, (t: Parameters<typeof open>[0]) => KeyvStoreCache][] = [
  ['SharedCache', (t) => open(t)],
  ['BoundedCache', () => new BoundedCache<string, unknown>({ maxEntries: 10_000 })],
];

/** All that a Keyv iterates over. */
async function contents(keyv: Keyv): Promise<[string, unknown][]> {
  assert.ok(keyv.iterator);
  const all: [string, unknown][] = [];
  for await (const [key, value] of keyv.iterator(undefined)) all.push([key as string, value]);
  return all.sort();
}

for (const [name, make] of caches) {
  test(`${name}: clearing a namespace leaves every other, also one whose name begins with it`, async (t) => {
    const cache = make(t);
    const names = ['a', 'a:b', 'a::b', 'ab', '', 'b'];
    for (const useKeyPrefix of [true, false]) {
      const keyvs = names.map(
        (namespace) => new Keyv({ store: new KeyvStore(cache), namespace, useKeyPrefix }),
      );
      for (const [index, keyv] of keyvs.entries()) {
        for (const key of ['x:c', 'c', ':c', 'b']) await keyv.set(key, `${key} of ${names[index]}`);
      }
      for (const [index, keyv] of keyvs.entries()) {
        assert.equal(await keyv.get('c'), `c of ${names[index]}`);
        await keyv.clear();
        for (const [later, other] of keyvs.entries()) {
          const expected = later <= index ? undefined : `x:c of ${names[later]}`;
          assert.equal(await other.get('x:c'), expected, `${names[later]} after ${names[index]}`);
        }
      }
      assert.equal([...cache.keys()].length, 0);
    }
  });

  test(`${name}: what the application has put into the cache itself is not Keyv's to clear or to iterate`, async (t) => {
    const cache = make(t);
    cache.set('mine', 'as it is');
    const keyv = new Keyv({ store: new KeyvStore(cache), namespace: 'n' });
    await keyv.set('key', 1);
    assert.deepEqual(await contents(keyv), [['key', 1]]);
    await keyv.clear();
    await new KeyvStore(cache).clear();
    assert.deepEqual([...cache.entries()], [['mine', 'as it is']]);
  });

  test(`${name}: the cache itself lets an entry expire, at Keyv's time to live or its own`, async (t) => {
    const cache = make(t);
    const keyv = new Keyv({ store: new KeyvStore(cache), useKeyPrefix: false });
    await keyv.set('minute', 1, 60_000);
    await keyv.set('forever', 1);
    await keyv.set('zero', 1, 0);
    await keyv.set('soon', 1, 20);
    await keyv.set('past', 1);
    await keyv.set('past', 2, -1);
    const left = cache.remainingTtl('keyv\0minute') as number;
    assert.ok(left > 0 && left <= 60_000, String(left));
    assert.equal(cache.remainingTtl('keyv\0forever'), Number.POSITIVE_INFINITY);
    assert.equal(cache.remainingTtl('keyv\0zero'), Number.POSITIVE_INFINITY, 'Keyv means none by 0');
    assert.equal(await keyv.get('past'), undefined);
    await until(() => !cache.has('keyv\0soon'));
    assert.equal(await keyv.get('soon'), undefined);
    assert.equal(await keyv.has('soon'), false);
  });

  test(`${name}: batches keep their order, and hold what single calls hold`, async (t) => {
    const cache = make(t);
    const store = new KeyvStore(cache, { namespace: 'n' });
    const entries = Array.from({ length: 1000 }, (_, i) => ({
      key: `k${i % 600}`,
      value: `v${i}`,
      ...(i % 7 === 0 && { ttl: 60_000 }),
    }));
    assert.deepEqual(await store.setMany(entries), Array(1000).fill(true));
    const keys = Array.from({ length: 700 }, (_, i) => `k${i}`);
    const expected = keys.map((_, i) => (i < 400 ? `v${i + 600}` : i < 600 ? `v${i}` : undefined));
    assert.deepEqual(await store.getMany(keys), expected);
    assert.deepEqual(
      await store.hasMany(keys),
      expected.map((value) => value !== undefined),
    );
    assert.ok((cache.remainingTtl('n\0k2') as number) <= 60_000, 'k602 was last, with a time to live');
    assert.equal(await store.deleteMany(['k0', 'k1']), true);
    assert.equal(await store.deleteMany(['k0', 'k2']), false, 'k0 had none');
    assert.equal(await store.has('k2'), false, 'and k2 is gone');
    assert.deepEqual(await store.setMany([]), []);
    assert.deepEqual(await store.getMany([]), []);
  });

  test(`${name}: clear and iteration over many entries let the event loop turn`, async (t) => {
    const cache = make(t);
    const store = new KeyvStore(cache, { namespace: 'n' });
    await store.setMany(Array.from({ length: 9000 }, (_, i) => ({ key: `k${i}`, value: 'v' })));
    let turns = 0;
    let timer = setImmediate(function count() {
      turns++;
      timer = setImmediate(count);
    });
    let met = 0;
    for await (const [key, value] of store.iterator()) {
      assert.match(key, /^k\d+$/);
      assert.equal(value, 'v');
      met++;
    }
    const iterating = turns;
    await store.clear();
    clearImmediate(timer);
    assert.equal(met, 9000);
    assert.ok(iterating >= 4, `${iterating} turns`);
    assert.ok(turns - iterating >= 4, `${turns - iterating} turns`);
    assert.equal(cache.size, 0);
  });

  test(`${name}: random programs do what they do on Keyv over a Map`, async (t) => {
    const cache = make(t);
    // None that begins with its namespace and a colon: Keyv takes that for prefixed, in some methods and not in others.
    const key = fc.constantFrom('a', 'b', 'c', 'a:b', 'n', 'm:a', '__proto__', 'ü€😀', ' ');
    const value = fc.jsonValue().filter((it) => it !== null);
    const step = fc.oneof(
      fc.record({ op: fc.constant('set' as const), key, value }),
      fc.record({ op: fc.constant('read' as const), key }),
      fc.record({ op: fc.constant('delete' as const), key }),
      fc.record({ op: fc.constant('clear' as const) }),
      fc.record({ op: fc.constant('many' as const), keys: fc.array(key, { maxLength: 4 }), value }),
    );
    const program = fc.array(fc.tuple(fc.nat({ max: 1 }), step), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(program, async (steps) => {
        cache.clear();
        const pairs = ['n', 'n:m'].map((namespace) => ({
          ours: new Keyv({ store: new KeyvStore(cache), namespace }),
          // A Map of its own, as over a shared one `clear` would clear all.
          oracle: new Keyv({ store: new Map(), namespace }),
        }));
        for (const [which, one] of steps) {
          const { ours, oracle } = pairs[which] as (typeof pairs)[0];
          const [got, expected] = await Promise.all([run(ours, one), run(oracle, one)]);
          assert.deepEqual(got, expected);
        }
      }),
      { numRuns: 60 },
    );
    async function run(keyv: Keyv, it: typeof step extends fc.Arbitrary<infer S> ? S : never) {
      if (it.op === 'set') return keyv.set(it.key, it.value);
      if (it.op === 'clear') return keyv.clear();
      if (it.op === 'read') return [await keyv.get(it.key), await keyv.has(it.key)];
      if (it.op === 'delete') return keyv.delete(it.key);
      const { value } = it;
      const stored = await keyv.setMany(it.keys.map((key) => ({ key, value })));
      return [stored, await keyv.getMany(it.keys), await keyv.hasMany(it.keys)];
    }
  });

  test(`${name}: works under Keyv 6 too, which leaves namespaces to the adapter`, async (t) => {
    const cache = make(t);
    const [a, b] = ['a', 'a:b'].map(
      (namespace) => new Keyv6({ store: new KeyvStore(cache), namespace, throwOnErrors: true }),
    ) as [Keyv6, Keyv6];
    await a.set('k', { deep: [1] }, 60_000);
    await b.set('k', 2);
    assert.ok((cache.remainingTtl('a\0k') as number) <= 60_000);
    assert.deepEqual(
      await a.setMany([
        { key: 'x', value: 1 },
        { key: 'y', value: 2, ttl: 60_000 },
      ]),
      [true, true],
    );
    assert.deepEqual(await a.getMany(['k', 'x', 'y', 'z']), [{ deep: [1] }, 1, 2, undefined]);
    assert.deepEqual(await a.has(['k', 'z']), [true, false]);
    const met: unknown[] = [];
    for await (const entry of a.iterator()) met.push(entry);
    assert.equal(met.length, 3);
    assert.equal(await a.delete('x'), true);
    await a.clear();
    assert.equal(await a.get('k'), undefined);
    assert.equal(await b.get('k'), 2);
  });
}

test('without Keyv’s serialization a BoundedCache returns the very objects', async () => {
  const cache = new BoundedCache<string, unknown>({ maxEntries: 10 });
  const keyv = new Keyv({
    store: new KeyvStore(cache),
    serialize: undefined,
    deserialize: undefined,
  } as never);
  const value = { at: new Map([[1, 2]]) };
  await keyv.set('key', value);
  assert.equal(await keyv.get('key'), value);
});

test('without Keyv’s serialization a SharedCache stores by its codec', async (t) => {
  const cache = open<unknown>(t, { codec: 'structured' });
  const keyv = new Keyv({
    store: new KeyvStore(cache),
    serialize: undefined,
    deserialize: undefined,
  } as never);
  const value = { at: new Map([[1, new Date(5)]]) };
  await keyv.set('key', value, 60_000);
  assert.deepEqual(await keyv.get('key'), value);
});

test('Keyvs in two threads share what is in a SharedCache', async (t) => {
  const options = named();
  const cache = open(t, options);
  const keyv = new Keyv({ store: new KeyvStore(cache), namespace: 'shared' });
  await keyv.set('question', 'how many?');
  const worker = startReader({ name: options.name, namespace: 'shared' });
  assert.equal(await message(worker), 'done');
  assert.deepEqual(await keyv.get('answer'), { to: 'how many?' });
  await worker.terminate();
});

test('a cache that is full evicts for Keyv as for anyone, and stays within its bytes', async (t) => {
  const cache: SharedCache = open(t, { maxBytes: 256 * 1024 });
  const keyv = new Keyv({ store: new KeyvStore(cache) });
  for (let i = 0; i < 5000; i++) assert.equal(await keyv.set(`k${i}`, 'x'.repeat(200)), true);
  const { bytes, maxBytes, removals } = cache.stats();
  assert.ok(bytes <= maxBytes, `${bytes} of ${maxBytes}`);
  assert.ok(removals.evicted > 3000);
  assert.equal(await keyv.get('k4999'), 'x'.repeat(200));
  assert.equal(await keyv.get('k0'), undefined);
});

test('disconnecting leaves the cache, which is the application’s, as it is', async (t) => {
  const cache = open(t);
  const keyv = new Keyv({ store: new KeyvStore(cache) });
  await keyv.set('key', 1);
  await keyv.disconnect();
  assert.equal(cache.closed, false);
  assert.equal(await keyv.get('key'), 1);
});

function startReader(data: unknown): ReturnType<typeof start> {
  return start('../../keyv/fixtures/reader', data);
}
