/** `getOrLoad`: one load however many ask, stale values while or instead of loading, early refresh, limits. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { deferred, eventually, instance, newNamespace } from './fixtures/caches';
import { type RedisServer, sharedRedis, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;
sharedRedis((started) => {
  server = started;
});

test('one load for all who ask, here and in other instances', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace });
  const b = await instance<string>(t, server, { namespace }, 'ioredis');
  const load = deferred<string>();
  let loads = 0;
  const loader = (): Promise<string> => {
    loads++;
    return load.promise;
  };
  const waiting = [a, b, a, b].map(({ cache }) => cache.getOrLoad('key', loader));
  await sleep(100);
  load.resolve('loaded');
  assert.deepEqual(await Promise.all(waiting), ['loaded', 'loaded', 'loaded', 'loaded']);
  assert.equal(loads, 1);
  assert.equal(a.cache.stats().sharedLoads + b.cache.stats().sharedLoads, 1);
  assert.equal(await b.cache.get('key'), 'loaded');
});

test('a load that fails rejects its callers, is not stored, and lets go of the lock', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace });
  const b = await instance<string>(t, server, { namespace });
  const failure = new Error('no database');
  const failing = (): never => {
    throw failure;
  };
  await assert.rejects(a.cache.getOrLoad('key', failing), failure);
  assert.equal(a.cache.stats().loadFailures, 1);
  assert.equal(await b.cache.getOrLoad('key', () => 'loaded'), 'loaded');
  assert.equal(await a.cache.getOrLoad('key', failing), 'loaded');
});

test('what is undefined is returned and not stored; null is', options, async (t) => {
  const { cache } = await instance<undefined | null>(t, server, { namespace: newNamespace() });
  let loads = 0;
  const load = (value: undefined | null) => () => {
    loads++;
    return value;
  };
  assert.equal(await cache.getOrLoad('a', load(undefined)), undefined);
  assert.equal(await cache.getOrLoad('a', load(undefined)), undefined);
  assert.equal(await cache.getOrLoad('b', load(null)), null);
  assert.equal(await cache.getOrLoad('b', load(null)), null);
  assert.equal(loads, 3);
});

test('what the codec cannot write is returned, and used here for the window', options, async (t) => {
  const { cache, errors } = await instance<unknown>(t, server, { namespace: newNamespace() });
  let loads = 0;
  const loader = (): bigint => {
    loads++;
    return 5n;
  };
  assert.equal(await cache.getOrLoad('key', loader), 5n);
  assert.equal(await cache.getOrLoad('key', loader), 5n);
  assert.equal(loads, 1);
  assert.equal(errors[0]?.context.operation, 'encode');
  await assert.rejects(cache.set('key', 5n), TypeError);
  await assert.rejects(
    cache.set('key', () => {}),
    { code: 'PLATEAU_INVALID_ARGUMENT' },
  );
});

test(
  'a caller may give up; the load goes on for the others, and is called off with the last',
  options,
  async (t) => {
    const { cache } = await instance<string>(t, server, { namespace: newNamespace() });
    const load = deferred<string>();
    let signal: AbortSignal | undefined;
    const loader = (_: string, context: { signal: AbortSignal }): Promise<string> => {
      signal = context.signal;
      return load.promise;
    };
    const controller = new AbortController();
    const impatient = cache.getOrLoad('key', loader, { timeout: 30 });
    const leaving = cache.getOrLoad('key', loader, { signal: controller.signal });
    const patient = cache.getOrLoad('key', loader);
    await assert.rejects(impatient, { code: 'PLATEAU_LOAD_TIMEOUT' });
    await eventually(() => signal !== undefined);
    controller.abort(new Error('left'));
    await assert.rejects(leaving, /left/);
    assert.equal(signal?.aborted, false);
    load.resolve('loaded');
    assert.equal(await patient, 'loaded');

    const never = (_: string, context: { signal: AbortSignal }): Promise<string> => {
      signal = context.signal;
      return new Promise(() => {});
    };
    const only = cache.getOrLoad('other', never, { signal: AbortSignal.timeout(40) });
    await assert.rejects(only, { name: 'TimeoutError' });
    assert.equal(signal?.aborted, true);
    await assert.rejects(cache.getOrLoad('third', loader, { signal: controller.signal }), /left/);
  },
);

test('a loader that takes too long is called off', options, async (t) => {
  const { cache } = await instance<string>(t, server, { namespace: newNamespace(), loadTimeout: 30 });
  let signal: AbortSignal | undefined;
  const never = (_: string, context: { signal: AbortSignal }): Promise<string> => {
    signal = context.signal;
    return new Promise(() => {});
  };
  await assert.rejects(cache.getOrLoad('key', never), { code: 'PLATEAU_LOAD_TIMEOUT' });
  assert.equal(signal?.aborted, true);
  assert.equal(await cache.getOrLoad('key', () => 'loaded'), 'loaded');
});

test('more loads than allowed are refused', options, async (t) => {
  const { cache } = await instance<string>(t, server, { namespace: newNamespace(), maxLoads: 2 });
  const load = deferred<string>();
  const loading = ['a', 'b'].map((key) => cache.getOrLoad(key, () => load.promise));
  await assert.rejects(
    cache.getOrLoad('c', () => 'x'),
    { code: 'PLATEAU_TOO_MANY_LOADS' },
  );
  load.resolve('loaded');
  await Promise.all(loading);
  assert.equal(await cache.getOrLoad('c', () => 'x'), 'x');
  assert.equal(cache.stats().loadsInFlight, 0);
});

test('a stale value is returned at once and loaded anew, once across instances', options, async (t) => {
  const namespace = newNamespace();
  const settings = { namespace, ttl: 60, ttlJitter: 0, staleWhileRevalidate: 60_000 };
  const a = await instance<number>(t, server, settings);
  const b = await instance<number>(t, server, settings, 'ioredis');
  let loads = 0;
  const loader = async (): Promise<number> => {
    loads++;
    await sleep(30);
    return loads;
  };
  assert.deepEqual(
    await Promise.all([a.cache.getOrLoad('key', loader), b.cache.getOrLoad('key', loader)]),
    [1, 1],
  );
  await sleep(80);
  assert.equal(await a.cache.get('key'), undefined, 'get returns nothing stale');
  const stale = await Promise.all([a, b, a, b].map(({ cache }) => cache.getOrLoad('key', loader)));
  assert.deepEqual(stale, [1, 1, 1, 1]);
  await eventually(async () => (await a.cache.get('key')) === 2 || (await b.cache.get('key')) === 2);
  assert.equal(loads, 2);
  assert.ok(a.cache.stats().staleHits >= 1 && b.cache.stats().staleHits >= 1);
});

test('a stale value is returned where loading fails, and not beyond what is accepted', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace, ttl: 40, ttlJitter: 0, staleIfError: 60_000 });
  const b = await instance<string>(t, server, { namespace, ttl: 40, ttlJitter: 0, staleIfError: 60_000 });
  const failing = (): never => {
    throw new Error('no database');
  };
  await a.cache.getOrLoad('key', () => 'old');
  await sleep(60);
  assert.equal(await a.cache.getOrLoad('key', failing), 'old');
  assert.equal(await b.cache.getOrLoad('key', failing), 'old', 'also of another instance');
  await assert.rejects(a.cache.getOrLoad('key', failing, { staleIfError: 1 }), /no database/);
  await assert.rejects(a.cache.getOrLoad('key', failing, { staleIfError: 0 }), /no database/);
  // What has been deleted is not returned at all.
  await b.cache.delete('key');
  await eventually(() => !a.local.has('key'));
  await assert.rejects(a.cache.getOrLoad('key', failing), /no database/);
});

test('the loader is given the stale value', options, async (t) => {
  const { cache } = await instance<string>(t, server, {
    namespace: newNamespace(),
    ttl: 30,
    ttlJitter: 0,
    staleIfError: 60_000,
  });
  await cache.getOrLoad('key', () => 'old');
  await sleep(50);
  assert.equal(await cache.getOrLoad('key', (_, { stale }) => `after ${stale}`), 'after old');
});

test('early refresh loads anew before the value expires, once across instances', options, async (t) => {
  const namespace = newNamespace();
  // So early that it is certain.
  const settings = { namespace, ttl: 60_000, earlyRefresh: 1000 };
  const a = await instance<number>(t, server, settings);
  const b = await instance<number>(t, server, settings, 'ioredis');
  let loads = 0;
  const loader = async (): Promise<number> => {
    loads++;
    await sleep(200);
    return loads;
  };
  assert.equal(await a.cache.getOrLoad('key', loader), 1);
  await eventually(async () => {
    const found = await Promise.all([a.cache.getOrLoad('key', loader), b.cache.getOrLoad('key', loader)]);
    return found[0] > 1 || found[1] > 1;
  }, 'a refresh');
  assert.ok(a.cache.stats().earlyRefreshes + b.cache.stats().earlyRefreshes > 0);
  const never = await instance<number>(t, server, { namespace: newNamespace() });
  for (let round = 0; round < 50; round++) await never.cache.getOrLoad('key', loader);
  assert.equal(never.cache.stats().loads, 1);
});

test(
  'who waits too long for the load of another instance loads himself, and his value counts',
  options,
  async (t) => {
    const namespace = newNamespace();
    const a = await instance<string>(t, server, { namespace });
    const b = await instance<string>(t, server, { namespace, lockWait: 100 });
    const load = deferred<string>();
    const started = deferred();
    const slow = a.cache.getOrLoad('key', () => {
      started.resolve();
      return load.promise;
    });
    await started.promise;
    assert.equal(await b.cache.getOrLoad('key', () => 'second'), 'second');
    load.resolve('first');
    assert.equal(await slow, 'first');
    assert.equal(await b.cache.get('key'), 'second');
    await eventually(async () => (await a.cache.get('key')) === 'second');
  },
);

test('the lock of an instance that died is free after lockTtl', options, async (t) => {
  const namespace = newNamespace();
  server.cli('set', `plateau:${namespace}:l:{key}`, 'of the dead', 'px', '150');
  const { cache } = await instance<string>(t, server, { namespace });
  assert.equal(await cache.getOrLoad('key', () => 'loaded'), 'loaded');
  assert.equal(await cache.get('key'), 'loaded');
});

test('a loader may ask for other keys, and for the same', options, async (t) => {
  const { cache } = await instance<string>(t, server, { namespace: newNamespace() });
  const value = await cache.getOrLoad('outer', async () => {
    const inner = await cache.getOrLoad('inner', () => 'inner');
    return `outer of ${inner}`;
  });
  assert.equal(value, 'outer of inner');
  const looping = cache.getOrLoad('loop', () => cache.getOrLoad('loop', () => 'x', { timeout: 50 }));
  await assert.rejects(looping, { code: 'PLATEAU_LOAD_TIMEOUT' });
});

test('a value set during a load is the one that stays, for the same instance too', options, async (t) => {
  const { cache } = await instance<string>(t, server, { namespace: newNamespace() });
  const load = deferred<string>();
  const started = deferred();
  const loading = cache.getOrLoad('key', () => {
    started.resolve();
    return load.promise;
  });
  await started.promise;
  await cache.set('key', 'set');
  load.resolve('loaded');
  assert.equal(await loading, 'loaded');
  assert.equal(await cache.get('key'), 'set');
  assert.equal(await cache.getOrLoad('key', () => 'again'), 'set');
});
