/** Measures one contender in one row. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BoundedCache, TieredCache } from 'plateau';
import { runChild } from '../harness/child.mjs';
import { connect, startRedis } from '../harness/redis.mjs';

const KEYS = Array.from({ length: 1000 }, (_, index) => `user:${index}`);
const VALUE = { id: 12345, name: 'x'.repeat(70) };

if (process.argv[2] === 'writer') await write(JSON.parse(process.argv[3]));
else {
  await runChild((task) => {
    if (task.op === 'local') return local(task);
    return task.op === 'remote' ? remote(task) : staleness(task);
  });
}

async function tiered(client, options) {
  const cache = new TieredCache({
    local: new BoundedCache({ maxEntries: 10_000 }),
    remote: client,
    ttl: 600_000,
    namespace: 'bench',
    ...options,
  });
  while (cache.stats().link === 'none') await sleep(5);
  return cache;
}

/** Nanoseconds that one of `parallel` operations takes on the clock, after a second of warming up at most. */
async function timePer(operation, duration, parallel = 1) {
  const run = async (until) => {
    let count = 0;
    const lane = async () => {
      while (performance.now() < until) {
        for (let i = 0; i < 20; i++) await operation(KEYS[count++ % KEYS.length]);
      }
    };
    await Promise.all(Array.from({ length: parallel }, lane));
    return count;
  };
  await run(performance.now() + Math.min(duration, 1000));
  const began = performance.now();
  const count = await run(began + duration);
  return { ns: ((performance.now() - began) * 1e6) / count };
}

async function local({ contender, duration }) {
  if (contender === 'BoundedCache') {
    const cache = new BoundedCache({ maxEntries: 10_000, ttl: 600_000 });
    for (const key of KEYS) cache.set(key, VALUE);
    return timePer(async (key) => cache.get(key), duration);
  }
  const { client } = await connect('redis', await startRedis());
  // Without tracking, which would tell of its own writes.
  const cache = await tiered(client, { coherence: 'pubsub' });
  for (const key of KEYS) await cache.set(key, VALUE);
  const loader = () => VALUE;
  const operation = contender === 'get' ? (key) => cache.get(key) : (key) => cache.getOrLoad(key, loader);
  const sample = await timePer(operation, duration);
  if (cache.stats().localMisses > 0) throw new Error('not all were local hits');
  return sample;
}

async function remote({ contender, client: name, parallel, duration }) {
  const { client, get, set } = await connect(name, await startRedis());
  if (contender.startsWith('GET')) {
    for (const key of KEYS) await set(key, JSON.stringify(VALUE));
    return timePer(async (key) => JSON.parse(String(await get(key))), duration, parallel);
  }
  // A local tier that holds nothing.
  const none = { get: () => undefined, set() {}, delete() {}, clear() {} };
  const cache = await tiered(client, { local: none });
  await cache.setMany(KEYS.map((key) => [key, VALUE]));
  return timePer((key) => cache.get(key), duration, parallel);
}

/** Milliseconds from the time at which a write is confirmed until the last read here of an older value began. */
async function staleness({ contender, writes }) {
  const [coherence, name] = contender.split(' ');
  const port = await startRedis();
  const { client } = await connect(name, port);
  const cache = await tiered(client, { coherence });
  const writer = fork(fileURLToPath(import.meta.url), [
    'writer',
    JSON.stringify({ name, coherence, port, writes }),
  ]);
  await once(writer, 'message');
  /** When each version was confirmed, and when the last read that saw an older one began. */
  const confirmed = new Map();
  const lastOlder = new Float64Array(writes + 2);
  let ended = false;
  writer.on('message', (message) => {
    const [version, at] = /** @type {any} */ (message);
    if (version === null) ended = true;
    else confirmed.set(version, at);
  });
  writer.send('begin');
  while (!ended) {
    const began = Number(process.hrtime.bigint()) / 1e6;
    const version = /** @type {number} */ ((await cache.get('key')) ?? 0);
    lastOlder[version + 1] = began;
    // Lets messages in, as any real work would.
    await new Promise(setImmediate);
  }
  const late = [...confirmed]
    .map(([version, at]) => Math.max(0, lastOlder[version] - at))
    .sort((a, b) => a - b);
  const quantile = (share) => late[Math.min(late.length - 1, Math.floor(share * late.length))];
  return { p50: quantile(0.5), p99: quantile(0.99), max: late.at(-1), writes: late.length };
}

/** The other process: writes versions, and tells when each was confirmed. */
async function write({ name, coherence, port, writes }) {
  const { client } = await connect(name, port);
  const cache = await tiered(client, { coherence });
  process.send?.([]);
  await once(process, 'message');
  for (let version = 1; version <= writes; version++) {
    await cache.set('key', version);
    process.send?.([version, Number(process.hrtime.bigint()) / 1e6]);
    await sleep(1 + Math.random() * 3);
  }
  await sleep(100);
  process.send?.([null]);
  process.disconnect();
  process.exit(0);
}
