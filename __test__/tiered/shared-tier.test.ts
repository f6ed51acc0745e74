/** With a `SharedCache`, the threads of a process have one local tier, and load once for all of them. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SharedCache, TieredCache, type TieredCacheStats } from 'plateau';
import { eventually, instance, newNamespace } from './fixtures/caches';
import { connectClient } from './fixtures/clients';
import { RedisServer, withoutRedis } from './fixtures/redis';

const options = { skip: withoutRedis };
let server: RedisServer;

beforeEach(async () => {
  if (!withoutRedis) server = await RedisServer.start();
});
afterEach(() => server?.stop());

/** Threads that are asked by name, and how often they loaded. */
class Threads {
  readonly #workers: Worker[] = [];
  readonly #loads = new Int32Array(new SharedArrayBuffer(4));
  #asked = 0;

  static async start(count: number, namespace: string): Promise<Threads> {
    const threads = new Threads();
    const workerData = { port: server.port, namespace, name: namespace, counter: threads.#loads.buffer };
    for (let i = 0; i < count; i++) {
      const worker = new Worker(join(__dirname, 'fixtures/shared-worker.mjs'), { workerData });
      threads.#workers.push(worker);
      await once(worker, 'message');
    }
    return threads;
  }

  get loads(): number {
    return Atomics.load(this.#loads, 0);
  }

  async ask<T>(index: number, method: string, ...args: unknown[]): Promise<T> {
    const worker = this.#workers[index] as Worker;
    const id = ++this.#asked;
    const answer = new Promise<T>((resolve) => {
      const listen = ([answered, result]: [number, T]): void => {
        if (answered !== id) return;
        worker.off('message', listen);
        resolve(result);
      };
      worker.on('message', listen);
    });
    worker.postMessage([id, method, ...args]);
    return answer;
  }

  all<T>(method: string, ...args: unknown[]): Promise<T[]> {
    return Promise.all(this.#workers.map((_, index) => this.ask<T>(index, method, ...args)));
  }

  async end(): Promise<void> {
    const exits = this.#workers.map((worker) => once(worker, 'exit'));
    for (const worker of this.#workers) worker.postMessage([0, 'end']);
    assert.deepEqual(await Promise.all(exits), [[0], [0], [0]]);
  }
}

test(
  'threads share one local tier, hear of writes, and load once, with Redis and without',
  options,
  async (t) => {
    const namespace = newNamespace();
    const other = await instance(t, server, { namespace }, 'ioredis');
    await other.cache.set('key', 1);
    const threads = await Threads.start(3, namespace);

    // What one thread has read, the others have without asking Redis.
    assert.equal(await threads.ask(0, 'get', 'key'), 1);
    assert.equal(await threads.ask(1, 'get', 'key'), 1);
    const { localHits, remoteHits } = await threads.ask<TieredCacheStats>(1, 'stats');
    assert.deepEqual({ localHits, remoteHits }, { localHits: 1, remoteHits: 0 });

    for (let version = 2; version < 10; version++) {
      await other.cache.set('key', version);
      await eventually(async () => (await threads.all('get', 'key')).every((seen) => seen === version));
    }
    assert.equal(await threads.ask(2, 'delete', 'key'), true);
    await eventually(async () => (await threads.all('get', 'key')).every((seen) => seen === undefined));
    assert.equal(await threads.ask(0, 'set', 'own', 5), true);
    await eventually(async () => (await threads.all('get', 'own')).every((seen) => seen === 5));

    assert.deepEqual(await threads.all('load', 'loaded', 500), [500, 500, 500]);
    assert.equal(threads.loads, 1);

    await server.kill();
    await eventually(async () =>
      (await threads.all<TieredCacheStats>('stats')).every(({ link }) => link === 'none'),
    );
    assert.deepEqual(await threads.all('load', 'without', 500), [500, 500, 500]);
    assert.equal(threads.loads, 2, 'the threads have a lease of their own');
    await threads.end();
  },
);

test('a shared tier with a codec that cannot hold entries is refused', options, async (t) => {
  const { client, close } = await connectClient('redis', [server.port]);
  t.after(close);
  for (const codec of ['utf8', 'bytes'] as const) {
    const local = new SharedCache({ name: newNamespace(), maxBytes: 2 ** 20, codec } as never);
    t.after(() => local.close());
    assert.throws(() => new TieredCache({ local, remote: client, ttl: 1000 }), {
      code: 'PLATEAU_INVALID_OPTION',
      message: /^local must be a SharedCache with the codec 'json' or 'structured', got /,
    });
  }
});

test('values too large for the shared tier are served from Redis', options, async (t) => {
  const local = new SharedCache<unknown>({
    name: newNamespace(),
    maxBytes: 2 ** 20,
    maxEntryBytes: 1000,
    codec: 'structured',
  });
  t.after(() => local.close());
  const { cache } = await instance<string>(t, server, { namespace: newNamespace(), local });
  const large = 'x'.repeat(5000);
  assert.equal(await cache.set('key', large), true);
  assert.equal(await cache.get('key'), large);
  assert.equal(await cache.getOrLoad('other', () => large), large);
  assert.equal(await cache.get('other'), large);
  assert.ok(cache.stats().errors.local > 0);
});
