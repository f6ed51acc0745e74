/** A Redis that fails: reads go on, writes say so and are repaired, nothing queues, failures are told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedCache, TieredCache } from 'plateau';
import { until, warningsDuring } from '../support';
import { eventually, instance, newNamespace } from './fixtures/caches';
import { CLIENTS, connectClient } from './fixtures/clients';
import { RedisServer, sharedRedis, startCluster, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;
sharedRedis((started) => {
  server = started;
});

for (const name of CLIENTS) {
  test(`with ${name}: no read fails while Redis is away, and no command waits for it`, options, async (t) => {
    const own = await RedisServer.start();
    t.after(() => own.stop());
    const { cache, client, errors } = await instance<number>(t, own, { namespace: newNamespace() }, name);
    await cache.set('key', 1);
    await cache.get('key');
    await own.kill();
    await eventually(() => cache.stats().link === 'none' && !client.isReady && client.status !== 'ready');
    const reads = Array.from({ length: 2000 }, (_, index) =>
      cache.getOrLoad(`key ${index % 100}`, () => index % 100),
    );
    assert.deepEqual(
      await Promise.all(reads),
      reads.map((_, index) => index % 100),
    );
    assert.equal(await cache.get('absent'), undefined);
    assert.deepEqual(await cache.getMany(['absent', 'key 5']), [undefined, 5]);
    assert.equal(await cache.set('key', 2), false);
    assert.equal(await cache.get('key'), 2, 'a write is seen here');
    assert.equal(await cache.delete('other'), false);
    const { commandsInFlight, errors: counted, loads, coherent } = cache.stats();
    assert.equal(commandsInFlight, 0);
    assert.ok(counted.skipped > 100);
    assert.equal(loads, 100, 'loaded once here, and used for the window');
    assert.equal(coherent, true, 'the window has not passed');
    assert.ok(errors.length >= 1 && errors.length < 5, 'told once a second');
    // Nothing of ours waits in the client.
    if (name.startsWith('ioredis')) assert.equal(client.offlineQueue.length, 0);
    await own.start();
    await eventually(() => cache.stats().link !== 'none' && cache.stats().pendingRepairs === 0);
    assert.equal(await cache.set('key', 3), true);
  });
}

test(
  'what could not be written is deleted in Redis, and announced, when that is back',
  options,
  async (t) => {
    const own = await RedisServer.start('--appendonly', 'yes', '--appendfsync', 'always');
    t.after(() => own.stop());
    const namespace = newNamespace();
    const settings = { namespace, trustAfterRestart: true };
    const a = await instance<string>(t, own, settings);
    const b = await instance<string>(t, own, settings, 'ioredis');
    await a.cache.set('set', 'old');
    await a.cache.set('deleted', 'old');
    await a.cache.set('tagged', 'old', { tags: ['tag'] });
    await a.cache.set('kept', 'old');
    await own.kill();
    await eventually(() => a.cache.stats().link === 'none');
    assert.equal(await a.cache.set('set', 'new'), false);
    assert.equal(await a.cache.delete('deleted'), false);
    assert.equal(await a.cache.deleteByTag('tag'), false);
    assert.equal(a.cache.stats().pendingRepairs, 3);
    assert.equal(a.cache.stats().unconfirmedWrites, 3);
    await own.start();
    await eventually(() => a.cache.stats().pendingRepairs === 0, 'the repair');
    await eventually(async () => (await b.cache.get('kept')) === 'old');
    for (const { cache } of [a, b]) {
      const found = await cache.getMany(['set', 'deleted', 'tagged', 'kept']);
      assert.deepEqual(found, [undefined, undefined, undefined, 'old']);
    }
  },
);

test('before it is repaired, the instance itself does not read what should be gone', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace, breakerThreshold: 1, breakerCooldown: 200 });
  await a.cache.set('key', 'old');
  const send = a.client.sendCommand.bind(a.client);
  a.client.sendCommand = () => Promise.reject(new Error('ERR refused'));
  assert.equal(await a.cache.delete('key'), false);
  a.client.sendCommand = send;
  assert.equal(await a.cache.get('key'), undefined);
  await eventually(() => a.cache.stats().pendingRepairs === 0, 'the repair');
  assert.equal(await a.cache.get('key'), undefined);
  assert.equal(await a.cache.set('key', 'new'), true);
});

test('a clearing that Redis did not hear of is made up for', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<string>(t, server, { namespace });
  const b = await instance<string>(t, server, { namespace }, 'ioredis');
  await a.cache.set('key', 'old');
  const send = a.client.sendCommand.bind(a.client);
  a.client.sendCommand = () => Promise.reject(new Error('ERR refused'));
  assert.equal(await a.cache.clear(), false);
  a.client.sendCommand = send;
  assert.equal(await a.cache.get('key'), undefined);
  await eventually(() => a.cache.stats().pendingRepairs === 0);
  await eventually(async () => (await b.cache.get('key')) === undefined);
  assert.equal(await a.cache.get('key'), undefined);
});

test('after failures in a row Redis is left alone, then tried with one command', options, async (t) => {
  const settings = { namespace: newNamespace(), breakerThreshold: 3, breakerCooldown: 100 };
  const { cache, client } = await instance<number>(t, server, settings, 'redis', {});
  let sent = 0;
  let fails = true;
  const send = client.sendCommand.bind(client);
  client.sendCommand = (...args: unknown[]) => {
    sent++;
    return fails ? Promise.reject(new Error('ERR out of order')) : send(...args);
  };
  for (let round = 0; round < 50; round++) await cache.get(`key ${round}`);
  assert.equal(cache.stats().breaker, 'open');
  assert.ok(sent < 10, `${sent} commands were sent`);
  await eventually(async () => {
    await cache.get('probe');
    return sent > 4;
  }, 'the probe');
  assert.notEqual(cache.stats().breaker, 'closed');
  fails = false;
  await eventually(async () => {
    await cache.get('probe');
    return cache.stats().breaker === 'closed';
  });
});

test(
  'a Redis that hangs holds up a read for no longer than remoteTimeout, and soon not at all',
  options,
  async (t) => {
    const own = await RedisServer.start();
    t.after(() => own.stop());
    const settings = {
      namespace: newNamespace(),
      remoteTimeout: 60,
      breakerThreshold: 2,
      breakerCooldown: 60_000,
    };
    const { cache } = await instance<number>(t, own, settings);
    own.pause();
    assert.equal(await cache.getOrLoad('a', () => 1), 1);
    assert.equal(await cache.getOrLoad('b', () => 2), 2);
    assert.equal(cache.stats().breaker, 'open');
    assert.ok(cache.stats().errors.timeout >= 2);
    const { timeout } = cache.stats().errors;
    assert.equal(await cache.getOrLoad('c', () => 3), 3);
    assert.equal(cache.stats().errors.timeout, timeout, 'it was not asked');
  },
);

test('no more commands are in flight than allowed; the rest goes on without Redis', options, async (t) => {
  const settings = { namespace: newNamespace(), maxCommands: 10 };
  const { cache } = await instance<number>(t, server, settings);
  const values = Array.from({ length: 200 }, (_, index) => cache.getOrLoad(`key ${index}`, () => index));
  assert.ok(cache.stats().commandsInFlight <= 10);
  assert.deepEqual(
    await Promise.all(values),
    values.map((_, index) => index),
  );
  assert.ok(cache.stats().errors.skipped > 0);
});

test('a burst of writes takes its turn, and all of it is confirmed', options, async (t) => {
  const namespace = newNamespace();
  const { cache } = await instance<number>(t, server, { namespace, maxCommands: 100, remoteTimeout: 10_000 });
  const writes = Array.from({ length: 5000 }, (_, index) => cache.set(`key ${index}`, index));
  assert.ok(cache.stats().commandsInFlight <= 100);
  assert.deepEqual(new Set(await Promise.all(writes)), new Set([true]));
  assert.equal(cache.stats().unconfirmedWrites, 0);
});

test('a client that was never connected costs the remote tier, nothing else', options, async (t) => {
  const { createClient } = await import('redis');
  const cache = new TieredCache<number>({
    local: new BoundedCache({ maxEntries: 10 }),
    remote: createClient({ url: 'redis://127.0.0.1:1' }),
    ttl: 1000,
    onError: () => {},
  });
  t.after(() => cache.close());
  assert.equal(await cache.getOrLoad('key', () => 1), 1);
  assert.equal(await cache.get('key'), 1);
  assert.equal(cache.stats().link, 'none');
});

test('without onError, the first failure is a process warning, and only the first', options, async (t) => {
  const { client, close } = await connectClient('redis', [server.port]);
  t.after(close);
  const cache = new TieredCache<number>({
    local: new BoundedCache({ maxEntries: 10 }),
    remote: client,
    namespace: newNamespace(),
    ttl: 1000,
  });
  t.after(() => cache.close());
  (client as { sendCommand: unknown }).sendCommand = () => Promise.reject(new Error('ERR refused'));
  const warnings = await warningsDuring(async () => {
    for (let round = 0; round < 5; round++) await cache.getOrLoad(`key ${round}`, () => 1);
  });
  const ours = warnings.filter(({ code }) => code === 'PLATEAU_TIERED');
  assert.equal(ours.length, 1);
  assert.match(String(ours[0]?.message), /refused/);
});

test('an onError that throws is a process warning', options, async (t) => {
  const settings = {
    namespace: newNamespace(),
    onError: () => {
      throw new Error('in the handler');
    },
  };
  const { cache, client } = await instance<number>(t, server, settings);
  client.sendCommand = () => Promise.reject(new Error('ERR refused'));
  const warnings = await warningsDuring(async () => {
    assert.equal(await cache.getOrLoad('key', () => 1), 1);
  });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['PLATEAU_ON_ERROR'],
  );
});

test('failures are told once a second, with how many were left out', options, async (t) => {
  const { cache, client, errors } = await instance<number>(t, server, {
    namespace: newNamespace(),
    breakerThreshold: 1_000_000,
  });
  client.sendCommand = () => Promise.reject(new Error('ERR refused'));
  for (let round = 0; round < 20; round++) await cache.get(`key ${round}`);
  assert.equal(errors.length, 1);
  await sleep(1050);
  await cache.get('key');
  await until(() => errors.length === 2);
  assert.equal(errors[1]?.context.operation, 'read');
  assert.equal(errors[1]?.context.key, 'key');
  assert.ok((errors[1]?.context.suppressed as number) >= 19);
});

test('so many repairs that they do not fit come to clearing the namespace', options, async (t) => {
  const namespace = newNamespace();
  const a = await instance<number>(t, server, { namespace });
  await a.cache.set('untouched', 1);
  const send = a.client.sendCommand.bind(a.client);
  a.client.sendCommand = () => Promise.reject(new Error('ERR refused'));
  for (let index = 0; index < 10_001; index++) await a.cache.delete(`key ${index}`);
  assert.equal(a.cache.stats().pendingRepairs, 1);
  a.client.sendCommand = send;
  await eventually(() => a.cache.stats().pendingRepairs === 0);
  assert.equal(await a.cache.get('untouched'), undefined);
});

test('one node of a cluster that hangs is left alone, and the others are not', options, async (t) => {
  const { nodes, stop } = await startCluster();
  t.after(stop);
  for (const name of ['redis', 'ioredis', 'redis5', 'ioredis5'] as const) {
    const settings = {
      namespace: newNamespace(),
      remoteTimeout: 250,
      breakerThreshold: 3,
      breakerCooldown: 60_000,
    };
    const { cache } = await instance<number>(t, nodes, { ...settings, localTtl: 1 }, name);
    const keys = Array.from({ length: 90 }, (_, index) => `key ${index}`);
    // By another client, which has time to connect to all nodes and to write ninety keys.
    const unhurried = { namespace: settings.namespace, remoteTimeout: 10_000 };
    const writer = await instance<number>(t, nodes, unhurried, name);
    assert.equal(await writer.cache.setMany(keys.map((key, index) => [key, index] as const)), true);
    await writer.cache.close();
    nodes[1]?.pause();
    let rounds = 0;
    let found: (number | undefined)[] = [];
    await eventually(async () => {
      rounds++;
      found = await cache.getMany(keys);
      return cache.stats().breaker === 'open';
    });
    const { timeout } = cache.stats().errors;
    found = await cache.getMany(keys);
    assert.equal(cache.stats().errors.timeout, timeout, 'it is not asked');
    const answered = found.filter((value) => value !== undefined);
    assert.ok(
      answered.length > 30 && answered.length < 80,
      `${answered.length} keys are answered, in round ${rounds}`,
    );
    nodes[1]?.resume();
    await cache.close();
  }
});
