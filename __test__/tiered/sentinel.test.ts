/** Through Sentinel, with both libraries: values are shared, and a failover is survived without older values. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import Ioredis from 'ioredis';
import { BoundedCache, TieredCache } from 'plateau';
import { createSentinel } from 'redis';
import * as redis5 from 'redis5';
import { eventually } from './fixtures/caches';
import { RedisServer, ttlsOf, withoutRedis } from './fixtures/redis';

test('values survive in a failover as far as they are current, and instances stay coherent', {
  skip: withoutRedis,
}, async (t) => {
  const primary = await RedisServer.start();
  t.after(() => primary.stop());
  const replica = await RedisServer.start('--replicaof', '127.0.0.1', String(primary.port));
  t.after(() => replica.stop());
  const sentinel = await RedisServer.startSentinel(primary.port);
  t.after(() => sentinel.stop());
  await eventually(() => sentinel.cli('sentinel', 'replicas', 'primary').includes(String(replica.port)));

  const node = { host: '127.0.0.1', port: sentinel.port };
  const byRedis = createSentinel({ name: 'primary', sentinelRootNodes: [node] });
  const byRedis5 = redis5.createSentinel({ name: 'primary', sentinelRootNodes: [node] });
  const byIoredis = new Ioredis({ name: 'primary', sentinels: [node], sentinelRetryStrategy: () => 100 });
  for (const client of [byRedis, byRedis5, byIoredis]) client.on('error', () => {});
  await Promise.all([byRedis.connect(), byRedis5.connect(), once(byIoredis, 'ready')]);
  const caches = [byRedis, byRedis5, byIoredis].map(
    (remote) =>
      new TieredCache<number>({
        local: new BoundedCache({ maxEntries: 100 }),
        remote,
        ttl: 60_000,
        maxStaleOnDisconnect: 2000,
        onError: () => {},
      }),
  );
  t.after(async () => {
    for (const cache of caches) await cache.close();
    byRedis.destroy();
    byRedis5.destroy();
    byIoredis.disconnect();
  });
  const areJoined = (): boolean =>
    caches.every((cache) => cache.stats().link === 'pubsub' && cache.stats().coherent);
  await eventually(areJoined, 'the connections');

  const exchange = async (round: number): Promise<void> => {
    for (const [index, writer] of caches.entries()) {
      const value = round * 10 + index;
      await eventually(() => writer.set('key', value), 'a confirmed write');
      for (const reader of caches)
        await eventually(async () => (await reader.get('key')) === value, 'the value');
    }
  };
  await exchange(1);
  await eventually(() => areJoined());
  assert.ok(ttlsOf(primary).size > 0);

  await primary.kill();
  // Sentinel cuts all connections of a server that it promotes.
  await eventually(() => replica.ask('info', 'replication').includes('role:master'), 'the failover');
  // Meanwhile reads are answered, by the loader if need be.
  assert.equal(await caches[0]?.getOrLoad('other', () => 5), 5);
  await eventually(areJoined, 'the connections to the new primary');
  await exchange(2);
  assert.deepEqual(
    [...ttlsOf(replica)].filter(([, ttl]) => ttl <= 0),
    [],
  );
});
