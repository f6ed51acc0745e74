/** What a store of express-rate-limit has to do; that runs on its own MemoryStore too. And what a shared one does besides. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { MemoryStore, type Options, type Store } from 'express-rate-limit';
import fc from 'fast-check';
import { SharedRateLimitStore, type SharedRateLimitStoreOptions } from 'plateau/rate-limit';
import { message, named, start } from '../shared/support';
import { until } from '../support';

const MINUTE = 60_000;

function openStore(
  t: TestContext,
  { windowMs = MINUTE, ...options }: Partial<SharedRateLimitStoreOptions> & { windowMs?: number } = {},
): SharedRateLimitStore {
  const store = new SharedRateLimitStore(named(options as object) as SharedRateLimitStoreOptions);
  store.init({ windowMs });
  t.after(() => store.shutdown());
  return store;
}

function memoryStore(t: TestContext, { windowMs = MINUTE } = {}): Store {
  const store = new MemoryStore();
  store.init({ windowMs } as Options);
  t.after(() => store.shutdown());
  return store;
}

const stores: [string, (t: TestContext, options?: { windowMs?: number }) => Store][] = [
  ['MemoryStore', memoryStore],
  ['SharedRateLimitStore', openStore],
];

for (const [name, make] of stores) {
  test(`${name}: counts each client from one, with the end of its window`, async (t) => {
    const store = make(t);
    assert.equal(await store.get?.('a'), undefined);
    const before = Date.now();
    const first = await store.increment('a');
    assert.equal(first.totalHits, 1);
    const end = first.resetTime?.getTime() as number;
    assert.ok(end > before && end <= Date.now() + MINUTE, String(first.resetTime));
    const second = await store.increment('a');
    assert.equal(second.totalHits, 2);
    assert.ok(
      Math.abs((second.resetTime?.getTime() as number) - end) <= 2,
      'a hit does not prolong the window',
    );
    assert.equal((await store.increment('b')).totalHits, 1);
    assert.equal((await store.get?.('a'))?.totalHits, 2);
    assert.equal((await store.get?.('a'))?.totalHits, 2, 'looking is no hit');
  });

  test(`${name}: takes hits back, not below none`, async (t) => {
    const store = make(t);
    await store.decrement('nobody');
    assert.equal((await store.get?.('nobody'))?.totalHits ?? 0, 0);
    await store.increment('a');
    await store.increment('a');
    await store.decrement('a');
    assert.equal((await store.increment('a')).totalHits, 2);
    for (let i = 0; i < 5; i++) await store.decrement('a');
    assert.equal((await store.get?.('a'))?.totalHits, 0);
    assert.equal((await store.increment('a')).totalHits, 1);
  });

  test(`${name}: forgets one client, or all`, async (t) => {
    const store = make(t);
    for (const key of ['a', 'b', 'c', '__proto__']) await store.increment(key);
    await store.resetKey('a');
    await store.resetKey('nobody');
    assert.equal(await store.get?.('a'), undefined);
    assert.equal((await store.increment('a')).totalHits, 1);
    assert.equal((await store.increment('__proto__')).totalHits, 2);
    await store.resetAll?.();
    for (const key of ['a', 'b', 'c', '__proto__']) assert.equal((await store.increment(key)).totalHits, 1);
  });

  test(`${name}: a window that has ended is forgotten`, async (t) => {
    const store = make(t, { windowMs: 50 });
    const { resetTime } = await store.increment('a');
    await store.increment('b');
    await until(() => Date.now() > (resetTime as Date).getTime() + 60);
    assert.equal((await store.increment('a')).totalHits, 1);
    assert.equal((await store.increment('b')).totalHits, 1);
  });
}

test('random programs count as MemoryStore does', async (t) => {
  const ours = openStore(t);
  const key = fc.constantFrom('a', 'b', '::1', '__proto__', 'ü');
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant('increment' as const), key) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('decrement' as const), key) },
    fc.tuple(fc.constantFrom('get' as const, 'resetKey' as const, 'resetAll' as const), key),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const oracle = new MemoryStore();
      oracle.init({ windowMs: MINUTE } as Options);
      ours.resetAll();
      for (const [op, key] of steps) {
        const [got, expected] = await Promise.all([ours[op](key), oracle[op](key)]);
        // To MemoryStore, who never hit and was to be forgiven has 0 hits.
        assert.equal(got?.totalHits ?? 0, expected?.totalHits ?? 0, op);
      }
      oracle.shutdown();
    }),
    { numRuns: 200 },
  );
});

test('hits that threads count at the same time get different numbers, and none is lost', async (t) => {
  const numbers = (await count(t, { workers: 3, times: 5000 })).flat();
  assert.equal(numbers.length, 15_000);
  assert.equal(new Set(numbers).size, 15_000);
  assert.equal(Math.max(...numbers), 15_000);
});

test('threads that count up and down at the same time never see less than none', async (t) => {
  await count(t, { workers: 3, times: 5000, down: (i) => i > 0 });
});

async function count(
  t: TestContext,
  { workers, times, down }: { workers: number; times: number; down?: (i: number) => boolean },
): Promise<number[][]> {
  const options = named() as SharedRateLimitStoreOptions;
  const store = new SharedRateLimitStore(options);
  t.after(() => store.shutdown());
  const started = Array.from({ length: workers }, (_, i) =>
    start('../../rate-limit/fixtures/counter', { store: options, times, down: down?.(i) === true }),
  );
  t.after(() => Promise.all(started.map((worker) => worker.terminate())));
  await Promise.all(started.map((worker) => message(worker)));
  const done = started.map((worker) => message<number[]>(worker));
  for (const worker of started) worker.postMessage('go');
  return Promise.all(done);
}

test('clients without end stay within the bound, and who keeps on is not forgotten', (t) => {
  const store = openStore(t, { maxBytes: 256 * 1024 });
  const first = store.increment('first').totalHits;
  let mine = 0;
  for (let i = 0; i < 20_000; i++) {
    store.increment(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    if (i % 100 === 0) mine = store.increment('attacker').totalHits;
  }
  const { bytes, maxBytes, entries, removals } = store.cache.stats();
  assert.ok(bytes <= maxBytes, `${bytes} of ${maxBytes}`);
  assert.ok(entries > 1000 && removals.evicted > 10_000, `${entries} entries, ${removals.evicted} evicted`);
  assert.equal(mine, 200);
  assert.equal(first, 1);
  assert.equal(store.get('first'), undefined);
});

test('who comes again is not forgotten, however many addresses come once', (t) => {
  const store = openStore(t, { maxBytes: 128 * 1024 });
  const people = Array.from({ length: 50 }, (_, i) => `person ${i}`);
  for (let i = 0; i < 5; i++) for (const key of people) store.increment(key);
  for (let round = 1; round <= 5; round++) {
    for (let i = 0; i < 3000; i++) store.increment(`${round}.${i}`);
    for (const key of people) assert.equal(store.increment(key).totalHits, 5 + round, key);
  }
  assert.ok(store.cache.stats().removals.evicted > 10_000);
});

test('ended windows leave the cache though nobody asks for them', async (t) => {
  const store = openStore(t, { windowMs: 30 });
  for (let i = 0; i < 500; i++) store.increment(`client ${i}`);
  await until(() => store.cache.stats().entries === 0);
});

test('stores of different names count apart, and say which they are', (t) => {
  const [login, api] = [openStore(t), openStore(t)];
  login.increment('a');
  assert.equal(api.get('a'), undefined);
  assert.equal(login.localKeys, false);
  assert.equal(login.prefix, login.cache.name);
  assert.notEqual(login.prefix, api.prefix);
});
