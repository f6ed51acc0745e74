/** Sizes: `maxSize`, `maxEntrySize`, and what a fetch under way counts as. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';

test('the least recently used leave until the new entry fits', () => {
  const cache = new LRUCache<string, number>({ maxSize: 10, sizeCalculation: (value) => value });
  cache.set('a', 3).set('b', 3).set('c', 3);
  cache.get('a');
  cache.set('d', 5);
  assert.deepEqual([...cache.keys()], ['d', 'a']);
  assert.equal(cache.calculatedSize, 8);
  cache.set('a', 6);
  assert.deepEqual([...cache.keys()], ['a']);
  assert.equal(cache.calculatedSize, 6);
});

test('an entry that is too large is not stored, and its key has none then', () => {
  const status: LRUCache.Status<string, number> = {};
  const calls: unknown[] = [];
  const cache = new LRUCache<string, number>({
    maxSize: 10,
    maxEntrySize: 5,
    sizeCalculation: (value) => value,
    dispose: (...call) => void calls.push(call),
  });
  cache.set('a', 1).set('b', 2);
  cache.set('a', 6, { status });
  assert.deepEqual([status.set, status.maxEntrySizeExceeded], ['miss', true]);
  assert.deepEqual([...cache.keys()], ['b']);
  assert.deepEqual(calls, [[1, 'a', 'set']]);
  assert.equal(cache.calculatedSize, 2);
});

test('an entry that may be larger than all together evicts everything, itself too, and the sum is right', () => {
  const cache = new LRUCache<string, number>({
    maxSize: 10,
    maxEntrySize: 50,
    sizeCalculation: (value) => value,
  });
  cache.set('a', 4).set('b', 20);
  coreOf(cache).validate();
  assert.deepEqual([cache.size, cache.calculatedSize], [0, 0]);
  cache.set('c', 10);
  assert.deepEqual([...cache.keys()], ['c']);
});

test('a size given with the value goes before one calculated; the same value keeps its size', () => {
  const status: LRUCache.Status<string, number> = {};
  const cache = new LRUCache<string, number>({ max: 3, maxSize: 10, sizeCalculation: () => 9 });
  cache.set('a', 1, { size: 2, status });
  assert.deepEqual([status.entrySize, status.totalCalculatedSize], [2, 2]);
  cache.set('a', 1, { size: 5 });
  assert.equal(cache.calculatedSize, 2);
  cache.set('a', 2, { size: 5 });
  assert.equal(cache.calculatedSize, 5);
  assert.equal(cache.info('a')?.size, 5);
});

test('maxEntrySize alone bounds entries, not their sum', () => {
  const cache = new LRUCache<number, number>({
    max: 100,
    maxEntrySize: 2,
    sizeCalculation: (value) => value,
  });
  for (let i = 0; i < 50; i++) cache.set(i, 1 + (i % 3));
  assert.equal(cache.size, 34);
  assert.equal(cache.calculatedSize, 51);
});

test('a fetch under way counts as backgroundFetchSize, or as what it refreshes', async () => {
  const cache = new LRUCache<string, number>({
    maxSize: 10,
    backgroundFetchSize: 4,
    sizeCalculation: (value) => value,
    fetchMethod: async () => 2,
  });
  const promise = cache.fetch('a');
  assert.equal(cache.calculatedSize, 4);
  assert.equal(await promise, 2);
  assert.equal(cache.calculatedSize, 2);
  const refresh = cache.fetch('a', { forceRefresh: true });
  assert.equal(cache.calculatedSize, 2);
  await refresh;
});
