/** Time to live: which clock it goes by, and what happens to what is stale. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { install } from '@sinonjs/fake-timers';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';

/** A cache with a clock that stands until the test moves it. */
function timed(options: Partial<LRUCache.OptionsBase<string, number, unknown>> = {}): {
  cache: LRUCache<string, number>;
  advance: (ms: number) => void;
} {
  let now = 1000;
  const perf = { now: () => now };
  const cache = new LRUCache<string, number>({ max: 100, ttl: 10, ttlResolution: 0, ...options, perf });
  return {
    cache,
    advance(ms) {
      now += ms;
    },
  };
}

test('an entry is stale when more than its TTL has passed, and counts until it is removed', () => {
  const { cache, advance } = timed();
  cache.set('a', 1);
  advance(10);
  assert.equal(cache.get('a'), 1);
  assert.equal(cache.getRemainingTTL('a'), 0);
  advance(0.5);
  assert.equal(cache.has('a'), false);
  assert.equal(cache.peek('a'), undefined);
  assert.equal(cache.getRemainingTTL('a'), -0.5);
  assert.equal(cache.size, 1);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.size, 0);
});

test('stale entries are evicted in their turn, not before', () => {
  const { cache, advance } = timed({ max: 2 });
  cache.set('fresh', 1, { ttl: 100 }).set('stale', 2);
  advance(50);
  cache.set('new', 3);
  assert.deepEqual(
    cache.dump().map(([key]) => key),
    ['stale', 'new'],
  );
});

test('TTLs beyond what a timer can wait work', () => {
  const { cache, advance } = timed({ ttl: 2 ** 40, ttlAutopurge: true });
  cache.set('a', 1);
  advance(2 ** 40);
  assert.equal(cache.get('a'), 1);
  advance(1);
  assert.equal(cache.get('a'), undefined);
});

test('TTLs may differ, begin and end at any time, and memory of them follows the cache', () => {
  const { cache, advance } = timed({ ttl: 0 });
  for (let i = 0; i < 50; i++) cache.set(`forever ${i}`, i);
  for (let i = 0; i < 50; i++) cache.set(`${i}`, i, { ttl: i + 1 });
  advance(25);
  assert.equal(cache.purgeStale(), true);
  assert.equal(cache.purgeStale(), false);
  assert.equal(cache.size, 76);
  assert.equal(cache.getRemainingTTL('30'), 6);
  assert.equal(cache.getRemainingTTL('forever 1'), Number.POSITIVE_INFINITY);
  cache.set('30', 1, { ttl: 0 });
  advance(1000);
  cache.purgeStale();
  assert.equal(cache.size, 51);
  coreOf(cache).validate();
});

test('the time stands still for ttlResolution, which is what a timer says', async () => {
  const { cache, advance } = timed({ ttlResolution: 5 });
  cache.set('a', 1);
  assert.equal(cache.get('a'), 1);
  advance(100);
  assert.equal(cache.get('a'), 1);
  await wait(20);
  assert.equal(cache.get('a'), undefined);
});

test('without perf the time is that of performance, also when it is replaced later', () => {
  const cache = new LRUCache<string, number>({ max: 1, ttl: 60_000, ttlResolution: 0 });
  assert.equal(cache.perf, performance);
  const before = performance.now();
  const status: LRUCache.Status<string, number> = {};
  cache.set('a', 1, { status });
  // The start is read from a clock that may lag by a millisecond; the keeper may be late on a busy machine.
  assert.ok((status.start as number) <= performance.now() && (status.start as number) > before - 1000);
  const now = mock.method(performance, 'now', () => before + 50_000);
  cache.set('b', 2, { status });
  assert.equal(status.start, before + 50_000);
  assert.equal(cache.getRemainingTTL('b'), 60_000);
  now.mock.restore();
});

test('a TTL under a second is counted exactly', () => {
  const cache = new LRUCache<string, number>({ max: 1, ttl: 999, ttlResolution: 0 });
  for (let i = 0; i < 100; i++) {
    const before = performance.now();
    cache.set('a', i);
    const left = cache.getRemainingTTL('a');
    assert.ok(left <= 999 && left >= 999 - (performance.now() - before));
  }
});

test('a cache made under fake timers goes by them, autopurge included', () => {
  const clock = install({ now: 5 });
  try {
    const cache = new LRUCache<string, number>({ ttl: 1000, ttlAutopurge: true });
    cache.set('a', 1).set('b', 2, { ttl: 500 });
    clock.tick(501);
    assert.deepEqual([...cache.keys()], ['a']);
    assert.equal(cache.size, 1);
    clock.tick(500);
    assert.equal(cache.size, 0);
    assert.equal(clock.countTimers(), 0);
  } finally {
    clock.uninstall();
  }
});

test('updateAgeOnGet and updateAgeOnHas begin the time anew, noUpdateTTL does not', () => {
  const { cache, advance } = timed({ updateAgeOnGet: true, updateAgeOnHas: true, noUpdateTTL: true });
  cache.set('got', 1).set('had', 1).set('set', 1).set('plain', 1);
  advance(6);
  cache.get('got');
  cache.has('had');
  cache.set('set', 2);
  cache.get('plain', { updateAgeOnGet: false });
  advance(6);
  assert.deepEqual([...cache.keys()].sort(), ['got', 'had']);
});

test('dump carries ages over to another clock', () => {
  const { cache, advance } = timed({ ttl: 1000 });
  cache.set('a', 1);
  advance(400);
  cache.set('b', 2, { ttl: 0 });
  const copy = new LRUCache<string, number>({ max: 10, ttl: 7, perf: Date, ttlResolution: 0 });
  for (let i = 0; i < 2; i++) {
    copy.load(cache.dump());
    assert.ok(Math.abs(copy.getRemainingTTL('a') - 600) < 50);
    assert.equal(copy.getRemainingTTL('b'), Number.POSITIVE_INFINITY);
  }
  const { value, ttl, start } = cache.info('a') as LRUCache.Entry<number>;
  assert.deepEqual([value, ttl], [1, 600]);
  assert.ok(Math.abs((start as number) - Date.now()) < 1000);
});
