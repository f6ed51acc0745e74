/** The bound on bytes: what is measured, what is refused, what leaves to make room. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';

/** A cache whose values are their sizes, and what left it. */
function sized(
  maxBytes: number,
  rest: { maxEntries?: number; policy?: 'lru' | 's3-fifo' } = {},
): { cache: BoundedCache<string, number>; removed: string[] } {
  const removed: string[] = [];
  const cache = new BoundedCache<string, number>({
    ...{ maxBytes, sizeOf: (value) => value },
    ...rest,
    onRemove: (value, key, reason) => void removed.push(`${key}=${value} ${reason}`),
  });
  return { cache, removed };
}

test('entries are evicted until the new one fits', () => {
  const { cache, removed } = sized(10);
  cache.set('a', 3).set('b', 3).set('c', 4);
  assert.equal(cache.stats().bytes, 10);
  assert.deepEqual(removed, []);
  cache.set('d', 5);
  assert.deepEqual(removed, ['a=3 evicted', 'b=3 evicted']);
  assert.equal(cache.stats().bytes, 9);
  cache.get('c');
  cache.set('e', 2);
  assert.deepEqual(removed.slice(2), ['d=5 evicted']);
  storeOf(cache).validate();
});

test('an entry of exactly maxBytes is held, alone', () => {
  const { cache } = sized(10);
  cache.set('a', 1).set('b', 10);
  assert.deepEqual([...cache], [['b', 10]]);
});

test('a larger entry is refused, counted, and takes nothing but the old value of its key with it', () => {
  for (const policy of ['lru', 's3-fifo'] as const) {
    const { cache, removed } = sized(10, { policy });
    cache.set('a', 3).set('b', 3);
    assert.equal(cache.set('c', 11), cache);
    assert.deepEqual([...cache.keys()], ['a', 'b']);
    cache.set('a', 12);
    assert.deepEqual([...cache.keys()], ['b']);
    assert.deepEqual(removed, ['a=3 deleted']);
    const { rejected, sets, bytes } = cache.stats();
    assert.deepEqual({ rejected, sets, bytes }, { rejected: 2, sets: 2, bytes: 3 });
    storeOf(cache).validate();
  }
});

test('a value that grows pushes others out, never itself', () => {
  for (const policy of ['lru', 's3-fifo'] as const) {
    const { cache, removed } = sized(10, { policy });
    cache.set('a', 2).set('b', 2).set('c', 2).set('d', 2);
    cache.set('a', 10);
    assert.deepEqual([...cache], [['a', 10]]);
    assert.deepEqual(removed.toSorted(), ['a=2 replaced', 'b=2 evicted', 'c=2 evicted', 'd=2 evicted']);
    storeOf(cache).validate();
  }
});

test('a value that shrinks makes room', () => {
  const { cache, removed } = sized(10);
  cache.set('a', 8).set('b', 2);
  cache.set('a', 3);
  assert.equal(cache.stats().bytes, 5);
  cache.set('c', 5);
  assert.deepEqual(removed, ['a=8 replaced']);
  assert.equal(cache.size, 3);
});

test('the same value with another size is measured anew', () => {
  const cache = new BoundedCache<string, { size: number }>({ maxBytes: 100, sizeOf: ({ size }) => size });
  const value = { size: 10 };
  cache.set('a', value);
  value.size = 30;
  assert.equal(cache.stats().bytes, 10, 'not before it is set');
  cache.set('a', value);
  assert.equal(cache.stats().bytes, 30);
  assert.equal(cache.stats().removals.replaced, 0);
});

test('entries of size 0 take no room', () => {
  const { cache } = sized(1);
  for (let i = 0; i < 1000; i++) cache.set(`${i}`, 0);
  assert.equal(cache.size, 1000);
  assert.equal(cache.stats().bytes, 0);
});

test('both bounds hold, whichever is reached first', () => {
  const { cache } = sized(100, { maxEntries: 3 });
  cache.set('a', 1).set('b', 1).set('c', 1).set('d', 1);
  assert.deepEqual([...cache.keys()], ['b', 'c', 'd']);
  cache.set('e', 99);
  assert.deepEqual([...cache.keys()], ['d', 'e']);
});

test('sizeOf is called once per set, with value and key, and not where the size is given', () => {
  const calls: unknown[][] = [];
  const cache = new BoundedCache<string, string>({
    maxBytes: 100,
    sizeOf(...args) {
      calls.push(args);
      return 5;
    },
  });
  cache.set('a', 'x').set('a', 'y').set('b', 'z', { size: 7 });
  cache.get('a');
  cache.has('b');
  cache.delete('a');
  assert.deepEqual(calls, [
    ['x', 'a'],
    ['y', 'a'],
  ]);
  assert.equal(cache.stats().bytes, 7);
  cache.setMany(
    [
      ['c', 'c'],
      ['d', 'd'],
    ],
    { size: 2 },
  );
  assert.equal(cache.stats().bytes, 11);
  assert.equal(calls.length, 2);
});

test('a sizeOf that throws leaves everything as it was', () => {
  const cache = new BoundedCache<string, number>({
    maxBytes: 100,
    sizeOf(value) {
      if (value < 0) throw new Error('no size');
      return value;
    },
  });
  cache.set('a', 5);
  const before = cache.stats();
  assert.throws(() => cache.set('a', -1), /no size/);
  assert.throws(() => cache.set('b', -1), /no size/);
  assert.deepEqual(cache.stats(), before);
  assert.deepEqual([...cache], [['a', 5]]);
});

test('a sizeOf that uses the cache itself does no harm', () => {
  const cache: BoundedCache<string, number> = new BoundedCache<string, number>({
    maxBytes: 20,
    sizeOf(value, key) {
      if (key === 'outer') {
        cache.set('outer', 0, { size: 1 });
        cache.set('inner', 1, { size: 15 });
        cache.delete('a');
      }
      return value;
    },
  });
  cache.set('a', 5);
  cache.set('outer', 10);
  assert.deepEqual([...cache], [['outer', 10]]);
  storeOf(cache).validate();
});

test('removing entries gives their bytes back, whichever way they leave', () => {
  const { cache } = sized(100);
  for (let i = 0; i < 10; i++) cache.set(`${i}`, 10);
  cache.delete('0');
  cache.take('1');
  assert.equal(cache.stats().bytes, 80);
  cache.shrinkTo(0.5);
  assert.equal(cache.stats().bytes, 40);
  cache.clear();
  assert.equal(cache.stats().bytes, 0);
});

test('resize changes the bound on bytes at once', () => {
  const { cache, removed } = sized(100);
  for (let i = 0; i < 10; i++) cache.set(`${i}`, 10);
  cache.resize({ maxBytes: 35 });
  assert.equal(cache.size, 3);
  assert.equal(cache.maxBytes, 35);
  assert.equal(removed.length, 7);
  cache.set('x', 36);
  assert.equal(cache.stats().rejected, 1);
  cache.resize({ maxBytes: 1000 });
  cache.set('x', 900);
  assert.equal(cache.size, 4);
});

test('shrinkTo counts bytes as well as entries', () => {
  const { cache } = sized(100);
  cache.set('small', 1).set('tiny', 1).set('large', 60).set('medium', 30);
  cache.shrinkTo(0.5);
  assert.deepEqual([...cache.keys()], ['medium']);
});

test('without sizeOf, the built-in estimate of value and key is what is counted', () => {
  const cache = new BoundedCache<string, unknown>({ maxBytes: 1_000_000 });
  const bytesOf = (key: string, value: unknown): number => {
    cache.clear();
    cache.set(key, value);
    return cache.stats().bytes;
  };
  const text = bytesOf('k', 'x'.repeat(10_000));
  assert.ok(text >= 10_000 && text < 10_500, `${text} bytes for 10,000 one-byte characters`);
  const wide = bytesOf('k', 'ж'.repeat(10_000));
  assert.ok(wide >= 20_000 && wide < 20_500, `${wide} bytes for 10,000 two-byte characters`);
  const buffer = bytesOf('k', Buffer.alloc(50_000));
  assert.ok(buffer >= 50_000 && buffer < 51_000, `${buffer} bytes for a buffer of 50,000`);
  assert.ok(bytesOf('k'.repeat(1000), 1) >= bytesOf('k', 1) + 990, 'the key counts');
  const list = bytesOf('k', { list: Array.from({ length: 100 }, (_, i) => ({ i })) });
  assert.ok(list > 100 * 24, `${list} bytes for a hundred objects`);
  cache.clear();
  for (let i = 0; i < 1000; i++) cache.set(`${i}`, 'x'.repeat(10_000));
  assert.ok(cache.size >= 90 && cache.size < 100, `${cache.size} entries of 10 kB in a megabyte`);
});

test('without maxBytes nothing is measured', () => {
  const cache = new BoundedCache<string, string>(10);
  cache.set('a', 'x'.repeat(1000));
  assert.equal(cache.stats().bytes, 0);
  assert.equal(cache.maxBytes, Number.POSITIVE_INFINITY);
});
