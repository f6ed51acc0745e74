/** One load per key and time to live, however many ask in however many processes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from './fixtures/fleet';
import { RedisServer, startCluster, withoutRedis } from './fixtures/redis';

const KEYS = 20;
const TTL = 2000;

async function stampede(fleet: Fleet, database: RedisServer): Promise<void> {
  const loads = (): number[] =>
    Array.from({ length: KEYS }, (_, index) => Number(database.cli('get', `loads:s${index}`)));
  for (let round = 1; round <= 2; round++) {
    const stats = await fleet.ask({ kind: 'stampede', requests: 3334, loadTime: 200 });
    assert.deepEqual(loads(), new Array(KEYS).fill(round), `loads of each key in ${round} times to live`);
    assert.equal(
      stats.reduce((sum, { loads }) => sum + loads, 0),
      KEYS * round,
    );
    await sleep(TTL);
  }
  await fleet.end();
}

test('10,000 requests in three processes load each key once per time to live', {
  skip: withoutRedis,
}, async (t) => {
  const server = await RedisServer.start();
  t.after(() => server.stop());
  const common = { ports: [server.port], database: server.port, keys: KEYS };
  const fleet = await Fleet.start(['redis', 'ioredis', 'redis5'], common, { ttl: TTL });
  t.after(() => fleet.remove());
  await stampede(fleet, server);
});

test('also in a cluster', { skip: withoutRedis }, async (t) => {
  const { nodes, stop } = await startCluster();
  t.after(stop);
  const database = await RedisServer.start();
  t.after(() => database.stop());
  const common = { ports: nodes.map(({ port }) => port), database: database.port, keys: KEYS };
  const fleet = await Fleet.start(['redis', 'ioredis', 'ioredis5'], common, { ttl: TTL });
  t.after(() => fleet.remove());
  await stampede(fleet, database);
});

test('a load that takes longer than the lock lives is still the only one', {
  skip: withoutRedis,
}, async (t) => {
  const server = await RedisServer.start();
  t.after(() => server.stop());
  const common = { ports: [server.port], database: server.port, keys: 2 };
  const fleet = await Fleet.start(['redis', 'ioredis', 'redis'], common, { lockTtl: 300 });
  t.after(() => fleet.remove());
  await fleet.ask({ kind: 'stampede', requests: 100, loadTime: 1500 });
  assert.deepEqual([server.cli('get', 'loads:s0'), server.cli('get', 'loads:s1')], ['1', '1']);
  await fleet.end();
});
