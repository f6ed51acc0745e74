/**
 * Three processes with different clients read and write, while Redis is killed, started from an old snapshot, stopped,
 * and connections are cut. `PLATEAU_SECONDS=60` makes it long.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet, stalenessOf } from './fixtures/fleet';
import { RedisServer, Relay, startCluster, ttlsOf, withoutRedis } from './fixtures/redis';

const SECONDS = Number(process.env.PLATEAU_SECONDS ?? 12);
const WINDOW = 1500;
/** So many that most are not written again soon, and an old value would stay. */
const KEYS = 500;
const OPTIONS = { maxStaleOnDisconnect: WINDOW, remoteTimeout: 300, breakerCooldown: 250, ttl: 30_000 };

function assertAllExpire(server: RedisServer): number {
  const ttls = ttlsOf(server);
  assert.deepEqual(
    [...ttls].filter(([, ttl]) => ttl < 0),
    [],
    'keys without a time to live',
  );
  return ttls.size;
}

/** Ends the traffic: there was some, and nothing that was read was older than the window. How many reads it were. */
async function assertNotStale(t: TestContext, fleet: Fleet): Promise<number> {
  const { reads, writes, late, worst, examples } = stalenessOf(await fleet.end());
  t.diagnostic(`${reads} reads, ${writes} writes, ${late} reads late, the worst by ${worst.toFixed(1)} ms`);
  assert.ok(
    reads > SECONDS * 500 && writes > SECONDS * 20,
    `${reads} reads and ${writes} writes are no traffic`,
  );
  assert.ok(worst <= WINDOW, examples.join('\n'));
  return reads;
}

test('no value older than the window is read while Redis is killed, restarted, stopped and cut off', {
  skip: withoutRedis,
}, async (t) => {
  // Snapshots, so that it comes back with values that have been replaced since.
  const server = await RedisServer.start('--save', '1 1');
  t.after(() => server.stop());
  const database = await RedisServer.start();
  t.after(() => database.stop());
  // One instance is behind a network of its own, which fails it alone.
  const relay = await Relay.open(server.port);
  t.after(() => relay.close());
  const common = { ports: [server.port], database: database.port, keys: KEYS };
  const ports = [[server.port], [server.port], [relay.port]];
  const fleet = await Fleet.start(['redis', 'ioredis', 'redis5'], common, OPTIONS, ports);
  t.after(() => fleet.remove());

  const ms = SECONDS * 1000;
  const done = fleet.ask({ kind: 'traffic', ms });
  const cut = (): void => void server.cli('client', 'kill', 'skipme', 'yes');
  await sleep(ms * 0.1);
  relay.hold();
  await sleep(ms * 0.2);
  relay.release();
  await sleep(ms * 0.05);
  cut();
  await sleep(ms * 0.1);
  assert.ok(assertAllExpire(server) > 30);
  await server.kill();
  await sleep(ms * 0.05);
  await server.start();
  await sleep(ms * 0.15);
  server.cli('client', 'kill', 'type', 'pubsub');
  await sleep(ms * 0.05);
  server.pause();
  await sleep(ms * 0.1);
  server.resume();
  await sleep(ms * 0.05);
  cut();
  await sleep(ms * 0.05);
  assert.ok(assertAllExpire(server) > 30);
  const stats = await done;
  assertAllExpire(server);

  await assertNotStale(t, fleet);
  for (const { link, breaker, errors, flushes, loads } of stats) {
    t.diagnostic(JSON.stringify({ link, breaker, errors, flushes, loads }));
  }
  for (const { link, breaker, pendingRepairs, unconfirmedWrites } of stats) {
    assert.notEqual(link, 'none');
    assert.equal(breaker, 'closed');
    assert.equal(pendingRepairs, 0);
    assert.ok(unconfirmedWrites > 0, 'it was not disturbed');
  }
});

test('nor in a cluster, with clients of both libraries', { skip: withoutRedis }, async (t) => {
  const { nodes, stop } = await startCluster();
  t.after(stop);
  const database = await RedisServer.start();
  t.after(() => database.stop());
  const common = { ports: nodes.map(({ port }) => port), database: database.port, keys: KEYS };
  const fleet = await Fleet.start(['redis', 'ioredis', 'redis5'], common, OPTIONS);
  t.after(() => fleet.remove());

  const ms = SECONDS * 1000;
  const done = fleet.ask({ kind: 'traffic', ms });
  await sleep(ms * 0.1);
  for (const node of nodes) node.cli('client', 'kill', 'type', 'normal', 'skipme', 'yes');
  await sleep(ms * 0.1);
  await nodes[1]?.kill();
  await sleep(ms * 0.2);
  await nodes[1]?.start();
  await sleep(ms * 0.2);
  for (const node of nodes) node.cli('client', 'kill', 'type', 'pubsub');
  await sleep(ms * 0.2);
  const sizes = nodes.map(assertAllExpire);
  assert.ok(Math.min(...sizes) > 5, 'all nodes have keys');
  const stats = await done;
  await assertNotStale(t, fleet);
  for (const { link, breaker, errors, flushes, loads } of stats) {
    t.diagnostic(JSON.stringify({ link, breaker, errors, flushes, loads }));
  }
  for (const { link, pendingRepairs } of stats) {
    assert.equal(link, 'pubsub');
    assert.equal(pendingRepairs, 0);
  }
});

test('nor by threads that share a local tier', { skip: withoutRedis }, async (t) => {
  const server = await RedisServer.start('--save', '1 1');
  t.after(() => server.stop());
  const database = await RedisServer.start();
  t.after(() => database.stop());
  const common = { ports: [server.port], database: database.port, keys: KEYS };
  const fleet = await Fleet.startThreads(['redis', 'ioredis', 'redis5'], common, OPTIONS);
  t.after(() => fleet.remove());

  const ms = SECONDS * 1000;
  const done = fleet.ask({ kind: 'traffic', ms });
  await sleep(ms * 0.2);
  server.cli('client', 'kill', 'type', 'pubsub');
  await sleep(ms * 0.2);
  await server.kill();
  await sleep(ms * 0.1);
  await server.start();
  await sleep(ms * 0.2);
  server.cli('client', 'kill', 'skipme', 'yes');
  const stats = await done;
  assertAllExpire(server);
  const reads = await assertNotStale(t, fleet);
  for (const { link, localHits, remoteHits, errors, flushes, loads } of stats) {
    t.diagnostic(JSON.stringify({ link, localHits, remoteHits, errors, flushes, loads }));
  }
  assert.equal(stats.length, 3);
  for (const { pendingRepairs, localHits } of stats) {
    assert.equal(pendingRepairs, 0);
    assert.ok(localHits > reads / 30, 'the local tier is used');
  }
});
