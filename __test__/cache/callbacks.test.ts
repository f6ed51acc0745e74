/** `onRemove`: every reason, the order, what a callback may do, and where its exceptions go. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCache, type BoundedCacheOptions, type RemovalReason } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';
import { event, until } from './fixtures/wait';

type Callback = NonNullable<BoundedCacheOptions<string, number>['onRemove']>;

/** A cache with a clock to move and a log of its removals. */
function logged(options: Partial<BoundedCacheOptions<string, number>> = {}): {
  cache: BoundedCache<string, number>;
  log: string[];
  advance: (ms: number) => void;
} {
  let now = 0;
  const log: string[] = [];
  const cache = new BoundedCache<string, number>({
    ...{ maxEntries: 3, clock: { now: () => now } },
    onRemove: (value, key, reason) => void log.push(`${key}=${value} ${reason}`),
    ...options,
  });
  return {
    ...{ cache, log },
    advance(ms) {
      now += ms;
    },
  };
}

test('each way to leave has its reason', () => {
  const { cache, log, advance } = logged({ ttl: 10 });
  const expect = (...lines: string[]): void => assert.deepEqual(log.splice(0), lines);
  cache.set('a', 1).set('b', 2).set('c', 3);
  expect();
  cache.set('d', 4);
  expect('a=1 evicted');
  cache.set('b', 5);
  expect('b=2 replaced');
  cache.delete('c');
  expect('c=3 deleted');
  cache.take('d');
  expect('d=4 deleted');
  advance(10);
  cache.get('b');
  expect('b=5 expired');
  cache.set('e', 6).set('f', 7);
  advance(10);
  cache.purgeExpired();
  assert.deepEqual(log.splice(0).sort(), ['e=6 expired', 'f=7 expired']);
  cache.set('g', 8).set('h', 9);
  cache.clear();
  expect('g=8 cleared', 'h=9 cleared');
  cache.set('i', 1).set('j', 2).set('k', 3);
  cache.resize({ maxEntries: 2 });
  expect('i=1 evicted');
  cache.shrinkTo(0.5);
  expect('j=2 evicted');
  cache.restore({ format: 'plateau.cache', version: 1, at: Date.now(), entries: [{ key: 'k', value: 4 }] });
  expect('k=3 replaced');
});

test('nothing is reported where nothing leaves', () => {
  const { cache, log } = logged();
  const value = Number.NaN;
  cache.set('a', value).set('a', value).set('b', 0);
  cache.delete('c');
  cache.take('c');
  cache.get('c');
  cache.getOrInsert('a', 5);
  cache.purgeExpired();
  cache.resize({ maxEntries: 2 });
  cache.shrinkTo(1);
  assert.deepEqual(log, []);
  assert.equal(cache.stats().removals.replaced, 0);
});

test('the identical value set again is no replacement; an equal one is', () => {
  const removed: object[] = [];
  const cache = new BoundedCache<string, object>({
    maxEntries: 3,
    onRemove: (value) => void removed.push(value),
  });
  const [first, second] = [{}, {}];
  cache.set('a', first).set('a', first);
  assert.deepEqual(removed, []);
  cache.set('a', second);
  assert.equal(removed[0], first);
  assert.equal(removed.length, 1);
});

test('0 and -0 are two values', () => {
  const { cache, log } = logged();
  cache.set('a', 0).set('a', -0);
  assert.equal(log.length, 1);
});

test('within one call the old value of the key comes first, then what had to make room, the oldest first', () => {
  const { cache, log } = logged({ maxEntries: 10, maxBytes: 10, sizeOf: (value) => value });
  cache.set('a', 2).set('b', 2).set('c', 2).set('d', 2);
  cache.set('b', 9);
  assert.deepEqual(log, ['b=2 replaced', 'a=2 evicted', 'c=2 evicted', 'd=2 evicted']);
});

test('a cleared cache reports in insertion order', () => {
  const { cache, log } = logged({ maxEntries: 10 });
  cache.set('a', 1).set('b', 2).set('c', 3);
  cache.get('a');
  cache.clear();
  assert.deepEqual(log, ['a=1 cleared', 'b=2 cleared', 'c=3 cleared']);
});

test('a callback sees the cache as it is after the call', () => {
  const seen: unknown[] = [];
  const cache: BoundedCache<string, number> = new BoundedCache<string, number>({
    maxEntries: 2,
    onRemove(_value, key, reason) {
      storeOf(cache).validate();
      seen.push([key, reason, [...cache.keys()], cache.has(key), cache.stats().entries]);
    },
  });
  cache.set('a', 1).set('b', 2).set('c', 3);
  cache.delete('b');
  cache.set('c', 4);
  cache.clear();
  assert.deepEqual(seen, [
    ['a', 'evicted', ['b', 'c'], false, 2],
    ['b', 'deleted', ['c'], false, 1],
    ['c', 'replaced', ['c'], true, 1],
    ['c', 'cleared', [], false, 0],
  ]);
});

/** What callbacks do to their cache. */
const actions: Record<string, (cache: BoundedCache<string, number>, key: string) => void> = {
  'sets the key again': (cache, key) => void (cache.size < 4 && cache.set(key, 99)),
  'sets another key': (cache, key) => void (key.length < 6 && cache.set(`${key}+`, 1)),
  'gets and deletes others': (cache) => {
    for (const [key] of cache) {
      cache.get(key);
      cache.delete(key);
      break;
    }
  },
  'clears the cache': (cache) => cache.clear(),
  'resizes it': (cache) => cache.resize({ maxEntries: 1 + (cache.size % 5) }),
  'shrinks it': (cache) => cache.shrinkTo(0.5),
  'purges it': (cache) => void cache.purgeExpired(),
  'fills it': (cache, key) => {
    if (key.startsWith('f')) return;
    for (let i = 0; i < 50; i++) cache.set(`f${i}`, i);
  },
  'iterates over it': (cache) => void [...cache, ...cache.entriesByRecency()],
  'restores a dump of it': (cache, key) => void (key.length < 3 && cache.restore(cache.dump())),
};

for (const [what, action] of Object.entries(actions)) {
  test(`a callback that ${what} leaves a valid cache, whatever caused it`, () => {
    const program = fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom('lru' as const, 's3-fifo' as const),
      fc.array(fc.tuple(fc.nat(7), fc.nat(12), fc.nat(30)), { maxLength: 25 }),
      (maxEntries, policy, steps) => {
        let now = 0;
        let depth = 0;
        let calls = 0;
        const cache: BoundedCache<string, number> = new BoundedCache<string, number>({
          ...{ maxEntries, policy, maxBytes: 60, sizeOf: (value: number) => value % 20, ttl: 10 },
          clock: { now: () => now },
          onRemove(_value, key, reason) {
            if (reason !== 'replaced') calls++;
            // A callback that causes removals is called for them too; three deep is enough.
            if (depth === 3) return;
            depth++;
            storeOf(cache).validate();
            action(cache, key);
            storeOf(cache).validate();
            depth--;
          },
        });
        for (const [name, key, value] of steps) {
          if (name < 4) cache.set(`k${key}`, value);
          else if (name === 4) cache.delete(`k${key}`);
          else if (name === 5) cache.get(`k${key}`);
          else if (name === 6) now += value / 3;
          else if (key === 0) cache.clear();
          else cache.resize({ maxEntries: 1 + (value % 8) });
          storeOf(cache).validate();
        }
        const { removals } = cache.stats();
        const { replaced, ...gone } = removals;
        assert.equal(
          calls,
          Object.values(gone).reduce((sum, count) => sum + count, 0),
          'one call for each that left',
        );
      },
    );
    fc.assert(program, { numRuns: 150 });
  });
}

test('removals that a callback causes are reported before the call returns', () => {
  const log: string[] = [];
  const cache: BoundedCache<string, number> = new BoundedCache<string, number>({
    maxEntries: 1,
    onRemove(_value, key, reason) {
      log.push(`${key} ${reason}`);
      if (key === 'a') cache.set('c', 3);
    },
  });
  cache.set('a', 1);
  cache.set('b', 2);
  assert.deepEqual(log, ['a evicted', 'b evicted']);
  assert.deepEqual([...cache.keys()], ['c']);
});

const thrown = new Error('from the callback');
const throwing: Callback = () => {
  throw thrown;
};

test('what a callback throws reaches the caller once everything is settled', () => {
  const calls: Record<
    string,
    (cache: BoundedCache<string, number>, advance: (ms: number) => void) => unknown
  > = {
    set: (cache) => cache.set('d', 4),
    replace: (cache) => cache.set('a', 4),
    delete: (cache) => cache.delete('a'),
    take: (cache) => cache.take('a'),
    get: (cache, advance) => {
      advance(10);
      cache.get('a');
    },
    getMany: (cache, advance) => {
      advance(10);
      cache.getMany(['a']);
    },
    getOrInsert: (cache) => cache.getOrInsert('d', 4),
    resize: (cache) => cache.resize({ maxEntries: 2 }),
    shrinkTo: (cache) => cache.shrinkTo(0.7),
    setMany: (cache) => cache.setMany([['d', 4]]),
  };
  for (const [name, call] of Object.entries(calls)) {
    const { cache, advance } = logged({ ttl: 10, onRemove: throwing });
    cache.set('a', 1).set('b', 2).set('c', 3);
    assert.throws(
      () => call(cache, advance),
      (error) => error === thrown,
      name,
    );
    storeOf(cache).validate();
    assert.equal(storeOf(cache).removals.pending, false, name);
  }
});

test('after a throw the change has been made', () => {
  const { cache } = logged({ onRemove: throwing });
  cache.set('a', 1).set('b', 2).set('c', 3);
  assert.throws(() => cache.set('d', 4), thrown);
  assert.deepEqual([...cache.keys()], ['b', 'c', 'd']);
  assert.throws(() => cache.set('d', 5), thrown);
  assert.equal(cache.get('d'), 5);
  assert.throws(() => cache.delete('b'), thrown);
  assert.deepEqual([...cache.keys()], ['c', 'd']);
  assert.throws(() => cache.clear(), AggregateError);
  assert.equal(cache.size, 0);
});

test('every callback is called though earlier ones throw, and several errors come as one', () => {
  const called: string[] = [];
  const { cache } = logged({
    onRemove(_value, key) {
      called.push(key);
      if (key !== 'b') throw new Error(`no ${key}`);
    },
  });
  cache.set('a', 1).set('b', 2).set('c', 3);
  assert.throws(
    () => cache.clear(),
    (error) => {
      assert.ok(error instanceof AggregateError);
      assert.deepEqual(
        error.errors.map(({ message }: Error) => message),
        ['no a', 'no c'],
      );
      return true;
    },
  );
  assert.deepEqual(called, ['a', 'b', 'c']);
});

test('whatever a callback throws arrives as it is, also undefined', () => {
  for (const what of [undefined, null, 'text', 0, { code: 1 }]) {
    const { cache } = logged({
      onRemove() {
        throw what;
      },
    });
    cache.set('a', 1);
    let caught: unknown[] = [];
    try {
      cache.delete('a');
    } catch (error) {
      caught = [error];
    }
    assert.deepEqual(caught, [what]);
  }
});

test('what it returns is ignored, also a promise', () => {
  const { cache } = logged({ onRemove: (() => Promise.resolve(1)) as unknown as Callback });
  cache.set('a', 1);
  assert.equal(cache.delete('a'), true);
});

test('a throw while values are released in the background becomes a warning, and the release goes on', async () => {
  const called: number[] = [];
  const cache = new BoundedCache<number, number>({
    ...{ maxEntries: 100, ttl: 10, ttlResolution: 5 },
    onRemove(value) {
      called.push(value);
      throw new Error('from the background');
    },
  });
  const warned = once(process, 'warning') as Promise<[Error & { code: string }]>;
  for (let i = 0; i < 10; i++) cache.set(i, i);
  const [warning] = await event(warned);
  assert.equal(warning.code, 'PLATEAU_ON_REMOVE');
  assert.match(warning.message, /onRemove/);
  assert.match(warning.message, /from the background/);
  await until(() => cache.size === 0);
  assert.equal(called.length, 10);
  storeOf(cache).validate();
});

test('a callback in the background may use the cache', async () => {
  const reasons: RemovalReason[] = [];
  const cache: BoundedCache<number, number> = new BoundedCache<number, number>({
    ...{ maxEntries: 5, ttlResolution: 5 },
    onRemove(value, key, reason) {
      reasons.push(reason);
      if (reason === 'expired') cache.set(key + 100, value);
      storeOf(cache).validate();
    },
  });
  for (let i = 0; i < 5; i++) cache.set(i, i, { ttl: 10 });
  await until(() => reasons.length === 5);
  assert.deepEqual([...cache.keys()].sort(), [100, 101, 102, 103, 104]);
});

test('values that nobody asked about are not kept for callbacks', () => {
  const cache = new BoundedCache<number, number>(2);
  for (let i = 0; i < 10; i++) cache.set(i, i);
  assert.equal(storeOf(cache).removals.pending, false);
});

test('an onRemove that throws keeps setMany and restore from nothing', () => {
  const entries = ['a', 'b', 'c', 'd', 'e'].map((key, i): [string, number] => [key, i]);
  const fill = (cache: BoundedCache<string, number>): void => {
    assert.throws(() => cache.setMany(entries), AggregateError);
  };
  const restore = (cache: BoundedCache<string, number>): void => {
    const dump = new BoundedCache<string, number>(10, entries).dump();
    assert.throws(() => cache.restore(dump), AggregateError);
  };
  for (const act of [fill, restore]) {
    const cache = new BoundedCache<string, number>({
      maxEntries: 2,
      onRemove: (_value, key) => {
        throw new Error(key);
      },
    });
    act(cache);
    assert.deepEqual([...cache.keys()], ['d', 'e']);
    storeOf(cache).validate();
  }
});

test('a clock that fails in the middle of setMany leaves no callback behind', () => {
  let working = Number.POSITIVE_INFINITY;
  const now = (): number => {
    if (working-- > 0) return 1000;
    throw new Error('the clock failed');
  };
  const removed: string[] = [];
  const cache = new BoundedCache<string, number>({
    maxEntries: 1,
    ttl: 100,
    clock: { now },
    onRemove: (_value, key) => void removed.push(key),
  });
  working = 4;
  const entries = ['a', 'b', 'c', 'd', 'e', 'f'].map((key): [string, number] => [key, 1]);
  assert.throws(() => cache.setMany(entries), /the clock failed/);
  assert.ok(removed.length > 0 && removed.length < 5, `${removed.length} called back`);
  assert.equal(cache.size, 1);
  storeOf(cache).validate();
});
