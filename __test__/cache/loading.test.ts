/** `getOrLoad` and `wrap`: one load per key, callers that give up, stale values, remembered failures. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mock, test } from 'node:test';
import { install } from '@sinonjs/fake-timers';
import { BoundedCache, type BoundedCacheOptions, type LoadContext, type LoadOptions } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';
import { event, turn } from './fixtures/wait';

/** A loader whose loads end when the test says so. */
class Source {
  readonly calls: {
    key: string;
    context: LoadContext<number>;
    resolve: (value: number) => void;
    reject: (error: unknown) => void;
  }[] = [];

  readonly load = (key: string, context: LoadContext<number>): Promise<number> =>
    new Promise((resolve, reject) => void this.calls.push({ key, context, resolve, reject }));

  /** The latest call. */
  get last(): Source['calls'][number] {
    const call = this.calls.at(-1);
    assert.ok(call, 'nothing was loaded');
    return call;
  }
}

function made(options: Partial<BoundedCacheOptions<string, number>> = {}): {
  cache: BoundedCache<string, number>;
  source: Source;
  advance: (ms: number) => void;
} {
  let now = 0;
  const cache = new BoundedCache<string, number>({ maxEntries: 10, clock: { now: () => now }, ...options });
  return {
    cache,
    source: new Source(),
    advance(ms) {
      now += ms;
    },
  };
}

const failure = new Error('the source is down');

/** Rejects with this very error. */
async function rejectsWith(promise: Promise<unknown>, error: unknown): Promise<void> {
  await assert.rejects(promise, (thrown) => thrown === error);
}

test('however many ask at once, the loader runs once, and all get its value', async () => {
  const { cache, source } = made();
  const waiting = Array.from({ length: 100 }, () => cache.getOrLoad('a', source.load));
  assert.equal(source.calls.length, 1);
  assert.equal(source.last.key, 'a');
  source.last.resolve(1);
  assert.deepEqual(await Promise.all(waiting), Array(100).fill(1));
  assert.equal(cache.get('a'), 1);
  assert.equal(await cache.getOrLoad('a', source.load), 1);
  assert.equal(source.calls.length, 1);
});

test('keys are loaded independently, each key being itself by SameValueZero', async () => {
  const cache = new BoundedCache<unknown, unknown>(10);
  const keys = ['1', 1, 1n, Number.NaN, null, undefined, {}, Symbol('key'), 0];
  const loads: unknown[] = [];
  const load = (key: unknown): unknown => {
    loads.push(key);
    return turn().then(() => key);
  };
  const both = await Promise.all([...keys, ...keys, -0].map((key) => cache.getOrLoad(key, load)));
  assert.deepEqual(loads, keys);
  assert.deepEqual(both, [...keys, ...keys, 0]);
});

test('a loader may return its value at once, or something with a then', async () => {
  const cache = new BoundedCache<string, number>(10);
  assert.equal(await cache.getOrLoad('a', () => 1), 1);
  assert.equal(cache.get('a'), 1);
  // biome-ignore lint/suspicious/noThenProperty: that is the point
  const thenable = { then: (resolve: (value: number) => void) => resolve(2) } as PromiseLike<number>;
  assert.equal(await cache.getOrLoad('b', () => thenable), 2);
  assert.equal(cache.get('b'), 2);
});

test('loaded undefined is a value', async () => {
  const cache = new BoundedCache<string, undefined>(10);
  assert.equal(await cache.getOrLoad('a', () => undefined), undefined);
  await cache.getOrLoad('a', () => assert.fail('it is there'));
  assert.equal(cache.has('a'), true);
});

test('a value that is there is returned without a load, and counts as used and as a hit', async () => {
  const cache = new BoundedCache<string, number>(2, [
    ['a', 1],
    ['b', 2],
  ]);
  assert.equal(await cache.getOrLoad('a', () => assert.fail('it is there')), 1);
  cache.set('c', 3);
  assert.deepEqual([...cache.keys()], ['a', 'c']);
  assert.equal(cache.stats().hits, 1);
});

test('a loader that throws at once rejects, and nothing is thrown', async () => {
  const cache = new BoundedCache<string, number>(10);
  const promise = cache.getOrLoad('a', () => {
    throw failure;
  });
  await rejectsWith(promise, failure);
  assert.equal(cache.stats().loadFailures, 1);
  assert.equal(cache.stats().loadsInFlight, 0);
});

test('a failure rejects all who wait and is not stored', async () => {
  const { cache, source } = made();
  const waiting = [cache.getOrLoad('a', source.load), cache.getOrLoad('a', source.load)];
  source.last.reject(failure);
  for (const promise of waiting) await rejectsWith(promise, failure);
  assert.equal(cache.size, 0);
  const again = cache.getOrLoad('a', source.load);
  source.last.resolve(2);
  assert.equal(await again, 2);
  assert.equal(source.calls.length, 2);
});

test('loads in flight are no entries', async () => {
  const { cache, source } = made({ maxEntries: 2 });
  cache.set('x', 1).set('y', 2);
  const waiting = ['a', 'b', 'c'].map((key) => cache.getOrLoad(key, source.load));
  assert.deepEqual([...cache.keys()], ['x', 'y']);
  assert.equal(cache.stats().loadsInFlight, 3);
  for (const call of source.calls) call.resolve(0);
  await Promise.all(waiting);
  assert.deepEqual([...cache.keys()], ['b', 'c']);
  assert.equal(cache.stats().loadsInFlight, 0);
});

test('an aborted caller is rejected with the reason of its signal; the others wait on', async () => {
  const { cache, source } = made();
  const [first, second] = [new AbortController(), new AbortController()];
  const gaveUp = cache.getOrLoad('a', source.load, { signal: first.signal });
  const waits = cache.getOrLoad('a', source.load, { signal: second.signal });
  const reason = new Error('the client is gone');
  first.abort(reason);
  await rejectsWith(gaveUp, reason);
  assert.equal(source.last.context.signal.aborted, false);
  source.last.resolve(1);
  assert.equal(await waits, 1);
  assert.equal(cache.get('a'), 1);
  second.abort();
  assert.equal(cache.get('a'), 1);
});

test('when the last caller has given up, the loader is told, and what it still delivers is not stored', async () => {
  const { cache, source } = made();
  const controllers = [new AbortController(), new AbortController()];
  const waiting = controllers.map(({ signal }) => cache.getOrLoad('a', source.load, { signal }));
  controllers[0]?.abort(new Error('first'));
  assert.equal(source.last.context.signal.aborted, false);
  const reason = new Error('last');
  controllers[1]?.abort(reason);
  assert.equal(source.last.context.signal.aborted, true);
  assert.equal(source.last.context.signal.reason, reason);
  await assert.rejects(waiting[0] as Promise<number>, { message: 'first' });
  await rejectsWith(waiting[1] as Promise<number>, reason);
  const [abandoned] = source.calls;
  const next = cache.getOrLoad('a', source.load);
  assert.equal(source.calls.length, 2, 'the next caller starts anew');
  abandoned?.resolve(1);
  await turn();
  assert.equal(cache.has('a'), false);
  source.last.resolve(2);
  assert.equal(await next, 2);
  assert.equal(cache.get('a'), 2);
});

test('a load that nobody waits for any more may fail without anybody hearing of it', async () => {
  const { cache, source } = made();
  const { signal } = new AbortController();
  const controller = new AbortController();
  const gaveUp = cache.getOrLoad('a', source.load, { signal: controller.signal });
  controller.abort();
  await assert.rejects(gaveUp, { name: 'AbortError' });
  source.last.reject(failure);
  // An unhandled rejection would fail this test.
  await turn();
  assert.equal(cache.stats().loadFailures, 1);
  assert.equal(signal.aborted, false);
});

test('a caller without a signal keeps the load going', async () => {
  const { cache, source } = made();
  const controller = new AbortController();
  const waits = cache.getOrLoad('a', source.load);
  const gaveUp = cache.getOrLoad('a', source.load, { signal: controller.signal });
  controller.abort();
  await assert.rejects(gaveUp, { name: 'AbortError' });
  assert.equal(source.last.context.signal.aborted, false);
  source.last.resolve(1);
  assert.equal(await waits, 1);
});

test('with a signal that is aborted already nothing is loaded', async () => {
  const { cache, source } = made();
  const reason = new Error('too late');
  await rejectsWith(cache.getOrLoad('a', source.load, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(source.calls.length, 0);
  assert.equal(cache.stats().loads, 0);
});

test('signals are left without listeners when a load ends', async () => {
  const { cache, source } = made();
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  const good = cache.getOrLoad('a', source.load, { signal });
  assert.equal(listeners, 1);
  source.last.resolve(1);
  await good;
  const bad = cache.getOrLoad('b', source.load, { signal });
  source.last.reject(failure);
  await rejectsWith(bad, failure);
  assert.equal(listeners, 0);
});

test('a caller with a timeout is rejected after it; the others wait on', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { cache, source } = made();
  const impatient = cache.getOrLoad('a', source.load, { timeout: 100 });
  const patient = cache.getOrLoad('a', source.load, { timeout: 500 });
  t.mock.timers.tick(99);
  assert.equal(source.last.context.signal.aborted, false);
  t.mock.timers.tick(1);
  await assert.rejects(impatient, { code: 'PLATEAU_LOAD_TIMEOUT', message: /100 ms/ });
  assert.equal(source.last.context.signal.aborted, false);
  source.last.resolve(1);
  assert.equal(await patient, 1);
});

test('when the last caller has timed out, the loader is told', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { cache, source } = made();
  const waiting = cache.getOrLoad('a', source.load, { timeout: 100 });
  t.mock.timers.tick(100);
  await assert.rejects(waiting, { code: 'PLATEAU_LOAD_TIMEOUT' });
  assert.equal(source.last.context.signal.aborted, true);
  assert.equal(source.last.context.signal.reason.code, 'PLATEAU_LOAD_TIMEOUT');
});

test('a load that ends in time leaves no timer behind', async () => {
  const clock = install({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { cache, source } = made();
    const before = clock.countTimers();
    const waiting = cache.getOrLoad('a', source.load, { timeout: 100 });
    assert.equal(clock.countTimers(), before + 1);
    source.last.resolve(1);
    await waiting;
    assert.equal(clock.countTimers(), before);
  } finally {
    clock.uninstall();
  }
});

/** What happens to a key while it is being loaded; the value that the cache then has. */
const changes: Record<string, [(cache: BoundedCache<string, number>) => void, number | undefined]> = {
  'set to another value': [(cache) => void cache.set('a', 7), 7],
  'set by setMany': [(cache) => void cache.setMany([['a', 7]]), 7],
  'inserted by getOrInsert': [(cache) => void cache.getOrInsert('a', 7), 7],
  'restored from a dump': [
    (cache) =>
      void cache.restore({
        format: 'plateau.cache',
        version: 1,
        at: Date.now(),
        entries: [{ key: 'a', value: 7 }],
      }),
    7,
  ],
  deleted: [(cache) => void cache.delete('a'), undefined],
  taken: [(cache) => void cache.take('a'), undefined],
  cleared: [(cache) => cache.clear(), undefined],
  'set and deleted': [(cache) => void cache.set('a', 7).delete('a'), undefined],
};

for (const [what, [change, expected]] of Object.entries(changes)) {
  test(`a key that is ${what} during its load: the callers get the loaded value, the cache does not`, async () => {
    const { cache, source } = made();
    const waiting = [cache.getOrLoad('a', source.load), cache.getOrLoad('a', source.load)];
    change(cache);
    source.last.resolve(1);
    assert.deepEqual(await Promise.all(waiting), [1, 1]);
    assert.equal(cache.get('a'), expected);
    storeOf(cache).validate();
  });
}

test('an eviction, a resize or a purge during a load changes nothing for it', async () => {
  const { cache, source } = made({ maxEntries: 3 });
  const waiting = cache.getOrLoad('a', source.load);
  for (let i = 0; i < 10; i++) cache.set(`${i}`, i);
  cache.resize({ maxEntries: 1 });
  cache.shrinkTo(0);
  cache.purgeExpired();
  source.last.resolve(1);
  assert.equal(await waiting, 1);
  assert.equal(cache.get('a'), 1);
});

test('after a delete during a load the next caller starts a load of its own, whose value is stored', async () => {
  const { cache, source } = made();
  const before = cache.getOrLoad('a', source.load);
  cache.delete('a');
  const after = cache.getOrLoad('a', source.load);
  assert.equal(source.calls.length, 2);
  source.calls[1]?.resolve(2);
  assert.equal(await after, 2);
  source.calls[0]?.resolve(1);
  assert.equal(await before, 1);
  assert.equal(cache.get('a'), 2, 'the newer load wins, whichever ends last');
});

test('a loader that asks for the key it loads joins its own load', async () => {
  const cache = new BoundedCache<string, number>(10);
  let inner: Promise<number> | undefined;
  const outer = cache.getOrLoad('a', () => {
    inner = cache.getOrLoad('a', () => assert.fail('it is being loaded'));
    return 1;
  });
  assert.equal(await outer, 1);
  assert.equal(await inner, 1);
});

test('a loader may load other keys', async () => {
  const cache = new BoundedCache<number, number>(1000);
  const fibonacci = async (n: number): Promise<number> =>
    n < 2 ? n : (await cache.getOrLoad(n - 1, fibonacci)) + (await cache.getOrLoad(n - 2, fibonacci));
  assert.equal(await cache.getOrLoad(50, fibonacci), 12586269025);
  assert.equal(cache.stats().loads, 51);
});

test('no more than maxLoads run at once; joining one is always allowed', async () => {
  const { cache, source } = made({ maxLoads: 2 });
  const running = ['a', 'b'].map((key) => cache.getOrLoad(key, source.load));
  const joined = cache.getOrLoad('a', source.load);
  await assert.rejects(cache.getOrLoad('c', source.load), {
    code: 'PLATEAU_TOO_MANY_LOADS',
    message: /2 loads/,
  });
  assert.equal(source.calls.length, 2);
  source.calls[0]?.resolve(1);
  assert.equal(await joined, 1);
  const third = cache.getOrLoad('c', source.load);
  source.calls[1]?.reject(failure);
  source.calls[2]?.resolve(3);
  assert.equal(await third, 3);
  await rejectsWith(running[1] as Promise<number>, failure);
  assert.equal(cache.stats().loadsInFlight, 0);
});

test('a load goes on counting against maxLoads when its key is deleted or its callers have given up', async () => {
  const { cache, source } = made({ maxLoads: 2 });
  const controller = new AbortController();
  const first = cache.getOrLoad('a', source.load);
  cache.delete('a');
  const second = cache.getOrLoad('b', source.load, { signal: controller.signal });
  controller.abort();
  await assert.rejects(second, { name: 'AbortError' });
  assert.equal(cache.stats().loadsInFlight, 2);
  await assert.rejects(cache.getOrLoad('c', source.load), { code: 'PLATEAU_TOO_MANY_LOADS' });
  source.calls[0]?.resolve(1);
  await first;
  source.calls[1]?.reject(failure);
  await turn();
  assert.equal(cache.stats().loadsInFlight, 0);
});

test('a loaded entry has the ttl and size of its options', async () => {
  const { cache } = made({ maxBytes: 100, sizeOf: () => 1, ttl: 1000 });
  await cache.getOrLoad('a', () => 1, { ttl: 50, size: 30 });
  await cache.getOrLoad('b', () => 2);
  assert.equal(cache.remainingTtl('a'), 50);
  assert.equal(cache.remainingTtl('b'), 1000);
  assert.equal(cache.stats().bytes, 31);
});

test('a loaded value that is too large is returned and not stored', async () => {
  const { cache } = made({ maxBytes: 10, sizeOf: (value) => value });
  assert.equal(await cache.getOrLoad('a', () => 11), 11);
  assert.equal(cache.size, 0);
  assert.equal(cache.stats().rejected, 1);
});

test('what onRemove or sizeOf throw when a loaded value is stored is a warning, not the result', async () => {
  const { cache } = made({
    maxEntries: 1,
    onRemove() {
      throw new Error('from the callback');
    },
  });
  cache.set('x', 0);
  const warned = once(process, 'warning') as Promise<[Error & { code: string }]>;
  assert.equal(await cache.getOrLoad('a', () => 1), 1);
  assert.equal(cache.get('a'), 1);
  const [warning] = await event(warned);
  assert.equal(warning.code, 'PLATEAU_LOAD_STORE');
  assert.match(warning.message, /from the callback/);
});

test('negativeTtl remembers a failure for so long', async () => {
  const { cache, source, advance } = made({ negativeTtl: 100 });
  const first = cache.getOrLoad('a', source.load);
  source.last.reject(failure);
  await rejectsWith(first, failure);
  advance(99);
  await rejectsWith(cache.getOrLoad('a', source.load), failure);
  assert.equal(source.calls.length, 1);
  assert.equal(cache.size, 0);
  assert.equal(cache.has('a'), false);
  advance(1);
  const again = cache.getOrLoad('a', source.load);
  source.last.resolve(2);
  assert.equal(await again, 2);
});

test('negativeTtl may differ from load to load', async () => {
  const { cache, advance } = made({ negativeTtl: 100 });
  const fail = (): number => {
    throw failure;
  };
  await rejectsWith(cache.getOrLoad('never', fail, { negativeTtl: 0 }), failure);
  await rejectsWith(cache.getOrLoad('long', fail, { negativeTtl: 1000 }), failure);
  await rejectsWith(cache.getOrLoad('usual', fail), failure);
  assert.equal(await cache.getOrLoad('never', () => 1), 1);
  advance(100);
  assert.equal(await cache.getOrLoad('usual', () => 2), 2);
  await rejectsWith(
    cache.getOrLoad('long', () => 3),
    failure,
  );
});

for (const [what, [change, expected]] of Object.entries(changes)) {
  test(`a remembered failure is forgotten when its key is ${what}`, async () => {
    const { cache } = made({ negativeTtl: 100 });
    const failed = cache.getOrLoad('a', () => {
      throw failure;
    });
    await rejectsWith(failed, failure);
    change(cache);
    assert.equal(await cache.getOrLoad('a', () => 5), expected ?? 5);
  });
}

test('that everybody gave up is not remembered as a failure', async () => {
  const { cache, source } = made({ negativeTtl: 100 });
  const controller = new AbortController();
  const gaveUp = cache.getOrLoad('a', source.load, { signal: controller.signal });
  controller.abort();
  await assert.rejects(gaveUp, { name: 'AbortError' });
  source.last.reject(controller.signal.reason);
  await turn();
  assert.equal(await cache.getOrLoad('a', () => 1), 1);
});

const stale: LoadOptions = { staleWhileRevalidate: 50 };

test('staleWhileRevalidate returns the old value at once and loads the new one, once', async () => {
  const { cache, source, advance } = made({ ttl: 100 });
  const first = cache.getOrLoad('a', source.load, stale);
  source.last.resolve(1);
  assert.equal(await first, 1);
  assert.equal(cache.remainingTtl('a'), 100);
  advance(149);
  assert.deepEqual(
    await Promise.all([1, 2, 3].map(() => cache.getOrLoad('a', source.load, stale))),
    [1, 1, 1],
  );
  assert.equal(source.calls.length, 2);
  assert.equal(source.last.context.stale, 1);
  source.last.resolve(2);
  await turn();
  assert.equal(await cache.getOrLoad('a', source.load, stale), 2);
  assert.equal(source.calls.length, 2);
  assert.equal(cache.remainingTtl('a'), 100);
  assert.equal(cache.stats().staleHits, 3);
});

test('beyond staleWhileRevalidate callers wait', async () => {
  const { cache, source, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, stale);
  advance(150);
  const waiting = cache.getOrLoad('a', source.load, stale);
  source.last.resolve(2);
  assert.equal(await waiting, 2);
});

test('a stale value is for those alone who accept one', async () => {
  for (const late of [0, 1, 49]) {
    const { cache, advance } = made({ ttl: 100 });
    await cache.getOrLoad('a', () => 1, stale);
    advance(100 + late);
    assert.equal(cache.get('a'), undefined);
    assert.equal(cache.has('a'), false);
    assert.equal(cache.peek('a'), undefined);
    assert.equal(cache.remainingTtl('a'), undefined);
    assert.deepEqual([...cache], []);
    assert.deepEqual([...cache.entriesByRecency()], []);
    assert.deepEqual(cache.dump().entries, []);
    assert.equal(await cache.getOrLoad('a', () => 2, stale), 1, 'and they have not made it leave');
    await turn();
    advance(100 + late);
    assert.equal(await cache.getOrLoad('a', () => 3), 3);
  }
});

test('a revalidation that fails leaves the stale value, and nobody hears of it', async () => {
  const { cache, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, stale);
  advance(110);
  const fail = (): number => {
    throw failure;
  };
  assert.equal(await cache.getOrLoad('a', fail, stale), 1);
  await turn();
  assert.equal(cache.stats().loadFailures, 1);
  assert.equal(await cache.getOrLoad('a', () => 2, stale), 1);
  await turn();
  assert.equal(await cache.getOrLoad('a', () => 3, stale), 2);
});

test('a key deleted during its revalidation stays deleted', async () => {
  const { cache, source, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, stale);
  advance(110);
  assert.equal(await cache.getOrLoad('a', source.load, stale), 1);
  cache.delete('a');
  source.last.resolve(2);
  await turn();
  assert.equal(cache.has('a'), false);
});

test('a stale value is released when its grace is over', async () => {
  const { cache, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, stale);
  advance(149);
  assert.equal(cache.purgeExpired(), 0);
  assert.equal(cache.size, 1);
  advance(1);
  assert.equal(cache.purgeExpired(), 1);
});

test('sliding renews the time to live and leaves the grace after it', async () => {
  const { cache, advance } = made({ ttl: 100, sliding: true });
  await cache.getOrLoad('a', () => 1, stale);
  advance(90);
  assert.equal(cache.get('a'), 1);
  assert.equal(cache.remainingTtl('a'), 100);
  advance(140);
  assert.equal(cache.get('a'), undefined);
  assert.equal(await cache.getOrLoad('a', () => 2, stale), 1);
});

test('a value set in place of one that is kept for its grace has its own time', async () => {
  const { cache, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, stale);
  advance(50);
  cache.set('a', 2, { ttl: 1000 });
  advance(999);
  assert.equal(cache.get('a'), 2);
  advance(1);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.size, 0);
});

test('the grace of entries survives that others are deleted and the cache shrinks', async () => {
  const { cache, advance } = made({ maxEntries: 1000, ttl: 100 });
  for (let i = 0; i < 300; i++) {
    await cache.getOrLoad(`${i}`, () => i, i >= 290 ? stale : {});
  }
  for (let i = 0; i < 290; i++) cache.delete(`${i}`);
  assert.ok(storeOf(cache).capacity < 300);
  advance(120);
  for (let i = 290; i < 300; i++) {
    assert.equal(cache.has(`${i}`), false);
    assert.equal(await cache.getOrLoad(`${i}`, () => -1, stale), i);
  }
});

test('a caller that joins a revalidation and gives up does not end it', async () => {
  const { cache, source, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, stale);
  advance(110);
  assert.equal(await cache.getOrLoad('a', source.load, stale), 1);
  const controller = new AbortController();
  const gaveUp = cache.getOrLoad('a', source.load, { signal: controller.signal });
  controller.abort();
  await assert.rejects(gaveUp, { name: 'AbortError' });
  assert.equal(source.last.context.signal.aborted, false);
  source.last.resolve(2);
  await turn();
  assert.equal(cache.get('a'), 2);
  assert.equal(source.calls.length, 1);
});

const ifError: LoadOptions = { staleIfError: 50 };

test('staleIfError returns the old value where loading fails, for so long', async () => {
  const { cache, source, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, ifError);
  advance(149);
  const served = cache.getOrLoad('a', source.load, ifError);
  assert.equal(source.last.context.stale, 1);
  source.last.reject(failure);
  assert.equal(await served, 1);
  assert.equal(cache.stats().staleHits, 1);
  advance(1);
  const rejected = cache.getOrLoad('a', source.load, ifError);
  source.last.reject(failure);
  await rejectsWith(rejected, failure);
});

test('staleIfError returns the new value where loading works', async () => {
  const { cache, advance } = made({ ttl: 100 });
  await cache.getOrLoad('a', () => 1, ifError);
  advance(110);
  assert.equal(await cache.getOrLoad('a', () => 2, ifError), 2);
  assert.equal(cache.stats().staleHits, 0);
});

test('staleIfError counts a timeout, a refused load and a remembered failure as failures, giving up not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { cache, source, advance } = made({ ttl: 100, maxLoads: 1 });
  await cache.getOrLoad('a', () => 1, ifError);
  await cache.getOrLoad('b', () => 1, ifError);
  advance(110);
  const controller = new AbortController();
  const slow = cache.getOrLoad('a', source.load, { ...ifError, timeout: 10 });
  assert.equal(await cache.getOrLoad('b', source.load, ifError), 1, 'refused');
  t.mock.timers.tick(10);
  assert.equal(await slow, 1, 'timed out');
  source.last.reject(failure);
  await turn();
  const gaveUp = cache.getOrLoad('a', source.load, { ...ifError, signal: controller.signal });
  controller.abort();
  await assert.rejects(gaveUp, { name: 'AbortError' });
  source.last.reject(failure);
  await turn();
  const fail = (): number => {
    throw failure;
  };
  assert.equal(await cache.getOrLoad('a', fail, { ...ifError, negativeTtl: 30 }), 1);
  const { loads } = cache.stats();
  assert.equal(await cache.getOrLoad('a', fail, ifError), 1, 'remembered');
  assert.equal(cache.stats().loads, loads);
  await rejectsWith(cache.getOrLoad('a', fail), failure);
});

test('the times that loads took are added up', async () => {
  const clock = install({ toFake: ['performance'] });
  try {
    const { cache, source } = made();
    const good = cache.getOrLoad('a', source.load);
    clock.tick(30);
    source.last.resolve(1);
    await good;
    const bad = cache.getOrLoad('b', source.load);
    clock.tick(12);
    source.last.reject(failure);
    await rejectsWith(bad, failure);
    const { loads, loadFailures, loadTime } = cache.stats();
    assert.deepEqual({ loads, loadFailures, loadTime }, { loads: 2, loadFailures: 1, loadTime: 42 });
  } finally {
    clock.uninstall();
  }
});

test('loads count, hits and misses too, and resetStats forgets all but what is in flight', async () => {
  const { cache, source } = made();
  const waiting = [cache.getOrLoad('a', source.load), cache.getOrLoad('a', source.load)];
  source.last.resolve(1);
  await Promise.all(waiting);
  await cache.getOrLoad('a', source.load);
  const running = cache.getOrLoad('b', source.load);
  const { hits, misses, loads, loadsInFlight } = cache.stats();
  assert.deepEqual(
    { hits, misses, loads, loadsInFlight },
    { hits: 1, misses: 3, loads: 2, loadsInFlight: 1 },
  );
  cache.resetStats();
  assert.equal(cache.stats().loads, 0);
  assert.equal(cache.stats().loadTime, 0);
  assert.equal(cache.stats().loadsInFlight, 1);
  source.last.resolve(2);
  await running;
  assert.equal(cache.stats().loadsInFlight, 0);
});

test('wrap makes a function that loads through the cache, by its first argument', async () => {
  const { cache } = made();
  const fn = mock.fn((key: string, factor: number) => Promise.resolve(key.length * factor));
  const wrapped = cache.wrap(fn);
  assert.deepEqual(await Promise.all([wrapped('abc', 2), wrapped('abc', 2)]), [6, 6]);
  assert.equal(await wrapped('abc', 100), 6, 'the other arguments are not in the key');
  assert.equal(await wrapped('ab', 2), 4);
  assert.equal(fn.mock.callCount(), 2);
  assert.deepEqual(fn.mock.calls[0]?.arguments, ['abc', 2]);
  assert.deepEqual(
    [...cache],
    [
      ['abc', 6],
      ['ab', 4],
    ],
  );
});

test('wrap takes the key of a call from keyOf, and options for every load', async () => {
  const { cache, advance } = made();
  const keyOf = mock.fn((a: number, b: number) => `${a}×${b}`);
  const fn = mock.fn((a: number, b: number) => a * b);
  const times = cache.wrap(fn, keyOf, { ttl: 100 });
  assert.equal(await times(3, 4), 12);
  assert.equal(await times(3, 4), 12);
  assert.equal(await times(4, 3), 12);
  assert.equal(fn.mock.callCount(), 2);
  assert.deepEqual([...cache.keys()], ['3×4', '4×3']);
  advance(100);
  assert.equal(await times(3, 4), 12);
  assert.equal(fn.mock.callCount(), 3);
});

test('wrap does not remember failures, also those thrown at once', async () => {
  const { cache } = made();
  let fail = true;
  const wrapped = cache.wrap((key: string) => {
    if (fail) throw failure;
    return key.length;
  });
  await rejectsWith(wrapped('a'), failure);
  fail = false;
  assert.equal(await wrapped('a'), 1);
});
