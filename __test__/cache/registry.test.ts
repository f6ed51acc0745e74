/** `caches()` and `relieve()`: the named caches of the process, which being listed does not keep alive. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache, caches, relieve } from 'plateau';
import { turn } from './fixtures/wait';

const gc = globalThis.gc as () => void;

/** Collects garbage until the condition holds. What it looked at stays alive for the turn, so it looks after it. */
async function collectedOnce(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 100 && !condition(); i++) {
    await turn();
    gc();
  }
}

const names = (): (string | undefined)[] => caches().map(({ name }) => name);

/** Leaves no cache of an earlier test behind. */
async function none(): Promise<void> {
  await collectedOnce(() => caches().length === 0);
  assert.deepEqual(names(), []);
}

test('named caches are listed in the order they were made, others are not', async () => {
  await none();
  const users = new BoundedCache({ maxEntries: 10, name: 'users' });
  const anonymous = new BoundedCache(10);
  const pages = new BoundedCache({ maxEntries: 10, name: 'pages' });
  const more = new BoundedCache({ maxEntries: 10, name: 'users' });
  assert.deepEqual(caches(), [users, pages, more]);
  assert.deepEqual(names(), ['users', 'pages', 'users']);
  assert.equal(anonymous.name, undefined);
  assert.ok(caches()[0] === users);
});

test('what caches() returns is the callers own', async () => {
  const cache = new BoundedCache({ maxEntries: 10, name: 'kept' });
  caches().length = 0;
  assert.ok(caches().includes(cache as BoundedCache));
});

test('a cache that could not be made is not listed', async () => {
  await none();
  assert.throws(() => new BoundedCache({ maxEntries: 0, name: 'broken' }));
  assert.throws(() => new BoundedCache<string, number>({ maxEntries: 10, name: 'broken' }, 5 as never));
  assert.throws(() => new BoundedCache<string, number>({ maxEntries: 10, name: 'broken' }, [5] as never));
  assert.deepEqual(names(), []);
});

test('a cache that nobody refers to is collected, with all it holds, though named, timed and loading', async () => {
  await none();
  const values: WeakRef<object>[] = [];
  const makeAndForget = (): void => {
    for (let i = 0; i < 20; i++) {
      const value = { i };
      values.push(new WeakRef(value));
      const cache = new BoundedCache<object, object>({
        maxEntries: 10,
        name: `forgotten ${i}`,
        ttl: 3_600_000,
      });
      cache.set({}, value).set(value, {});
      cache.get(value);
      // An iterator and a load that never end are no reason to keep it either.
      cache.keys().next();
      void cache.getOrLoad({}, () => new Promise(() => {}), { staleWhileRevalidate: 5 });
    }
  };
  makeAndForget();
  assert.equal(caches().length, 20);
  await none();
  await collectedOnce(() => values.every((value) => value.deref() === undefined));
  assert.equal(values.filter((value) => value.deref() !== undefined).length, 0);
});

test('a cache that is referred to stays listed', async () => {
  const cache = new BoundedCache({ maxEntries: 10, name: 'stays' });
  for (let i = 0; i < 5; i++) {
    gc();
    await turn();
  }
  assert.ok(caches().includes(cache as BoundedCache));
});

test('relieve shrinks every named cache by its policy and returns how many entries were released', async () => {
  await none();
  const fill = <C extends BoundedCache<number, number>>(cache: C, count: number): C => {
    for (let i = 0; i < count; i++) cache.set(i, i);
    return cache;
  };
  const lru = fill(new BoundedCache<number, number>({ maxEntries: 100, name: 'lru' }), 100);
  const s3 = fill(new BoundedCache<number, number>({ maxEntries: 50, name: 's3', policy: 's3-fifo' }), 50);
  const empty = new BoundedCache<number, number>({ maxEntries: 50, name: 'empty' });
  const anonymous = fill(new BoundedCache<number, number>(100), 100);
  lru.get(0);
  assert.equal(relieve(0.5), 75);
  assert.deepEqual(
    [lru, s3, empty, anonymous].map(({ size }) => size),
    [50, 25, 0, 100],
  );
  assert.ok(lru.has(0));
  assert.equal(relieve(1), 0);
  assert.equal(relieve(0), 75);
  assert.deepEqual(
    [lru, s3, empty, anonymous].map(({ size }) => size),
    [0, 0, 0, 100],
  );
  assert.equal(lru.maxEntries, 100, 'the bounds stay');
});

test('relieve goes on when callbacks throw, and throws at the end', async () => {
  await none();
  const throwing = (name: string): BoundedCache<number, number> =>
    new BoundedCache<number, number>(
      {
        ...{ maxEntries: 10, name },
        onRemove() {
          throw new Error(`from ${name}`);
        },
      },
      [[1, 1]],
    );
  const first = throwing('first');
  const quiet = new BoundedCache<number, number>({ maxEntries: 10, name: 'quiet' }, [[1, 1]]);
  assert.throws(() => relieve(0), { message: 'from first' });
  assert.deepEqual([first.size, quiet.size], [0, 0]);
  const second = throwing('second');
  const third = throwing('third');
  assert.throws(
    () => relieve(0),
    (error) => {
      assert.ok(error instanceof AggregateError);
      assert.deepEqual(
        error.errors.map(({ message }: Error) => message),
        ['from second', 'from third'],
      );
      return true;
    },
  );
  assert.deepEqual([second.size, third.size], [0, 0]);
});

test('a callback may make caches while relieve runs', async () => {
  await none();
  const made: BoundedCache<number, number>[] = [];
  const cache = new BoundedCache<number, number>(
    {
      ...{ maxEntries: 10, name: 'first' },
      onRemove() {
        if (made.length < 3) made.push(new BoundedCache({ maxEntries: 10, name: 'made' }, [[1, 1]]));
      },
    },
    [[1, 1]],
  );
  assert.equal(relieve(0), 1);
  assert.equal(cache.size, 0);
  assert.equal(made[0]?.size, 1, 'it was not there when relieve was called');
});
