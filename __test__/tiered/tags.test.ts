/** Tags and clearing: what is deleted by them is gone, and what is being loaded meanwhile too. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred, eventually, instance, newNamespace } from './fixtures/caches';
import { type RedisServer, sharedRedis, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;
sharedRedis((started) => {
  server = started;
});

test(
  'values that were stored under a tag leave with it; the index is bounded, and forgets',
  options,
  async (t) => {
    const namespace = newNamespace();
    const a = await instance<number>(t, server, { namespace, maxKeysPerTag: 5, ttlJitter: 0 });
    for (let index = 0; index < 12; index++) {
      await a.cache.set(`key ${index}`, index, { tags: ['tag'], ttl: 50_000 + index * 100 });
    }
    const index = `plateau:${namespace}:t:{tag}`;
    assert.equal(server.cli('zcard', index), '5');
    const found = await a.cache.getMany(Array.from({ length: 12 }, (_, index) => `key ${index}`));
    assert.deepEqual(found.slice(7), [7, 8, 9, 10, 11]);
    assert.deepEqual(
      found.slice(0, 7),
      new Array(7).fill(undefined),
      'what the index cannot hold is not in the cache',
    );
    await a.cache.deleteByTag('tag');
    assert.deepEqual(await a.cache.getMany(['key 7', 'key 11']), [undefined, undefined]);

    await a.cache.set('brief', 1, { tags: ['other'], ttl: 50 });
    await eventually(
      () => server.cli('exists', `plateau:${namespace}:t:{other}`) === '0',
      'the index expires',
    );
  },
);

test('a tag deletes also what is being loaded', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace });
  const b = await instance<string>(t, server, { namespace });
  const { promise, resolve } = deferred<string>();
  const started = deferred();
  const loading = a.cache.getOrLoad(
    'key',
    () => {
      started.resolve();
      return promise;
    },
    { tags: ['tag'] },
  );
  await started.promise;
  assert.equal(await b.cache.deleteByTag('tag'), true);
  resolve('old');
  assert.equal(await loading, 'old');
  assert.equal(await a.cache.get('key'), undefined);
  assert.equal(await b.cache.get('key'), undefined);
});

test('a clearing holds against what is being loaded', options, async (t) => {
  for (const coherence of ['tracking', 'pubsub'] as const) {
    const namespace = newNamespace();
    const a = await instance<string>(t, server, { namespace, coherence });
    const b = await instance<string>(t, server, { namespace, coherence });
    const { promise, resolve } = deferred<string>();
    const started = deferred();
    const loading = a.cache.getOrLoad('key', () => {
      started.resolve();
      return promise;
    });
    await started.promise;
    assert.equal(await b.cache.clear(), true);
    resolve('old');
    assert.equal(await loading, 'old');
    assert.equal(await b.cache.get('key'), undefined);
    await eventually(async () => (await a.cache.get('key')) === undefined);
  }
});
