/** `dispose`, `disposeAfter` and `onInsert`: when they are called, and what is left when they throw. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';

type Call = [value: number, key: string, reason: string];

test('dispose sees the cache with the entry, disposeAfter without', () => {
  const calls: unknown[] = [];
  const cache: LRUCache<string, number> = new LRUCache<string, number>({
    max: 2,
    dispose: (value, key, reason) => void calls.push([reason, value, cache.peek(key), cache.size]),
    disposeAfter: (value, key, reason) =>
      void calls.push(['after', reason, value, cache.peek(key), cache.size]),
  });
  cache.set('a', 1).set('b', 2).set('c', 3);
  assert.deepEqual(calls.splice(0), [
    ['evict', 1, 1, 2],
    ['after', 'evict', 1, undefined, 2],
  ]);
  cache.set('b', 20);
  assert.deepEqual(calls.splice(0), [
    ['set', 2, 2, 2],
    ['after', 'set', 2, 20, 2],
  ]);
  cache.delete('b');
  assert.deepEqual(calls.splice(0), [
    ['delete', 20, 20, 2],
    ['after', 'delete', 20, undefined, 1],
  ]);
  cache.clear();
  assert.deepEqual(calls.splice(0), [
    ['delete', 3, 3, 1],
    ['after', 'delete', 3, undefined, 0],
  ]);
});

test('the reason says why: evict, set, delete, expire', () => {
  const calls: Call[] = [];
  let now = 1;
  const cache = new LRUCache<string, number>({
    max: 2,
    ttl: 10,
    ttlResolution: 0,
    perf: { now: () => now },
    dispose: (...call) => void calls.push(call),
  });
  cache.set('a', 1).set('b', 2).set('c', 3).set('c', 4);
  cache.delete('b');
  now = 20;
  assert.equal(cache.get('c'), undefined);
  cache.set('d', 5).set('d', undefined);
  cache.set('e', 6);
  now = 40;
  assert.equal(cache.purgeStale(), true);
  assert.deepEqual(calls, [
    [1, 'a', 'evict'],
    [3, 'c', 'set'],
    [2, 'b', 'delete'],
    [4, 'c', 'expire'],
    [5, 'd', 'delete'],
    [6, 'e', 'expire'],
  ]);
});

test('noDisposeOnSet replaces in silence, and nothing else', () => {
  const calls: Call[] = [];
  const after: Call[] = [];
  const cache = new LRUCache<string, number>({
    max: 2,
    noDisposeOnSet: true,
    dispose: (...call) => void calls.push(call),
    disposeAfter: (...call) => void after.push(call),
  });
  cache.set('a', 1).set('a', 2);
  assert.deepEqual([calls, after], [[], []]);
  cache.set('a', 3, { noDisposeOnSet: false });
  assert.deepEqual([calls, after], [[[2, 'a', 'set']], [[2, 'a', 'set']]]);
  cache.pop();
  assert.deepEqual(calls[1], [3, 'a', 'evict']);
});

test('onInsert tells a new key from the same and from another value', () => {
  const calls: Call[] = [];
  const cache = new LRUCache<string, number>({ max: 2, onInsert: (...call) => void calls.push(call) });
  cache.set('a', 1).set('a', 1).set('a', 2).set('a', undefined).set('b', 3);
  assert.deepEqual(calls, [
    [1, 'a', 'add'],
    [1, 'a', 'update'],
    [2, 'a', 'replace'],
    [3, 'b', 'add'],
  ]);
});

test('an entry whose dispose throws stays, and is the next to be evicted', () => {
  let fails = true;
  const calls: Call[] = [];
  const cache = new LRUCache<string, number>({
    max: 3,
    dispose: (...call) => {
      if (fails) throw new Error('not now');
      calls.push(call);
    },
  });
  cache.set('a', 1).set('b', 2).set('c', 3);
  assert.throws(() => cache.set('d', 4), { message: 'not now' });
  assert.throws(() => cache.pop(), { message: 'not now' });
  assert.throws(() => cache.delete('b'), { message: 'not now' });
  assert.throws(() => cache.set('c', 30), { message: 'not now' });
  assert.throws(() => cache.clear(), { message: 'not now' });
  coreOf(cache).validate();
  assert.deepEqual(
    [...cache.rentries()],
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
  );
  fails = false;
  cache.set('d', 4);
  assert.deepEqual(calls, [[1, 'a', 'evict']]);
});

test('after a dispose that threw, the order of eviction is what it was', () => {
  const calls: string[] = [];
  let fails = true;
  const cache = new LRUCache<string, number>({
    max: 4,
    dispose: (_value, key) => {
      if (fails) throw new Error('not now');
      calls.push(key);
    },
  });
  cache.set('a', 1).set('b', 2).set('c', 3).set('d', 4);
  assert.throws(() => cache.pop(), { message: 'not now' });
  fails = false;
  cache.set('e', 5).set('f', 6);
  assert.deepEqual(calls, ['a', 'b']);
});

test('a value for which no room can be made is not stored, or not in the place of the old one', () => {
  const cache = new LRUCache<string, number>({
    maxSize: 10,
    sizeCalculation: (value) => value,
    dispose: (_value, key) => {
      if (key === 'a') throw new Error('not now');
    },
  });
  cache.set('a', 5).set('b', 3);
  assert.throws(() => cache.set('c', 4), { message: 'not now' });
  assert.throws(() => cache.set('b', 9), { message: 'not now' });
  assert.deepEqual(
    [...cache.rentries()],
    [
      ['a', 5],
      ['b', 3],
    ],
  );
  assert.equal(cache.calculatedSize, 8);
  coreOf(cache).validate();
});

test('what disposeAfter throws comes out when the work is done, and the others are called next time', () => {
  const calls: string[] = [];
  const cache = new LRUCache<string, number>({
    max: 3,
    disposeAfter: (_value, key) => {
      calls.push(key);
      if (key === 'a') throw new Error('not that one');
    },
  });
  cache.set('a', 1).set('b', 2);
  assert.throws(() => cache.clear(), { message: 'not that one' });
  assert.equal(cache.size, 0);
  assert.deepEqual(calls, ['a']);
  cache.delete('not there');
  assert.deepEqual(calls, ['a', 'b']);
});

test('disposeAfter may put the value back', () => {
  const cache: LRUCache<string, number> = new LRUCache<string, number>({
    max: 2,
    disposeAfter: (value, key, reason) => {
      if (key === 'a' && reason === 'evict') cache.set('a', value + 1);
    },
  });
  cache.set('a', 1).set('b', 2).set('c', 3);
  assert.deepEqual(
    [...cache.entries()],
    [
      ['a', 2],
      ['c', 3],
    ],
  );
});

test('a dispose that sets the key of the set that called it: the last value wins', () => {
  const cache: LRUCache<string, number> = new LRUCache<string, number>({
    max: 1,
    dispose: (_value, key) => {
      if (key === 'a') cache.set('b', 20);
    },
  });
  // Evicting `a` for `b` sets `b`, which evicts `a`, and so on: as lru-cache, until the stack is full.
  assert.throws(() => cache.set('a', 1).set('b', 2), RangeError);
  coreOf(cache).validate();

  const other: LRUCache<string, number> = new LRUCache<string, number>({
    max: 2,
    dispose: (_value, key) => void (key === 'a' && other.delete('a')),
  });
  other.set('a', 1).set('b', 2);
  assert.throws(() => other.set('a', 10), RangeError);
  coreOf(other).validate();
});
