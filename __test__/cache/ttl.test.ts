/** Time to live: when a value is no longer returned, and when it is released though nobody asks. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { install } from '@sinonjs/fake-timers';
import { BoundedCache, type BoundedCacheOptions, type RemovalReason } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';
import { countdown, event, turn, until } from './fixtures/wait';

const DAY = 86_400_000;

/** A cache with a clock that stands until the test moves it. */
function timed<K = string, V = number>(
  options: Partial<BoundedCacheOptions<K, V>>,
): { cache: BoundedCache<K, V>; advance: (ms: number) => void } {
  let now = 1000;
  const cache = new BoundedCache<K, V>({ maxEntries: 1000, clock: { now: () => now }, ...options });
  return {
    cache,
    advance(ms) {
      now += ms;
    },
  };
}

// The first, while no other cache has set an earlier timer.
test('a time beyond 24.8 days makes no timer overflow, which would fire at once', async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  const other = countdown(3);
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 60 * DAY, ttlResolution: 1 });
  const brief = new BoundedCache<string, number>({ maxEntries: 10, ttlResolution: 1, onRemove: other.call });
  cache.set('a', 1);
  for (const [i, key] of ['a', 'b', 'c'].entries()) brief.set(key, i, { ttl: 1 + 20 * i });
  await event(other.done);
  process.off('warning', listen);
  assert.deepEqual(warnings, []);
  assert.equal(cache.get('a'), 1);
});

test('a value is there until its time to live has passed, to the millisecond', () => {
  const { cache, advance } = timed({ ttl: 100 });
  cache.set('a', 1);
  advance(99.9);
  assert.equal(cache.get('a'), 1);
  assert.equal(cache.has('a'), true);
  advance(0.1);
  assert.equal(cache.has('a'), false);
  assert.equal(cache.peek('a'), undefined);
  assert.equal(cache.remainingTtl('a'), undefined);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.size, 0);
});

test('setting anew starts the time anew, also with the same value', () => {
  const { cache, advance } = timed({ ttl: 100 });
  cache.set('a', 1);
  advance(60);
  cache.set('a', 1);
  advance(60);
  assert.equal(cache.get('a'), 1);
});

test('an entry may have a time of its own, in a cache with one and in a cache without', () => {
  for (const ttl of [undefined, 100]) {
    const { cache, advance } = timed(ttl === undefined ? {} : { ttl });
    cache.set('short', 1, { ttl: 10 }).set('long', 2, { ttl: 1000 }).set('usual', 3);
    cache.set('endless', 4, { ttl: Number.POSITIVE_INFINITY });
    advance(10);
    assert.deepEqual([...cache.keys()], ['long', 'usual', 'endless']);
    advance(90);
    assert.deepEqual(
      [...cache.keys()],
      ttl === undefined ? ['long', 'usual', 'endless'] : ['long', 'endless'],
    );
    advance(900);
    assert.deepEqual([...cache.keys()], ttl === undefined ? ['usual', 'endless'] : ['endless']);
    advance(100 * 365 * DAY);
    assert.equal(cache.get('endless'), 4);
  }
});

test('replacing an entry that had a time of its own gives it the usual one', () => {
  const { cache, advance } = timed({ ttl: 100 });
  cache.set('a', 1, { ttl: 10 }).set('b', 1, { ttl: 1000 });
  cache.set('a', 2).set('b', 2);
  assert.equal(cache.remainingTtl('a'), 100);
  assert.equal(cache.remainingTtl('b'), 100);
  advance(100);
  assert.deepEqual([...cache], []);
});

test('sliding renews on get, by the time of that entry, and on nothing else', () => {
  const { cache, advance } = timed({ ttl: 100, sliding: true });
  cache.set('usual', 1).set('short', 2, { ttl: 20 }).set('endless', 3, { ttl: Number.POSITIVE_INFINITY });
  for (let i = 0; i < 20; i++) {
    advance(19);
    assert.equal(cache.get('usual'), 1);
    assert.equal(cache.get('short'), 2);
    assert.equal(cache.get('endless'), 3);
  }
  assert.equal(cache.remainingTtl('endless'), Number.POSITIVE_INFINITY);
  advance(10);
  cache.has('short');
  cache.peek('short');
  for (const _ of cache);
  cache.forEach(() => {});
  cache.remainingTtl('short');
  advance(10);
  assert.equal(cache.get('short'), undefined);
  assert.equal(cache.get('usual'), 1);
});

test('without sliding a get renews nothing', () => {
  const { cache, advance } = timed({ ttl: 100 });
  cache.set('a', 1);
  advance(99);
  cache.get('a');
  advance(1);
  assert.equal(cache.get('a'), undefined);
});

test('times beyond 24.8 days, the longest a timer can wait, are kept to', () => {
  for (const ttl of [25 * DAY, 2 ** 31, 2 ** 32, 10 * 365 * DAY]) {
    const { cache, advance } = timed({ ttl });
    cache.set('a', 1);
    advance(ttl - 1);
    assert.equal(cache.get('a'), 1);
    assert.equal(cache.remainingTtl('a'), 1);
    advance(1);
    assert.equal(cache.get('a'), undefined);
  }
  const { cache, advance } = timed({ ttl: Number.MAX_VALUE });
  cache.set('a', 1);
  advance(1e300);
  assert.equal(cache.get('a'), 1);
});

test('the shortest times that are positive expire at once and are released', () => {
  const { cache, advance } = timed({});
  cache.set('a', 1, { ttl: Number.MIN_VALUE });
  assert.equal(cache.get('a'), undefined);
  cache.set('b', 1, { ttl: Number.MIN_VALUE });
  storeOf(cache).validate();
  advance(1);
  assert.equal(cache.purgeExpired(), 1);
});

test('an entry that expires at once is released in its time though it was kept while room was made for it', () => {
  const { cache, advance } = timed({ maxBytes: 10, sizeOf: (value) => value });
  cache.set('a', 5).set('b', 5);
  cache.set('b', 6, { ttl: Number.MIN_VALUE });
  storeOf(cache).validate();
  advance(1);
  cache.set('c', 10);
  assert.equal(cache.stats().removals.expired, 1);
});

test('remainingTtl counts down, is infinite without a time, undefined without an entry', () => {
  const { cache, advance } = timed({});
  cache.set('a', 1, { ttl: 100 }).set('b', 2);
  assert.equal(cache.remainingTtl('a'), 100);
  advance(40);
  assert.equal(cache.remainingTtl('a'), 60);
  assert.equal(cache.remainingTtl('b'), Number.POSITIVE_INFINITY);
  assert.equal(cache.remainingTtl('c'), undefined);
  advance(60);
  assert.equal(cache.remainingTtl('a'), undefined);
});

test('jitter shortens each time by a share of its own, up to the one given', () => {
  for (const ttlJitter of [0, 0.25, 1]) {
    const { cache } = timed<number, number>({ ttl: 1000, ttlJitter });
    for (let i = 0; i < 1000; i++) cache.set(i, i, i % 2 === 0 ? undefined : { ttl: 1000 });
    const times = Array.from({ length: 1000 }, (_, i) => cache.remainingTtl(i) as number);
    assert.ok(times.every((time) => time <= 1000 && time >= 1000 * (1 - ttlJitter) && time > 0));
    if (ttlJitter === 0) assert.ok(times.every((time) => time === 1000));
    else {
      // Of a thousand independent draws some are in either half, except once in 2^1000 runs.
      assert.ok(times.some((time) => time < 1000 * (1 - ttlJitter / 2)));
      assert.ok(times.some((time) => time > 1000 * (1 - ttlJitter / 2)));
    }
  }
});

test('an endless entry stays endless with jitter', () => {
  const { cache } = timed({ ttl: 1000, ttlJitter: 0.5 });
  cache.set('a', 1, { ttl: Number.POSITIVE_INFINITY });
  assert.equal(cache.remainingTtl('a'), Number.POSITIVE_INFINITY);
});

test('a get that finds an expired value is a miss, releases it and reports it, once', () => {
  const removed: unknown[] = [];
  const { cache, advance } = timed({ ttl: 10, onRemove: (...removal) => void removed.push(removal) });
  cache.set('a', 1);
  advance(10);
  assert.equal(cache.size, 1);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.get('a'), undefined);
  assert.deepEqual(removed, [[1, 'a', 'expired']]);
  const { misses, hits, removals } = cache.stats();
  assert.deepEqual({ misses, hits, expired: removals.expired }, { misses: 2, hits: 0, expired: 1 });
});

test('to delete, take or replace an expired value finds none', () => {
  const reasons: RemovalReason[] = [];
  const { cache, advance } = timed({ ttl: 10, onRemove: (_, __, reason) => void reasons.push(reason) });
  cache.set('a', 1).set('b', 2).set('c', 3).set('d', 4);
  advance(10);
  assert.equal(cache.delete('a'), false);
  assert.equal(cache.take('b'), undefined);
  assert.equal(cache.getOrInsert('c', 5), 5);
  cache.set('d', 6);
  assert.deepEqual(reasons, ['expired', 'expired', 'expired', 'expired']);
  assert.deepEqual(
    [...cache],
    [
      ['c', 5],
      ['d', 6],
    ],
  );
});

test('an expired key that is set anew goes to the end of the order', () => {
  const { cache, advance } = timed({});
  cache.set('a', 1, { ttl: 10 }).set('b', 2);
  advance(10);
  cache.set('a', 3);
  assert.deepEqual([...cache.keys()], ['b', 'a']);
});

test('expired entries are skipped by every iteration and by dump', () => {
  const { cache, advance } = timed({});
  cache.set('a', 1).set('b', 2, { ttl: 10 }).set('c', 3);
  advance(10);
  const each: string[] = [];
  cache.forEach((_, key) => void each.push(key));
  assert.deepEqual(each, ['a', 'c']);
  assert.deepEqual([...cache.keys()], ['a', 'c']);
  assert.deepEqual([...cache.values()], [1, 3]);
  assert.deepEqual([...cache.entries()], [...cache]);
  assert.deepEqual(
    Array.from(cache.entriesByRecency(), ([key]) => key),
    ['c', 'a'],
  );
  assert.deepEqual(
    cache.dump().entries.map(({ key }) => key),
    ['a', 'c'],
  );
  assert.equal(cache.size, 3, 'released later, or on request');
  assert.equal(cache.purgeExpired(), 1);
  assert.equal(cache.size, 2);
});

test('an entry that expires during an iteration is skipped', () => {
  const { cache, advance } = timed({ ttl: 10 });
  cache.set('a', 1).set('b', 2);
  const keys = cache.keys();
  assert.equal(keys.next().value, 'a');
  advance(10);
  assert.equal(keys.next().done, true);
});

for (const policy of ['lru', 's3-fifo'] as const) {
  test(`when room is needed, ${policy} lets expired entries go before live ones, however recent`, () => {
    for (const bound of [{ maxEntries: 4 }, { maxBytes: 4, sizeOf: () => 1, maxEntries: 100 }]) {
      const evicted: string[] = [];
      const { cache, advance } = timed({
        ...bound,
        policy,
        onRemove: (_, key, reason) => void evicted.push(`${key} ${reason}`),
      });
      cache.set('old', 1).set('older', 2).set('brief', 3, { ttl: 10 }).set('new', 4);
      for (let i = 0; i < 5; i++) cache.get('brief');
      advance(10);
      cache.set('next', 5);
      assert.deepEqual(evicted, ['brief expired']);
      cache.set('last', 6);
      assert.equal(evicted.length, 2);
      assert.match(String(evicted[1]), /evicted$/);
    }
  });
}

test('purgeExpired releases what has expired now, in caches of any size, and says how many', () => {
  const { cache, advance } = timed<number, number>({ maxEntries: 100_000 });
  for (let i = 0; i < 20_000; i++) cache.set(i, i, { ttl: 1 + (i % 2) * 50 });
  assert.equal(cache.purgeExpired(), 0);
  advance(1);
  assert.equal(cache.purgeExpired(), 10_000);
  assert.equal(cache.size, 10_000);
  assert.equal(cache.stats().removals.expired, 10_000);
  storeOf(cache).validate();
  advance(50);
  assert.equal(cache.purgeExpired(), 10_000);
  assert.equal(storeOf(cache).capacity, 16, 'the memory is given back');
});

test('expired values are released though nobody touches the cache', async () => {
  const reasons: RemovalReason[] = [];
  const all = countdown(100);
  const cache = new BoundedCache<number, number>({
    ...{ maxEntries: 1000, ttl: 30, ttlResolution: 10 },
    onRemove(_value, _key, reason) {
      reasons.push(reason);
      all.call();
    },
  });
  for (let i = 0; i < 100; i++) cache.set(i, i);
  cache.set(-1, -1, { ttl: DAY });
  await event(all.done);
  assert.deepEqual([...cache], [[-1, -1]]);
  assert.equal(cache.size, 1);
  assert.ok(reasons.every((reason) => reason === 'expired'));
  storeOf(cache).validate();
});

test('entries that expire one after the other are all released, each by a sweep after its time', async () => {
  const all = countdown(30);
  const cache = new BoundedCache<number, number>({ maxEntries: 100, ttlResolution: 5, onRemove: all.call });
  for (let i = 0; i < 30; i++) cache.set(i, i, { ttl: 1 + i * 7 });
  await event(all.done);
  assert.equal(cache.size, 0);
});

test('a later entry with a shorter time is released first', async () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttlResolution: 5 });
  cache.set('long', 1, { ttl: DAY });
  cache.set('short', 2, { ttl: 20 });
  await until(() => cache.size === 1);
  assert.equal(cache.has('long'), true);
});

test('many caches are swept by one timer', async () => {
  const caches = Array.from({ length: 50 }, (_, i) => {
    const cache = new BoundedCache<number, number>({ maxEntries: 10, ttlResolution: 5 });
    return cache.set(i, i, { ttl: 5 + (i % 7) * 10 });
  });
  await until(() => caches.every((cache) => cache.size === 0));
});

test('with an injected clock, values are released when that clock has passed their time', async () => {
  const { cache, advance } = timed({ ttl: 1000, ttlResolution: 1 });
  cache.set('a', 1);
  // Several real sweeps later, while the injected clock stands, it is still there.
  const others = countdown(5);
  const real = new BoundedCache<number, number>({ maxEntries: 10, ttlResolution: 1, onRemove: others.call });
  for (let i = 0; i < 5; i++) real.set(i, i, { ttl: 1 + 10 * i });
  await event(others.done);
  assert.equal(cache.size, 1);
  advance(1000);
  await until(() => cache.size === 0);
});

test('an injected clock may count from any origin, even below zero', () => {
  let now = -5000;
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 100, clock: { now: () => now } });
  cache.set('a', 1);
  now += 99;
  assert.equal(cache.get('a'), 1);
  now += 1;
  assert.equal(cache.get('a'), undefined);
});

test('a clock is a method: it is called on its object', () => {
  class Ticks {
    #now = 5;
    now(): number {
      return this.#now;
    }
    add(ms: number): void {
      this.#now += ms;
    }
  }
  const clock = new Ticks();
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 100, clock });
  cache.set('a', 1);
  clock.add(100);
  assert.equal(cache.has('a'), false);
});

/** Fake timers of the two kinds: how they are installed, moved and removed. */
const fakes: Record<string, () => { tick: (ms: number) => void; restore: () => void }> = {
  "Node's mock timers": () => {
    mock.timers.enable({ apis: ['Date', 'setTimeout', 'setInterval', 'setImmediate'], now: 1e12 });
    return { tick: (ms) => mock.timers.tick(ms), restore: () => mock.timers.reset() };
  },
  "Node's mock timers from the epoch": () => {
    mock.timers.enable();
    return { tick: (ms) => mock.timers.tick(ms), restore: () => mock.timers.reset() };
  },
  'fake timers as Jest and Vitest have them': () => {
    const clock = install({ now: Date.now() });
    return { tick: (ms) => void clock.tick(ms), restore: () => clock.uninstall() };
  },
  'fake timers from the epoch': () => {
    const clock = install();
    return { tick: (ms) => void clock.tick(ms), restore: () => clock.uninstall() };
  },
};

for (const [kind, fake] of Object.entries(fakes)) {
  test(`${kind}: what is returned follows the fake time`, () => {
    const { tick, restore } = fake();
    try {
      for (const ttl of [100, 3_600_000, 60 * DAY]) {
        const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl });
        cache.set('a', 1);
        tick(ttl - 1);
        assert.equal(cache.get('a'), 1);
        assert.equal(cache.remainingTtl('a'), 1);
        assert.deepEqual([...cache.keys()], ['a']);
        tick(1);
        assert.equal(cache.has('a'), false);
        assert.equal(cache.peek('a'), undefined);
        assert.deepEqual([...cache.keys()], []);
        assert.equal(cache.get('a'), undefined);
      }
    } finally {
      restore();
    }
  });

  test(`${kind}: values are released, with callbacks, when the fake time reaches theirs`, () => {
    const { tick, restore } = fake();
    try {
      const removed: string[] = [];
      const cache = new BoundedCache<string, number>({
        ...{ maxEntries: 10, ttl: 5000, ttlResolution: 1000 },
        onRemove: (_, key) => void removed.push(key),
      });
      cache.set('a', 1);
      tick(2000);
      cache.set('b', 2).set('c', 3, { ttl: 500 });
      tick(499);
      assert.deepEqual(removed, []);
      tick(1);
      assert.deepEqual(removed, ['c']);
      assert.equal(cache.size, 2);
      tick(2500);
      assert.deepEqual(removed, ['c', 'a']);
      tick(2000);
      assert.deepEqual(removed, ['c', 'a', 'b']);
      assert.equal(cache.size, 0);
      storeOf(cache).validate();
    } finally {
      restore();
    }
  });

  test(`${kind}: a sliding cache is renewed by the fake time`, () => {
    const { tick, restore } = fake();
    try {
      const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 100, sliding: true });
      cache.set('a', 1);
      for (let i = 0; i < 10; i++) {
        tick(99);
        assert.equal(cache.get('a'), 1);
      }
      tick(100);
      assert.equal(cache.has('a'), false);
      tick(1000);
      assert.equal(cache.size, 0);
    } finally {
      restore();
    }
  });

  test(`${kind}: a cache made before sees them, and real time afterwards`, async () => {
    const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 60_000, ttlResolution: 10 });
    cache.set('before', 0, { ttl: Number.POSITIVE_INFINITY });
    const { tick, restore } = fake();
    try {
      cache.set('faked', 1);
      tick(59_999);
      assert.equal(cache.get('faked'), 1);
      tick(1);
      assert.equal(cache.get('faked'), undefined);
    } finally {
      restore();
    }
    cache.set('after', 2, { ttl: 20 });
    assert.equal(cache.get('after'), 2);
    await until(() => cache.size === 1);
    assert.equal(cache.get('before'), 0);
  });
}

test('fake timers are noticed at once though the clock is running in real time', async () => {
  const real = new BoundedCache<string, number>({ maxEntries: 10, ttl: 1000 });
  const { word } = storeOf(real);
  await until(() => {
    real.set('a', 1);
    return Number.isFinite(word[0]);
  });
  const clock = install({ now: Date.now() });
  try {
    const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 1000 });
    assert.equal(storeOf(cache).word, word);
    cache.set('a', 1);
    clock.tick(999);
    assert.equal(cache.get('a'), 1);
    clock.setSystemTime(Date.now() + 1);
    assert.equal(cache.get('a'), undefined);
    clock.setSystemTime(Date.now() + 60_000);
    assert.equal(real.get('a'), undefined);
  } finally {
    clock.uninstall();
  }
});

test('what was set under fake timers from the epoch has expired once they are gone, and is released', async () => {
  const clock = install();
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 60_000, ttlResolution: 10 });
  cache.set('faked', 1);
  clock.uninstall();
  cache.set('real', 2);
  await until(() => cache.size === 1);
  assert.equal(cache.get('real'), 2);
});

test('where only the date is faked, values are released too', async () => {
  const clock = install({ toFake: ['Date'], now: Date.now() });
  try {
    const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 3_600_000, ttlResolution: 10 });
    cache.set('a', 1);
    clock.tick(3_599_999);
    assert.equal(cache.get('a'), 1);
    clock.tick(1);
    assert.equal(cache.has('a'), false);
    await event(until(() => cache.size === 0));
  } finally {
    clock.uninstall();
  }
});

test('an injected clock is not overruled by fake timers', () => {
  const clock = install();
  try {
    const { cache, advance } = timed({ ttl: 100 });
    cache.set('a', 1);
    clock.tick(10_000);
    assert.equal(cache.get('a'), 1);
    advance(100);
    assert.equal(cache.get('a'), undefined);
  } finally {
    clock.uninstall();
  }
});

test('long times are told by the coarse clock, and the first short one switches to the fine clock', async () => {
  const brief = new BoundedCache<string, number>({ maxEntries: 10, ttl: 50 });
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: DAY, ttlResolution: 10 });
  const coarse = storeOf(cache).ticker;
  assert.notEqual(coarse, storeOf(brief).ticker);
  cache.set('a', 1).set('b', 2, { ttl: DAY / 2 });
  assert.equal(storeOf(cache).ticker, coarse);
  cache.set('c', 3, { ttl: 30 });
  assert.equal(storeOf(cache).ticker, storeOf(brief).ticker);
  assert.deepEqual([...cache.keys()], ['a', 'b', 'c']);
  await until(() => cache.size === 2);
  assert.deepEqual(cache.getMany(['a', 'b', 'c']), [1, 2, undefined]);
});

test('real time goes on for a reader that never lets the event loop turn', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 10, ttl: 20 });
  cache.set('a', 1);
  const limit = Date.now() + 60_000;
  while (cache.get('a') === 1) assert.ok(Date.now() < limit, 'the value never expired');
  assert.equal(cache.size, 0);
});

/** A cache of many entries that have all expired, before its sweep has begun. */
function allExpired(count: number, onRemove?: () => void): ReturnType<typeof timed<number, number>> {
  const made = timed<number, number>({
    ...{ maxEntries: 2 * count, ttl: 100, ttlResolution: 1 },
    ...(onRemove && { onRemove }),
  });
  for (let i = 0; i < count; i++) made.cache.set(i, i);
  made.advance(1000);
  return made;
}

test('the release of many entries is spread over many turns of the event loop', async () => {
  const { cache } = allExpired(1_000_000);
  const sizes = new Set<number>();
  while (cache.size > 0) {
    sizes.add(cache.size);
    await turn();
  }
  assert.ok(sizes.size > 5, `in ${sizes.size} steps`);
});

test('the release of many entries needs nothing else to happen in the process', async () => {
  const all = countdown(200_000);
  const { cache } = allExpired(200_000, all.call);
  await event(all.done);
  assert.equal(cache.size, 0);
});

test('what is set, or renewed, while many entries are being released is released in its time as well', async () => {
  const { cache, advance } = allExpired(1_000_000);
  for (let i = 0; cache.size > i; i++) {
    // Every slice leaves places that the sweep will not visit again.
    if (cache.size < 1_000_000) cache.set(-1 - i, i);
    else i--;
    await turn();
  }
  storeOf(cache).validate();
  assert.ok(cache.size > 0);
  advance(1000);
  await until(() => cache.size === 0);
});

test('a deletion of most entries, or of all, in the middle of a sweep loses none', async () => {
  for (const clear of [false, true]) {
    const { cache, advance } = timed<number, number>({ maxEntries: 200_000, ttlResolution: 1 });
    for (let i = 0; i < 100_000; i++) cache.set(i, i, { ttl: i % 1000 === 999 ? 5000 : 100 });
    advance(1000);
    await until(() => cache.size < 90_000);
    if (clear) {
      cache.clear();
      cache.set(-1, 1, { ttl: 2000 });
    } else for (let i = 0; i < 99_000; i++) cache.delete(i);
    storeOf(cache).validate();
    await until(() => cache.size === 1);
    storeOf(cache).validate();
    advance(5000);
    await until(() => cache.size === 0);
  }
});
