/** `getOrLoad`: one load per key in the whole process. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { SharedCache, type SharedCacheOptions } from 'plateau';
import { until } from '../support';
import { message, named, open, start } from './support';

interface Answer {
  value?: string;
  error?: string;
  loads: number;
}

/** Workers that have a cache open, and the cache. */
async function workers(t: TestContext, count: number): Promise<{ cache: SharedCache; all: Worker[] }> {
  const options: SharedCacheOptions<string> = named();
  const cache = new SharedCache(options);
  const all = Array.from({ length: count }, (_, id) => start('loader', { options, id }));
  t.after(async () => {
    await Promise.all(all.map((worker) => worker.terminate()));
    cache.close();
  });
  await Promise.all(all.map((worker) => message(worker)));
  return { cache, all };
}

/** Asks a worker, and waits for what comes of it. */
function ask(worker: Worker, task: object): Promise<Answer> {
  return new Promise((resolve) => {
    const note = (answer: Answer & { loading?: string }): void => {
      if (answer.loading !== undefined) return;
      worker.off('message', note);
      resolve(answer);
    };
    worker.on('message', note);
    worker.postMessage(task);
  });
}

test('callers of one thread share a load', async (t) => {
  const cache = open(t);
  let loads = 0;
  const load = async (): Promise<string> => {
    loads++;
    await sleep(5);
    return 'loaded';
  };
  const found = await Promise.all(Array.from({ length: 100 }, () => cache.getOrLoad('a', load)));
  assert.deepEqual(new Set(found), new Set(['loaded']));
  assert.equal(loads, 1);
  assert.equal(await cache.getOrLoad('a', load), 'loaded');
  assert.equal(loads, 1);
  const { loadsInFlight, leases } = cache.stats();
  assert.deepEqual(
    { loadsInFlight, leases, loads: cache.stats().loads },
    { loadsInFlight: 0, leases: 0, loads: 1 },
  );
});

test('of all threads that miss a key one loads, and the others get what it loaded', async (t) => {
  const { cache, all } = await workers(t, 4);
  for (const key of ['a', 'b', '€']) {
    const own = cache.getOrLoad(key, async () => {
      await sleep(30);
      return `${key} by main`;
    });
    const answers = await Promise.all(all.map((worker) => ask(worker, { key, takes: 30 })));
    assert.deepEqual(new Set([await own, ...answers.map(({ value }) => value)]), new Set([`${key} by main`]));
    assert.ok(answers.every(({ loads }) => loads === 0));
  }
  const answers = await Promise.all(all.map((worker) => ask(worker, { key: 'c', takes: 30 })));
  assert.equal(
    answers.reduce((sum, { loads }) => sum + loads, 0),
    1,
  );
  assert.equal(new Set(answers.map(({ value }) => value)).size, 1);
  assert.equal(cache.stats().leases, 0);
});

test('a failed load is tried by the next thread', async (t) => {
  const { cache, all } = await workers(t, 2);
  const [first, second] = all as [Worker, Worker];
  const failing = ask(first, { key: 'a', takes: 60, fails: true });
  await until(() => cache.stats().leases === 1, 'a lease');
  const waiting = ask(second, { key: 'a', takes: 1 });
  assert.deepEqual(await failing, { error: 'no luck', loads: 1 });
  assert.deepEqual(await waiting, { value: 'a by 1', loads: 1 });
});

for (const [how, task] of [
  ['terminated', { hangs: true }],
  ['ended by process.exit', { exits: true }],
] as const) {
  test(`the lease of a worker that is ${how} goes to another`, async (t) => {
    const { cache, all } = await workers(t, 2);
    const [first, second] = all as [Worker, Worker];
    const exit = once(first, 'exit');
    first.postMessage({ key: 'a', ...task });
    await message(first);
    const waiting = ask(second, { key: 'a', takes: 1 });
    await sleep(20);
    if (how === 'terminated') await first.terminate();
    await exit;
    assert.deepEqual(await waiting, { value: 'a by 1', loads: 1 });
    assert.equal(cache.stats().handles, 2);
  });
}

test('a lease that lasts too long is taken over, and its load is not stored', async (t) => {
  const { cache, all } = await workers(t, 2);
  const [first, second] = all as [Worker, Worker];
  const slow = ask(first, { key: 'a', takes: 300, lease: 40 });
  await until(() => cache.stats().leases === 1, 'a lease');
  assert.deepEqual(await ask(second, { key: 'a', takes: 1 }), { value: 'a by 1', loads: 1 });
  assert.deepEqual(await slow, { value: 'a by 0', loads: 1 });
  assert.equal(cache.get('a'), 'a by 1');
});

test('what is written or deleted during a load wins', async (t) => {
  const { cache, all } = await workers(t, 1);
  const [worker] = all as [Worker];
  for (const [change, expected] of [
    [(): unknown => cache.set('a', 'written'), 'written'],
    [(): unknown => cache.delete('a'), undefined],
    [(): unknown => cache.clear(), undefined],
  ] as const) {
    cache.delete('a');
    const loading = ask(worker, { key: 'a', takes: 50 });
    await until(() => cache.stats().leases === 1, 'a lease');
    change();
    assert.equal((await loading).value, 'a by 0');
    assert.equal(cache.get('a'), expected);
  }
});

test('a caller can give up; the last one aborts the load', async (t) => {
  const cache = open(t);
  const aborted: { code?: string }[] = [];
  const load = (_key: unknown, { signal }: { signal: AbortSignal }): Promise<string> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push(signal.reason as { code?: string });
        reject(signal.reason as Error);
      });
    });
  const controller = new AbortController();
  const first = cache.getOrLoad('a', load, { signal: controller.signal });
  const second = cache.getOrLoad('a', load, { timeout: 20 });
  controller.abort(new Error('enough'));
  await assert.rejects(first, /enough/);
  assert.equal(aborted.length, 0);
  await assert.rejects(second, { code: 'PLATEAU_LOAD_TIMEOUT' });
  assert.equal(aborted[0]?.code, 'PLATEAU_LOAD_TIMEOUT');
  await until(() => cache.stats().leases === 0, 'the end of the lease');
  await assert.rejects(
    cache.getOrLoad('a', load, { signal: AbortSignal.abort(new Error('before')) }),
    /before/,
  );
  assert.equal(await cache.getOrLoad('a', () => 'now'), 'now');
});

test('a loaded value that cannot be stored is returned all the same', async (t) => {
  const cache = open(t, { maxEntryBytes: 100 });
  assert.equal((await cache.getOrLoad('a', () => 'x'.repeat(200))).length, 200);
  assert.equal(cache.stats().unstoredLoads, 1);
  assert.equal(cache.has('a'), false);
  await assert.rejects(
    cache.getOrLoad('b', () => 5 as never),
    { code: 'PLATEAU_INVALID_ARGUMENT' },
  );
  await assert.rejects(
    cache.getOrLoad('b', () => {
      throw new Error('synchronous');
    }),
    /synchronous/,
  );
  assert.equal(cache.stats().loadFailures, 2);
  assert.equal(cache.stats().leases, 0);
});

test('a loader may ask for its own key, and no thread has more than 10,000 loads', async (t) => {
  const cache = open(t);
  let inner: Promise<string> | undefined;
  const outer = cache.getOrLoad('a', () => {
    inner = cache.getOrLoad('a', () => 'never');
    return 'loaded';
  });
  assert.equal(await outer, 'loaded');
  assert.equal(await inner, 'loaded');
  let go: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const load = async (): Promise<string> => gate.then(() => 'x');
  const all = Array.from({ length: 10_000 }, (_, i) => cache.getOrLoad(`key ${i}`, load));
  await assert.rejects(cache.getOrLoad('one more', load), { code: 'PLATEAU_TOO_MANY_LOADS' });
  // Who waits for one under way adds none.
  all.push(cache.getOrLoad('key 0', load));
  go();
  await Promise.all(all);
  assert.deepEqual([cache.stats().loadsInFlight, cache.stats().leases], [0, 0]);
});
