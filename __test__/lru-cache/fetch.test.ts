/** `fetch`, `forceFetch` and `memo`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';

/** A fetch method whose calls are answered by the test. */
function answered(): {
  calls: { key: string; stale: number | undefined; signal: AbortSignal }[];
  fetchMethod: LRUCache.Fetcher<string, number>;
  answer: (value?: number | Error) => Promise<void>;
} {
  const pending: ((value: number | undefined | Error) => void)[] = [];
  const calls: { key: string; stale: number | undefined; signal: AbortSignal }[] = [];
  return {
    calls,
    fetchMethod: (key, stale, { signal }) => {
      calls.push({ key, stale, signal });
      return new Promise<number | undefined>((resolve, reject) => {
        pending.push((value) => (value instanceof Error ? reject(value) : resolve(value)));
      });
    },
    async answer(value) {
      pending.shift()?.(value);
      await wait(0);
    },
  };
}

/** A signal that aborts in a moment; unlike `AbortSignal.timeout`, it keeps the test's process waiting. */
function abortsSoon(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('too late')), 1);
  return controller.signal;
}

test('however many ask, a key is fetched once; a fetch under way counts but is not shown', async () => {
  const { calls, fetchMethod, answer } = answered();
  const cache = new LRUCache<string, number>({ max: 3, fetchMethod });
  const promises = [cache.fetch('a'), cache.fetch('a'), cache.forceFetch('a')];
  assert.equal(calls.length, 1);
  assert.deepEqual(
    [cache.size, [...cache.keys()], cache.get('a'), cache.has('a')],
    [1, [], undefined, false],
  );
  assert.deepEqual(cache.dump(), []);
  assert.equal(cache.info('a'), undefined);
  await answer(7);
  assert.deepEqual(await Promise.all(promises), [7, 7, 7]);
  assert.equal(await cache.fetch('a'), 7);
  assert.equal(calls.length, 1);
});

test('setting, deleting, clearing and evicting abort, each for its reason', async () => {
  const { calls, fetchMethod, answer } = answered();
  const cache = new LRUCache<string, number>({ max: 2, fetchMethod });
  const ways: [string, () => void][] = [
    ['replaced', () => cache.set('a', 1)],
    ['deleted', () => cache.delete('a')],
    ['deleted', () => cache.clear()],
    ['evicted', () => cache.set('b', 1).set('c', 1)],
    ['evicted', () => cache.pop()],
  ];
  for (const [reason, way] of ways) {
    cache.clear();
    const promise = cache.fetch('a');
    way();
    await assert.rejects(promise, { message: reason });
    assert.equal(calls.at(-1)?.signal.aborted, true);
    const before = cache.dump();
    await answer(5);
    assert.deepEqual(cache.dump(), before);
    coreOf(cache).validate();
  }
});

test('a stale value is served while it is refreshed, and stays if that fails as the options say', async () => {
  let now = 1;
  const { calls, fetchMethod, answer } = answered();
  const options = { max: 3, ttl: 10, ttlResolution: 0, perf: { now: () => now }, fetchMethod };
  const cache = new LRUCache<string, number>({ ...options, allowStale: true }).set('a', 1);
  now = 20;
  assert.equal(await cache.fetch('a'), 1);
  assert.equal(await cache.fetch('a'), 1);
  assert.deepEqual(
    calls.map(({ stale }) => stale),
    [1],
  );
  assert.equal(cache.size, 1);
  await answer(2);
  assert.equal(cache.get('a'), 2);

  now = 40;
  assert.equal(await cache.fetch('a', { noDeleteOnFetchRejection: true }), 2);
  await answer(new Error('down'));
  assert.equal(cache.peek('a', { allowStale: true }), 2);
  assert.equal(await cache.fetch('a'), 2);
  await answer(new Error('down'));
  assert.equal(cache.size, 0);

  cache.set('b', 3);
  now = 60;
  const rejection = { allowStale: false, allowStaleOnFetchRejection: true };
  const promise = cache.fetch('b', rejection);
  await answer(new Error('down'));
  assert.equal(await promise, 3);
  const strict = cache.fetch('b', { allowStale: false });
  const failure = assert.rejects(strict, { message: 'down' });
  await answer(new Error('down'));
  await failure;
});

test('forceRefresh fetches what is fresh', async () => {
  const { calls, fetchMethod, answer } = answered();
  const cache = new LRUCache<string, number>({ max: 3, fetchMethod }).set('a', 1);
  const promise = cache.fetch('a', { forceRefresh: true });
  assert.equal(cache.get('a'), 1);
  assert.deepEqual([...cache.keys()], []);
  assert.equal(
    cache.find((value) => value === 1),
    1,
  );
  await answer(2);
  assert.equal(await promise, 2);
  assert.equal(calls.length, 1);
});

test('a signal ends the waiting; with ignoreFetchAbort the result is stored all the same', async () => {
  const { fetchMethod, answer } = answered();
  const cache = new LRUCache<string, number>({ max: 3, fetchMethod });
  await assert.rejects(cache.fetch('a', { signal: abortsSoon() }), { message: 'too late' });
  await answer(1);
  assert.equal(cache.get('a'), undefined);

  const patient = { ignoreFetchAbort: true, allowStaleOnFetchAbort: true, signal: abortsSoon() };
  assert.equal(await cache.fetch('b', patient), undefined);
  assert.equal(cache.get('b'), undefined);
  await answer(2);
  assert.equal(cache.get('b'), 2);
});

test('what comes late makes no other entry leave, and overwrites nothing newer', async () => {
  const { fetchMethod, answer } = answered();
  const options = { max: 1, fetchMethod, ignoreFetchAbort: true, allowStaleOnFetchAbort: true };
  const cache = new LRUCache<string, number>(options);
  const evicted = cache.fetch('a');
  cache.set('b', 2);
  assert.equal(await evicted, undefined);
  await answer(1);
  assert.deepEqual([...cache], [['b', 2]]);

  const larger = new LRUCache<string, number>({ ...options, max: 3 });
  const replaced = larger.fetch('a');
  larger.delete('a');
  larger.set('b', 2);
  larger.set('a', 10);
  assert.equal(await replaced, undefined);
  await answer(1);
  assert.equal(larger.get('a'), 10);
});

test('an aborted fetch that finds nothing leaves no entry behind', async () => {
  const { fetchMethod, answer } = answered();
  const options = { ignoreFetchAbort: true, noDeleteOnFetchRejection: true };
  const cache = new LRUCache<string, number>({ max: 3, fetchMethod, ...options });
  const controller = new AbortController();
  const promise = cache.fetch('a', { signal: controller.signal });
  controller.abort(new Error('enough'));
  const rejected = assert.rejects(promise, { message: 'enough' });
  await answer(undefined);
  await rejected;
  assert.equal(cache.size, 0);
});

test('a failure that nobody waits for is no unhandled rejection', async () => {
  let now = 1;
  const perf = { now: () => now };
  const cache = new LRUCache<string, number>({
    max: 3,
    ttl: 1,
    allowStale: true,
    ttlResolution: 0,
    perf,
    fetchMethod: () => {
      throw new Error('at once');
    },
  }).set('a', 1);
  now = 5;
  assert.equal(await cache.fetch('a'), 1);
  await wait(1);
  assert.equal(cache.size, 0);
  await assert.rejects(cache.fetch('a'), { message: 'at once' });
});

test('a fetch method may answer at once, with undefined, and change the options', async () => {
  const cache = new LRUCache<string, number>({
    max: 3,
    ttl: 10,
    perf: { now: () => 1 },
    fetchMethod: (key, _stale, { options }) => {
      options.ttl = 99;
      return key === 'nothing' ? undefined : key.length;
    },
  });
  assert.equal(await cache.fetch('four'), 4);
  assert.equal(cache.getRemainingTTL('four'), 99);
  const never = cache.fetch('nothing');
  await assert.rejects(Promise.race([never, wait(5).then(() => Promise.reject(new Error('pending')))]), {
    message: 'pending',
  });
  cache.delete('nothing');
  await assert.rejects(never, { message: 'deleted' });
  await assert.rejects(new LRUCache<string, number>({ max: 1 }).forceFetch('a'), {
    message: 'fetch() returned undefined',
  });
  assert.equal(await new LRUCache<string, number>({ max: 1 }).set('a', 1).fetch('a'), 1);
});

test('memo computes what is not there, with the context', () => {
  const calls: unknown[] = [];
  const cache = new LRUCache<string, number, { factor: number }>({
    max: 2,
    memoMethod: (key, stale, { context, options }) => {
      calls.push([key, stale, options]);
      return key.length * context.factor;
    },
  });
  assert.equal(cache.memo('ab', { context: { factor: 2 } }), 4);
  assert.equal(cache.memo('ab', { context: { factor: 3 } }), 4);
  assert.equal(cache.memo('ab', { context: { factor: 3 }, forceRefresh: true, ttl: 5 }), 6);
  assert.deepEqual(calls, [
    ['ab', undefined, {}],
    ['ab', 4, { ttl: 5 }],
  ]);
  assert.throws(() => new LRUCache({ max: 1 }).memo('a'), {
    message: 'no memoMethod provided to constructor',
  });
});
