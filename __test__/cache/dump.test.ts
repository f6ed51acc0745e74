/** `dump()` and `restore()`: what is saved, that order and times survive, that bad dumps change nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache, type BoundedCacheOptions, type CacheDump } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';

function made<V = unknown>(
  options: Partial<BoundedCacheOptions<string, V>> = {},
): { cache: BoundedCache<string, V>; advance: (ms: number) => void } {
  let now = 0;
  const cache = new BoundedCache<string, V>({ maxEntries: 100, clock: { now: () => now }, ...options });
  return {
    cache,
    advance(ms) {
      now += ms;
    },
  };
}

/** A dump made just now or `age` ms ago. */
function dumped<V>(entries: CacheDump<string, V>['entries'], age = 0): CacheDump<string, V> {
  // A tenth of a second ahead, so that the time the test itself takes does not count.
  return { format: 'plateau.cache', version: 1, at: Date.now() + (age === 0 ? 60_000 : -age), entries };
}

test('a dump is plain data: format, version, when it was made, and the entries, least recently used first', () => {
  const { cache } = made({ maxBytes: 100, sizeOf: () => 5 });
  cache.set('a', 1).set('b', 2, { ttl: 100 }).set('c', undefined, { size: 7 });
  cache.get('a');
  const before = Date.now();
  const { at, ...dump } = cache.dump();
  assert.ok(at >= before && at <= Date.now());
  assert.deepEqual(dump, {
    format: 'plateau.cache',
    version: 1,
    entries: [
      { key: 'b', value: 2, ttl: 100, size: 5 },
      { key: 'c', value: undefined, size: 7 },
      { key: 'a', value: 1, size: 5 },
    ],
  });
});

test('without maxBytes there are no sizes, without a ttl no times', () => {
  const { cache } = made();
  cache.set('a', 1);
  assert.deepEqual(cache.dump().entries, [{ key: 'a', value: 1 }]);
  assert.deepEqual(new BoundedCache(10).dump().entries, []);
});

for (const [how, copy] of [
  ['as it is', <T>(dump: T): T => dump],
  ['through structuredClone', structuredClone],
  ['through JSON', <T>(dump: T): T => JSON.parse(JSON.stringify(dump))],
] as const) {
  test(`a restored dump, ${how}, has the same entries, and they leave in the same order`, () => {
    const { cache } = made({ maxEntries: 5 });
    for (const key of ['a', 'b', 'c', 'd', 'e']) cache.set(key, { key });
    cache.get('b');
    cache.get('a');
    const other = new BoundedCache<string, unknown>(5);
    assert.equal(other.restore(copy(cache.dump())), 5);
    assert.deepEqual([...other.entriesByRecency()], [...cache.entriesByRecency()]);
    for (const key of ['v', 'w', 'x', 'y', 'z']) {
      cache.set(key, 0);
      other.set(key, 0);
      assert.deepEqual([...other.keys()].sort(), [...cache.keys()].sort());
    }
  });
}

test('an s3-fifo cache dumps the last to be evicted last, so that a smaller cache keeps the best', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 20, policy: 's3-fifo' });
  for (let i = 0; i < 20; i++) cache.set(`k${i}`, i);
  for (let i = 0; i < 3; i++) cache.get('k0');
  cache.set('new', 0);
  const small = new BoundedCache<string, number>(1);
  small.restore(cache.dump());
  assert.deepEqual([...small.keys()], ['k0']);
});

test('times to live go on where they were', () => {
  const { cache, advance } = made({ ttl: 1000 });
  cache.set('usual', 1).set('short', 2, { ttl: 50 }).set('endless', 3, { ttl: Number.POSITIVE_INFINITY });
  advance(30);
  const { cache: other, advance: advanceOther } = made({ ttl: 5000 });
  assert.equal(other.restore({ ...cache.dump(), at: Date.now() + 60_000 }), 3);
  assert.equal(other.remainingTtl('usual'), 970);
  assert.equal(other.remainingTtl('short'), 20);
  assert.equal(other.remainingTtl('endless'), Number.POSITIVE_INFINITY);
  advanceOther(20);
  assert.deepEqual([...other.keys()], ['usual', 'endless']);
});

test('the time since the dump was made counts, and what has expired meanwhile is left out', () => {
  const { cache } = made();
  const entries = [
    { key: 'gone', value: 1, ttl: 3_600_000 },
    { key: 'left', value: 2, ttl: 7_200_000 },
    { key: 'endless', value: 3 },
  ];
  assert.equal(cache.restore(dumped(entries, 3_600_000)), 2);
  assert.deepEqual([...cache.keys()], ['left', 'endless']);
  const remaining = cache.remainingTtl('left') as number;
  // Up to a minute for a machine that is very busy.
  assert.ok(remaining <= 3_600_000 && remaining > 3_540_000, `${remaining} ms left`);
});

test('a dump from the future, by a clock that was set back, has lost no time', () => {
  const { cache } = made();
  const dump = { ...dumped([{ key: 'a', value: 1, ttl: 100 }]), at: Date.now() + 1e12 };
  assert.equal(cache.restore(dump), 1);
  assert.equal(cache.remainingTtl('a'), 100);
});

test('what has expired is not dumped', () => {
  const { cache, advance } = made();
  cache.set('a', 1, { ttl: 10 }).set('b', 2);
  advance(10);
  assert.deepEqual(
    cache.dump().entries.map(({ key }) => key),
    ['b'],
  );
});

test('a dump never holds a time that restore would not take, though the clock for reads lags behind', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 1000 });
  const store = storeOf(cache);
  const word = new Float64Array([5000]);
  let exact = 5000;
  store.word = word;
  store.ticker = { word, start: () => exact };
  cache.set('a', 1).set('b', 2, { ttl: 1200 });
  word[0] = 5990;
  exact = 6010;
  assert.equal(cache.has('a'), true);
  const dump = cache.dump();
  assert.deepEqual(
    dump.entries.map(({ key, ttl }) => [key, ttl]),
    [['b', 190]],
  );
  assert.equal(new BoundedCache<string, number>(10).restore(dump), 1);
});

test('sizes are taken from the dump, not measured again', () => {
  const { cache } = made({ maxBytes: 100, sizeOf: () => assert.fail('it has a size') });
  cache.restore(dumped([{ key: 'a', value: 1, size: 40 }]));
  assert.equal(cache.stats().bytes, 40);
});

test('where the dump has no size, or the cache no maxBytes, that is fine', () => {
  const { cache } = made({ maxBytes: 100, sizeOf: () => 9 });
  cache.restore(dumped([{ key: 'a', value: 1 }]));
  assert.equal(cache.stats().bytes, 9);
  const { cache: unsized } = made();
  unsized.restore(dumped([{ key: 'a', value: 1, size: 40 }]));
  assert.deepEqual([...unsized], [['a', 1]]);
});

test('restore returns how many were set: what is too large is not counted', () => {
  const { cache } = made({ maxBytes: 10, sizeOf: () => 1 });
  const entries = [
    { key: 'a', value: 1, size: 5 },
    { key: 'b', value: 2, size: 11 },
    { key: 'c', value: 3, size: 1 },
  ];
  assert.equal(cache.restore(dumped(entries)), 2);
  assert.deepEqual([...cache.keys()], ['a', 'c']);
});

test('entries that are there stay, and those of the same key are replaced', () => {
  const { cache } = made();
  cache.set('a', 1).set('b', 2);
  cache.restore(
    dumped([
      { key: 'b', value: 3 },
      { key: 'c', value: 4 },
    ]),
  );
  assert.deepEqual(
    [...cache],
    [
      ['a', 1],
      ['b', 3],
      ['c', 4],
    ],
  );
});

test('keys and values of any kind survive in memory', () => {
  const keys = [{}, Symbol('key'), Number.NaN, undefined, null, 0, '', 1n];
  const cache = new BoundedCache<unknown, unknown>(10);
  for (const key of keys) cache.set(key, key);
  const other = new BoundedCache<unknown, unknown>(10);
  other.restore(cache.dump());
  assert.deepEqual([...other], [...cache]);
});

test('dump changes nothing: no use, no statistics, no order', () => {
  const { cache, advance } = made({ ttl: 10, sliding: true });
  cache.set('a', 1).set('b', 2);
  const before = [cache.stats(), [...cache.entriesByRecency()]];
  cache.dump();
  assert.deepEqual([cache.stats(), [...cache.entriesByRecency()]], before);
  advance(10);
  assert.equal(cache.get('a'), undefined);
});
