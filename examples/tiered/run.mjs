/**
 * `npm run example:tiered`: a shop in two processes with two worker threads each, a SharedCache per process and one Redis
 * behind them, under load; then says what that came to. Uses REDIS_URL, or starts a redis-server of its own.
 */

import { spawn } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { createClient } from 'redis';

const SECONDS = Number(process.env.SECONDS ?? 10);
const PROCESSES = 2;

const server = process.env.REDIS_URL === undefined ? await startRedis() : undefined;
const url = process.env.REDIS_URL ?? server?.url;
const port = await freePort();
const redis = await createClient({ url }).connect();
// What an earlier run has left, should the Redis be another's.
await redis.del(['example:queries', 'example:prices']);
for (const key of await redis.keys('plateau:shop:*')) await redis.unlink(key);

cluster.setupPrimary({ exec: fileURLToPath(new URL('./server.mjs', import.meta.url)) });
const processes = Array.from({ length: PROCESSES }, () => cluster.fork({ REDIS_URL: url, PORT: port }));
await Promise.all(processes.map((process) => once(process, 'message')));
const origin = `http://127.0.0.1:${port}`;
console.log(`${PROCESSES} processes with 2 worker threads each at ${origin}, ${SECONDS} s of load`);

const load = autocannon({
  url: origin,
  connections: 50,
  duration: SECONDS,
  requests: [
    { setupRequest: (request) => ({ ...request, path: `/products/${popular()}` }) },
    { setupRequest: (request) => ({ ...request, path: `/products/${popular()}` }) },
    { setupRequest: (request) => ({ ...request, path: `/search/${popular()}` }) },
  ],
});
// Prices change meanwhile, and every process must notice.
let changes = 0;
let late = 0;
const end = performance.now() + (SECONDS - 1) * 1000;
while (performance.now() < end) {
  const [id, price] = [popular(), 1_000_000 + changes++];
  await fetch(`${origin}/products/${id}/price/${price}`, { method: 'PUT' });
  await sleep(100);
  // Several, so that each process is likely to answer one.
  for (let i = 0; i < 4; i++) {
    const { price: seen } = await getJson(`/products/${id}`);
    if (seen !== price) late++;
  }
}
const result = await load;

const stats = new Map();
while (stats.size < PROCESSES) {
  // A connection of its own each time: the cluster deals them out in turns.
  const { pid, ...rest } = await getJson('/stats', { connection: 'close' });
  stats.set(pid, rest);
}
const queries = Object.values(await redis.hGetAll('example:queries')).map(Number);
const asked = queries.reduce((sum, count) => sum + count, 0);
let immortal = 0;
let held = 0;
for await (const keys of redis.scanIterator({ MATCH: 'plateau:*' })) {
  for (const key of keys) {
    held++;
    if ((await redis.pTTL(key)) === -1) immortal++;
  }
}

const all = [...stats.values()];
const sum = (name) => all.reduce((total, each) => total + each[name], 0);
console.log(
  [
    `${result.requests.total} requests, ${Math.round(result.requests.average)} a second, p99 ${result.latency.p99} ms, ${result.non2xx + result.errors} failed`,
    `${queries.length} products were asked for; the database was asked ${asked} times, of which ${changes} after a price had changed`,
    `main threads: ${sum('localHits')} hits in the process, ${sum('remoteHits')} in Redis`,
    `each process holds ${all.map(({ entries, bytes }) => `${entries} entries in ${(bytes / 2 ** 20).toFixed(1)} MiB`).join(', and ')}, once for its 3 threads`,
    `${held} keys in Redis, ${immortal} of them without an expiry`,
    `${changes} prices changed, ${late} old ones seen 100 ms later`,
  ].join('\n'),
);
process.exitCode = result.non2xx + result.errors + immortal === 0 ? 0 : 1;

// Those who use the Redis go before it does.
const exits = Promise.all(processes.map((process) => once(process, 'exit')));
cluster.disconnect();
await Promise.race([exits, sleep(5_000, undefined, { ref: false })]);
redis.destroy();
await server?.stop();

/** @returns {Promise<any>} */
async function getJson(path, headers = {}) {
  return (await fetch(`${origin}${path}`, { headers })).json();
}

/** A product: a few are asked for most of the time. */
function popular() {
  return Math.floor(2_000 * Math.random() ** 3);
}

async function startRedis() {
  const redisPort = await freePort();
  const child = spawn('redis-server', ['--port', `${redisPort}`, '--bind', '127.0.0.1', '--save', ''], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.on('error', () => {
    console.error('There is no redis-server: install one, or name yours by REDIS_URL.');
    process.exit(2);
  });
  for await (const text of child.stdout) if (String(text).includes('Ready to accept')) break;
  return {
    url: `redis://127.0.0.1:${redisPort}`,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, 'close');
  return free;
}
