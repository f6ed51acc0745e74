/** `ttlAutopurge`: stale entries leave without being asked for, at the price of one timer. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, install } from '@sinonjs/fake-timers';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';

declare const gc: () => void;

function underFakeTimers(test: (clock: Clock) => void): () => void {
  return () => {
    const clock = install({ now: 1000 });
    try {
      test(clock);
    } finally {
      clock.uninstall();
    }
  };
}

test(
  'entries leave in the order they get stale, to the millisecond, with the reason expire',
  underFakeTimers((clock) => {
    const calls: unknown[] = [];
    const cache = new LRUCache<string, number>({
      ttl: 10,
      ttlAutopurge: true,
      dispose: (_value, key, reason) => void calls.push([clock.now, key, reason]),
    });
    cache.set('c', 1, { ttl: 30 }).set('b', 2, { ttl: 20 }).set('a', 3).set('never', 4, { ttl: 0 });
    clock.tick(1000);
    assert.deepEqual(calls, [
      [1011, 'a', 'expire'],
      [1021, 'b', 'expire'],
      [1031, 'c', 'expire'],
    ]);
    assert.deepEqual([...cache.keys()], ['never']);
  }),
);

test(
  'there is one timer, whatever is set, renewed or deleted, and none when nothing can get stale',
  underFakeTimers((clock) => {
    const cache = new LRUCache<number, number>({ ttl: 100, ttlAutopurge: true, updateAgeOnGet: true });
    for (let i = 0; i < 1000; i++) cache.set(i % 500, i).get(i % 700);
    assert.equal(clock.countTimers() <= 2, true);
    clock.tick(50);
    cache.get(3);
    assert.ok(cache.size === 500);
    clock.tick(60);
    assert.deepEqual([...cache.keys()], [3]);
    cache.clear();
    clock.tick(2);
    assert.equal(clock.countTimers(), 0);
  }),
);

test(
  'a callback that throws keeps nothing else from leaving',
  underFakeTimers((clock) => {
    const cache = new LRUCache<number, number>({
      ttl: 10,
      ttlAutopurge: true,
      dispose: (value) => {
        if (value === 1) throw new Error('not this one');
      },
    });
    for (let i = 0; i < 4; i++) cache.set(i, i);
    assert.throws(() => clock.tick(11), { message: 'not this one' });
    assert.deepEqual(
      cache.dump().map(([key]) => key),
      [1],
    );
    // It is not tried again and again, but together with the next.
    clock.tick(100);
    cache.set(5, 5);
    assert.throws(() => clock.tick(11), { message: 'not this one' });
    assert.deepEqual(
      cache.dump().map(([key]) => key),
      [1],
    );
    coreOf(cache).validate();
  }),
);

test('a hundred thousand entries leave together without holding the event loop for long', async () => {
  const cache = new LRUCache<number, number>({ ttl: 1, ttlAutopurge: true });
  for (let i = 0; i < 100_000; i++) cache.set(i, i);
  let turns = 0;
  while (cache.size > 0) {
    await wait(1);
    turns++;
    assert.ok(turns < 10_000);
  }
  assert.ok(turns > 1);
  coreOf(cache).validate();
});

test('the timer keeps neither the process nor the cache alive', async () => {
  const timers: NodeJS.Timeout[] = [];
  const { setTimeout } = globalThis;
  const spy = (callback: () => void, delay: number): NodeJS.Timeout => {
    const timer = setTimeout(callback, delay);
    timers.push(timer);
    return timer;
  };
  globalThis.setTimeout = spy as typeof setTimeout;
  const make = (): WeakRef<object> => {
    const value = { large: new Array(100).fill(0) };
    new LRUCache<string, object>({ ttl: 3_600_000, ttlAutopurge: true }).set('a', value);
    return new WeakRef(value);
  };
  const held = make();
  globalThis.setTimeout = setTimeout;
  assert.equal(timers.length, 1);
  assert.equal(
    timers.some((timer) => timer.hasRef()),
    false,
  );
  for (let i = 0; i < 20 && held.deref() !== undefined; i++) {
    await wait(1);
    gc();
  }
  assert.ok(held.deref() === undefined);
  for (const timer of timers) clearTimeout(timer);
});
