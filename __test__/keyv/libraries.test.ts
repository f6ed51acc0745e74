/** What applications use on top of Keyv: cacheable and cache-manager, over both caches. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCache } from 'cache-manager';
import { Cacheable } from 'cacheable';
import { Keyv } from 'keyv';
import { BoundedCache } from 'plateau';
import { KeyvStore } from 'plateau/keyv';
import { open } from '../shared/support';
import { until } from '../support';

test('cacheable: a BoundedCache in front of a SharedCache, as its two layers', async (t) => {
  const near = new BoundedCache<string, unknown>({ maxEntries: 100 });
  const far = open(t);
  const cacheable = new Cacheable({
    primary: new Keyv({ store: new KeyvStore(near) }),
    secondary: new Keyv({ store: new KeyvStore(far) }),
    ttl: '1m',
  });
  const errors: unknown[] = [];
  cacheable.on('error', (error: unknown) => errors.push(error));
  assert.equal(await cacheable.set('user', { name: 'Ada' }), true);
  assert.deepEqual(await cacheable.get('user'), { name: 'Ada' });
  assert.equal(near.size, 1);
  assert.equal(far.size, 1);
  const [key] = far.keys();
  const left = far.remainingTtl(key as string) as number;
  assert.ok(left > 0 && left <= 60_000, String(left));

  near.clear();
  assert.deepEqual(await cacheable.get('user'), { name: 'Ada' }, 'from the second layer');
  await until(() => near.size === 1, 'the first layer is filled again');

  await cacheable.setMany([
    { key: 'a', value: 1 },
    { key: 'b', value: 2, ttl: 30 },
  ]);
  assert.deepEqual(await cacheable.getMany(['a', 'b', 'c']), [1, 2, undefined]);
  await until(() => near.size === 2 && far.size === 2, 'what was for 30 ms is gone from both layers');
  assert.equal(await cacheable.get('b'), undefined);
  assert.equal(await cacheable.has('a'), true);

  let calls = 0;
  const load = async () => {
    calls++;
    return { loaded: calls };
  };
  const loaded = await Promise.all(Array.from({ length: 50 }, () => cacheable.getOrSet('once', load)));
  assert.equal(calls, 1);
  assert.deepEqual(new Set(loaded.map((it) => it?.loaded)), new Set([1]));
  const square = cacheable.wrap(async (n: number) => n * n + 0 * calls++, { keyPrefix: 'square' });
  assert.deepEqual([await square(7), await square(7)], [49, 49]);
  assert.equal(calls, 2);

  assert.equal(await cacheable.delete('a'), true);
  assert.equal(await cacheable.deleteMany(['user']), true);
  await cacheable.clear();
  assert.equal(await cacheable.get('once'), undefined);
  await until(() => near.size === 0 && far.size === 0, 'both layers are empty');
  assert.deepEqual(errors, []);
  await cacheable.disconnect();
});

test('cache-manager: wrap, batches and refresh-ahead over both caches', async (t) => {
  const near = new BoundedCache<string, unknown>({ maxEntries: 100 });
  const far = open(t);
  const manager = createCache({
    stores: [near, far].map((cache) => new Keyv({ store: new KeyvStore(cache), namespace: 'app' })),
    ttl: 60_000,
  });
  await manager.set('key', { a: 1 });
  assert.deepEqual(await manager.get('key'), { a: 1 });
  assert.equal(near.size + far.size, 2);
  near.clear();
  assert.deepEqual(await manager.get('key'), { a: 1 }, 'from the second store');

  let calls = 0;
  const load = async () => `loaded ${++calls}`;
  const all = await Promise.all(Array.from({ length: 50 }, () => manager.wrap('wrapped', load, 60_000)));
  assert.equal(calls, 1);
  assert.ok(all.every((value) => value === 'loaded 1'));
  near.clear();
  assert.equal(await manager.wrap('wrapped', load), 'loaded 1', 'one of the stores has it still');

  // Less is left than the threshold: the old value now, a new one in the background.
  assert.equal(await manager.wrap('wrapped', load, 60_000, 60_001), 'loaded 1');
  await until(() => calls === 2, 'refreshed ahead');
  await until(() => [...near.values()].some((value) => String(value).includes('loaded 2')));

  await manager.mset([
    { key: 'x', value: 1, ttl: 60_000 },
    { key: 'y', value: 2 },
  ]);
  assert.deepEqual(await manager.mget(['x', 'y', 'z']), [1, 2, undefined]);
  assert.ok(((await manager.ttl('x')) as number) > Date.now());
  assert.equal(await manager.mdel(['x', 'y']), true);
  assert.deepEqual(await manager.mget(['x', 'y']), [undefined, undefined]);
  assert.equal(await manager.del('key'), true);
  assert.equal(await manager.clear(), true);
  assert.equal(near.size + far.size, 0);
  await manager.disconnect();
  assert.equal(far.closed, false);
});

test('cacheable takes an adapter as it is, and wraps a Keyv around it', async () => {
  const cache = new BoundedCache<string, unknown>({ maxEntries: 3 });
  const cacheable = new Cacheable({ primary: new KeyvStore(cache) });
  for (let i = 0; i < 10; i++) await cacheable.set(`k${i}`, i);
  assert.equal(cache.size, 3, 'the bound is the cache’s');
  assert.deepEqual(await cacheable.getMany(['k0', 'k9']), [undefined, 9]);
});
