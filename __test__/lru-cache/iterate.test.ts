/** Iterating by recency while the cache changes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LRUCache as Theirs } from 'lru-cache';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';

const factor = Number(process.env.PLATEAU_RUNS ?? 1);

function filled(count: number, max = 100_000): LRUCache<number, number> {
  const cache = new LRUCache<number, number>({ max });
  for (let i = 0; i < count; i++) cache.set(i, i);
  return cache;
}

test('the order is that of use, however large the cache', () => {
  for (const count of [0, 1, 2, 15, 16, 17, 33, 1000, 20_000]) {
    const cache = filled(count);
    const expected = Array.from({ length: count }, (_, i) => i);
    // Every third is used again, in another order than it was set.
    for (let i = count - 1; i >= 0; i -= 3) {
      cache.get(i);
      expected.push(...expected.splice(expected.indexOf(i, Math.max(0, i - count)), 1));
      if (count > 1000) break;
    }
    assert.deepEqual([...cache.rkeys()], expected);
    assert.deepEqual([...cache.keys()], expected.toReversed());
    assert.deepEqual([...cache.rvalues()], expected);
    assert.deepEqual(
      [...cache],
      expected.toReversed().map((i) => [i, i]),
    );
  }
});

test('deleting while iterating comes to the same keys as in lru-cache, where that neither stops nor begins again', () => {
  const codes = fc.array(fc.nat(7), { maxLength: 40 });
  fc.assert(
    fc.property(fc.boolean(), codes, fc.nat(40), (newestFirst, deletions, count) => {
      const [ours, theirs] = [LRUCache, Theirs].map((Cache) => {
        const cache = new Cache<number, number>({ max: 50 });
        for (let i = 0; i < count; i++) cache.set(i, i);
        const seen: number[] = [];
        for (const key of newestFirst ? cache.keys() : cache.rkeys()) {
          seen.push(key);
          // Itself, or one that was passed: what lru-cache goes on from is then still there; not the last of all, after
          // which lru-cache may begin again.
          if (seen.length === count) break;
          const which = deletions[seen.length - 1];
          if (which === 0) cache.delete(key);
          else if (which === 1) cache.delete(seen[seen.length >> 1] as number);
        }
        return { seen, left: [...cache.keys()] };
      });
      assert.deepEqual(ours, theirs);
    }),
    { numRuns: 1000 * factor },
  );
});

test('deleting what is to come leaves it out, and never ends the iteration', () => {
  for (const newestFirst of [true, false]) {
    const cache = filled(100);
    const seen: number[] = [];
    for (const key of newestFirst ? cache.keys() : cache.rkeys()) {
      seen.push(key);
      // Together with the current one: where lru-cache stops.
      cache.delete(key);
      cache.delete(newestFirst ? key - 1 : key + 1);
    }
    assert.equal(seen.length, 50);
    assert.equal(cache.size, 0);
    coreOf(cache).validate();
  }
});

test('using each entry while iterating comes to each once', () => {
  for (const names of [
    ['keys', 'rkeys'],
    ['entries', 'rentries'],
  ] as const) {
    for (const name of names) {
      const cache = filled(50);
      const seen: number[] = [];
      for (const item of cache[name]()) {
        const key = typeof item === 'number' ? item : item[0];
        seen.push(key);
        cache.get(key);
        cache.set(key, -key);
      }
      assert.equal(seen.length, 50);
      assert.equal(new Set(seen).size, 50);
    }
  }
});

test('what is used or added meanwhile is behind a walk from the newest on, and ahead of one from the oldest', () => {
  const cache = filled(5);
  const walk = (keys: Iterable<number>): number[] => {
    const seen: number[] = [];
    for (const key of keys) {
      seen.push(key);
      if (seen.length === 2) {
        cache.get(2);
        cache.set(5, 5);
      }
    }
    return seen;
  };
  assert.deepEqual(walk(cache.keys()), [4, 3, 1, 0]);
  assert.deepEqual([...cache.keys()], [5, 2, 4, 3, 1, 0]);
  cache.delete(5);
  assert.deepEqual(walk(cache.rkeys()), [0, 1, 3, 4, 2, 5]);
});

test('an iteration survives that memory is given back', () => {
  for (const newestFirst of [true, false]) {
    const cache = filled(5000);
    const seen: number[] = [];
    for (const key of newestFirst ? cache.keys() : cache.rkeys()) {
      seen.push(key);
      if (seen.length === 40) for (let i = 100; i < 4900; i++) cache.delete(i);
    }
    assert.equal(seen.length, 200);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => (newestFirst ? b - a : a - b)),
    );
    coreOf(cache).validate();
  }
});

test('clearing while iterating ends it, but for what is added after', () => {
  for (const name of ['keys', 'rkeys'] as const) {
    const cache = filled(100);
    const seen: number[] = [];
    for (const key of cache[name]()) {
      seen.push(key);
      cache.clear();
      cache.set(-1, 1);
    }
    assert.deepEqual(seen, name === 'keys' ? [99] : [0, -1]);
  }
});

test('iterators begin when they are first asked', () => {
  const cache = filled(2);
  const keys = cache.keys();
  cache.set(2, 2);
  assert.equal(keys.next().value, 2);
  assert.equal(Object.prototype.toString.call(keys), '[object Generator]');
});

test('forEach passes value, key and cache, find gets what it finds', () => {
  const cache = filled(4);
  const calls: unknown[] = [];
  cache.forEach(function (this: unknown, ...args) {
    calls.push([this === cache, ...args.slice(0, 2), args[2] === cache]);
  });
  assert.deepEqual(calls[0], [true, 3, 3, true]);
  assert.equal(calls.length, 4);
  assert.equal(
    cache.find((value) => value < 2),
    1,
  );
  assert.deepEqual([...cache.keys()], [1, 3, 2, 0]);
  assert.equal(
    cache.find(() => false),
    undefined,
  );
});
