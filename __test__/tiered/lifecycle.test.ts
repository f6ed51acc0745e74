/** A tiered cache keeps nothing alive, leaves the client as it was, and ends cleanly. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BoundedCache, TieredCache } from 'plateau';
import { eventually, instance, newNamespace } from './fixtures/caches';
import { CLIENTS, connectClient } from './fixtures/clients';
import { RedisServer, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;

// One for each test, as connections are counted.
beforeEach(async () => {
  if (!withoutRedis) server = await RedisServer.start();
});
afterEach(() => server?.stop());

const connections = (): number => server.cli('client', 'list').split('\n').length;

for (const name of CLIENTS) {
  test(`with ${name}: close ends our connection and leaves the client as it was`, options, async (t) => {
    const { client, close } = await connectClient(name, [server.port]);
    t.after(close);
    const emitter = client as NodeJS.EventEmitter;
    const listeners = (): unknown[] =>
      emitter.eventNames().map((event) => [event, emitter.listenerCount(event)]);
    const before = listeners();
    const open = connections();
    const cache = new TieredCache({
      local: new BoundedCache({ maxEntries: 10 }),
      remote: client,
      namespace: newNamespace(),
      ttl: 1000,
    });
    await eventually(() => cache.stats().link !== 'none');
    assert.equal(connections(), open + 1);
    assert.deepEqual(listeners(), before);
    await cache.set('key', 1);
    await cache.close();
    await cache.close();
    await eventually(() => connections() === open, 'the end of our connection');
    assert.deepEqual(listeners(), before);
    assert.equal(cache.stats().link, 'none');
    for (const call of [
      () => cache.get('key'),
      () => cache.set('key', 1),
      () => cache.delete('key'),
      () => cache.getOrLoad('key', () => 1),
      () => cache.getMany(['key']),
      () => cache.setMany([['key', 1]]),
      () => cache.deleteByTag('tag'),
      () => cache.clear(),
      () => cache.has('key'),
      () => cache.wrap((key: string) => key.length)('key'),
    ]) {
      await assert.rejects(call, { code: 'PLATEAU_DISPOSED' });
    }
    // The client still works.
    const { call, sendCommand } = client as {
      call?: (command: string) => Promise<unknown>;
      sendCommand: (args: string[]) => Promise<unknown>;
    };
    const reply = await (call?.call(client, 'ping') ?? sendCommand.call(client, ['PING']));
    assert.equal(reply, 'PONG');
  });

  test(
    `with ${name}: a process ends by itself when its client is closed, though the cache is not`,
    options,
    async () => {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', join(__dirname, 'fixtures/ends.mts'), name, String(server.port)],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let said = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
      }
      const exited = once(child, 'exit');
      const limit = setTimeout(() => child.kill('SIGKILL'), 60_000);
      assert.deepEqual(await exited, [0, null], said);
      clearTimeout(limit);
      assert.equal(said, 'done\n');
    },
  );
}

test('await using closes it', options, async (t) => {
  const { client, close } = await connectClient('redis', [server.port]);
  t.after(close);
  const cache = new TieredCache({ local: new BoundedCache({ maxEntries: 10 }), remote: client, ttl: 1000 });
  await cache[Symbol.asyncDispose]();
  await assert.rejects(cache.get('key'), { code: 'PLATEAU_DISPOSED' });
});

test('one that is dropped without close is collected, and its connection ends', options, async (t) => {
  const { client, close } = await connectClient('redis', [server.port]);
  t.after(close);
  const open = connections();
  let collected = false;
  const registry = new FinalizationRegistry<string>(() => {
    collected = true;
  });
  await (async () => {
    const cache = new TieredCache<number>({
      local: new BoundedCache({ maxEntries: 10 }),
      remote: client,
      namespace: newNamespace(),
      ttl: 1000,
    });
    registry.register(cache, 'cache');
    await eventually(() => cache.stats().link !== 'none');
    await cache.getOrLoad('key', () => 1);
    await cache.set('key', 2);
    assert.equal(connections(), open + 1);
  })();
  await eventually(() => {
    globalThis.gc?.();
    return collected;
  }, 'the collection');
  await eventually(() => connections() === open, 'the end of its connection');
});

test(
  'a worker that is terminated in the middle of everything takes its connections with it',
  options,
  async () => {
    const open = connections();
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(
        `
      const { workerData, parentPort } = require('node:worker_threads');
      const { createClient } = require('redis');
      const { BoundedCache, TieredCache } = require('plateau');
      (async () => {
        const client = await createClient({ url: 'redis://127.0.0.1:' + workerData.port }).connect();
        const cache = new TieredCache({ local: new BoundedCache({ maxEntries: 100 }), remote: client, ttl: 60000, namespace: workerData.namespace });
        parentPort.postMessage('ready');
        for (let i = 0; ; i++) {
          await Promise.all([cache.set('key ' + i % 50, i), cache.getOrLoad('other ' + i % 50, () => i), cache.delete('key ' + i % 7)]);
        }
      })();
    `,
        { eval: true, workerData: { port: server.port, namespace: newNamespace() } },
      );
      await once(worker, 'message');
      await new Promise((resolve) => setTimeout(resolve, 50));
      await worker.terminate();
    }
    await eventually(() => connections() === open);
  },
);

test('worker threads with a local tier each see each other', options, async (t) => {
  const namespace = newNamespace();
  const { cache } = await instance<number>(t, server, { namespace });
  await cache.set('key', 1);
  const worker = new Worker(
    `
    const { workerData, parentPort } = require('node:worker_threads');
    const Redis = require('ioredis').default;
    const { BoundedCache, TieredCache } = require('plateau');
    const client = new Redis(workerData.port);
    client.once('ready', async () => {
      const cache = new TieredCache({ local: new BoundedCache({ maxEntries: 100 }), remote: client, ttl: 60000, namespace: workerData.namespace });
      const seen = await cache.get('key');
      await cache.set('key', seen + 1);
      await cache.close();
      client.disconnect();
      parentPort.postMessage('done');
    });
  `,
    { eval: true, workerData: { port: server.port, namespace } },
  );
  const exited = once(worker, 'exit');
  await once(worker, 'message');
  await eventually(async () => (await cache.get('key')) === 2);
  assert.deepEqual(await exited, [0], 'it ends by itself');
});
