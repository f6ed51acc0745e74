/** `stats()`: what is counted, what is not, and that counting anew leaves the content alone. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache, type CacheStats } from 'plateau';

function counted(cache: BoundedCache<string, unknown>, ...names: (keyof CacheStats)[]): Partial<CacheStats> {
  const stats = cache.stats();
  return Object.fromEntries(names.map((name) => [name, stats[name]]));
}

for (const policy of ['lru', 's3-fifo'] as const) {
  test(`${policy}: gets are hits or misses, and nothing else is`, () => {
    const cache = new BoundedCache<string, unknown>({ maxEntries: 10, policy });
    assert.deepEqual(counted(cache, 'hits', 'misses', 'hitRatio'), { hits: 0, misses: 0, hitRatio: 0 });
    cache.set('a', 1).set('a', 2).set('b', undefined);
    cache.get('a');
    cache.get('b');
    cache.get('c');
    assert.deepEqual(counted(cache, 'hits', 'misses', 'hitRatio'), { hits: 2, misses: 1, hitRatio: 2 / 3 });
    cache.has('a');
    cache.peek('a');
    cache.peek('c');
    cache.remainingTtl('a');
    cache.delete('c');
    cache.forEach(() => {});
    for (const _ of cache);
    cache.dump();
    assert.deepEqual(counted(cache, 'hits', 'misses'), { hits: 2, misses: 1 });
    cache.getMany(['a', 'b', 'x', 'y']);
    assert.deepEqual(counted(cache, 'hits', 'misses'), { hits: 4, misses: 3 });
    cache.getOrInsert('a', 0);
    cache.getOrInsert('n', 0);
    cache.getOrInsertComputed('n', () => 0);
    assert.deepEqual(counted(cache, 'hits', 'misses'), { hits: 6, misses: 4 });
  });

  test(`${policy}: many hits on one key are all counted`, () => {
    const cache = new BoundedCache<string, unknown>({ maxEntries: 10, policy }, [['a', 1]]);
    for (let i = 0; i < 1000; i++) cache.get('a');
    assert.equal(cache.stats().hits, 1000);
  });
}

test('only misses make a hit ratio of 0', () => {
  const cache = new BoundedCache<string, unknown>(10);
  cache.get('a');
  assert.equal(cache.stats().hitRatio, 0);
});

test('every stored value is a set, a refused one is not', () => {
  const cache = new BoundedCache<string, unknown>({ maxBytes: 10, sizeOf: (value) => value as number });
  cache.set('a', 1).set('a', 1).set('b', 11);
  cache.setMany([
    ['c', 1],
    ['d', 12],
  ]);
  cache.getOrInsert('e', 1);
  assert.deepEqual(counted(cache, 'sets', 'rejected'), { sets: 4, rejected: 2 });
});

test('removals are counted by reason, without a callback too', () => {
  let now = 0;
  const cache = new BoundedCache<string, unknown>({ maxEntries: 2, clock: { now: () => now } });
  cache.set('a', 1).set('b', 1).set('c', 1);
  cache.set('c', 2);
  cache.delete('b');
  cache.set('d', 1, { ttl: 5 });
  now = 5;
  cache.get('d');
  cache.clear();
  assert.deepEqual(cache.stats().removals, { evicted: 1, expired: 1, deleted: 1, replaced: 1, cleared: 1 });
});

test('entries, bytes and bounds are those of now', () => {
  const cache = new BoundedCache<string, unknown>({ maxEntries: 5, maxBytes: 100, sizeOf: () => 7 });
  cache.set('a', 1).set('b', 2);
  const names = ['entries', 'bytes', 'maxEntries', 'maxBytes'] as const;
  assert.deepEqual(counted(cache, ...names), { entries: 2, bytes: 14, maxEntries: 5, maxBytes: 100 });
  cache.resize({ maxEntries: 1, maxBytes: 50 });
  assert.deepEqual(counted(cache, ...names), { entries: 1, bytes: 7, maxEntries: 1, maxBytes: 50 });
});

test('resetStats sets the counters to zero and leaves the content and its order alone', () => {
  const cache = new BoundedCache<string, unknown>(2, [
    ['a', 1],
    ['b', 2],
  ]);
  cache.get('a');
  cache.get('x');
  cache.set('a', 3);
  assert.equal(cache.resetStats(), undefined);
  const { entries, maxEntries, maxBytes, removals, ...counters } = cache.stats();
  assert.deepEqual(
    { entries, maxEntries, maxBytes },
    { entries: 2, maxEntries: 2, maxBytes: Number.POSITIVE_INFINITY },
  );
  for (const value of [...Object.values(counters), ...Object.values(removals)]) assert.equal(value, 0);
  cache.set('c', 4);
  assert.deepEqual([...cache.keys()], ['a', 'c']);
  cache.get('a');
  assert.deepEqual(counted(cache, 'hits', 'misses'), { hits: 1, misses: 0 });
});

test('what stats returned before does not change', () => {
  const cache = new BoundedCache<string, unknown>(10);
  const before = cache.stats();
  const copy = structuredClone(before);
  cache.set('a', 1).set('a', 2);
  cache.get('a');
  cache.clear();
  assert.deepEqual(before, copy);
});
