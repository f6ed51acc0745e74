/**
 * Serves an app on the loopback interface: by itself on `PORT` (3000), or for the demo, which starts it as a
 * child process, on a free port.
 *
 * The demo asks over the IPC channel, so an app under measurement has no extra route and no extra port.
 */

import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { judged } from './judged.mjs';
import { diagnosis, live } from './live.mjs';
import { lookups } from './remember.mjs';

/**
 * What the app holds, measured right after a full garbage collection.
 *
 * @typedef {object} Report
 * @property {number} floor bytes in use on the JavaScript heap
 * @property {number} rss bytes of the whole process
 * @property {Record<string, number>} held what the app keeps between requests, by kind
 * @property {Record<string, number | null>} bounds the most it will keep, null for no limit
 * @property {{ hits: number, misses: number }} lookups since the start
 * @property {number} cpu seconds of processor time since the start
 * @property {number} reportingCpu seconds of it that went into reports like this
 */

/** @typedef {{ readonly size: number, readonly maxEntries?: number }} Kept */

let reportingCpu = 0;

/**
 * @param {import('node:http').RequestListener} app
 * @param {Record<string, Kept>} caches by kind
 * @param {() => number} logged requests that are remembered
 */
export function serve(app, caches, logged) {
  const kept = {
    ...caches,
    ...live,
    'requests logged': {
      get size() {
        return logged();
      },
    },
  };
  const server = createServer(app);
  const port = process.send ? 0 : Number(process.env.PORT ?? 3_000);
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    const actual = typeof address === 'object' ? address?.port : port;
    if (process.send) process.send({ port: actual });
    else console.log(`http://127.0.0.1:${actual}/products/1`);
  });
  if (!process.send) return;

  process.on('message', async (message) => {
    const { ask } = /** @type {{ ask: string }} */ (message);
    if (ask === 'verdict') process.send?.({ verdict: judged() });
    else if (ask === 'diagnosis') process.send?.({ diagnosis: diagnosis() });
    else process.send?.({ report: await report(server, kept) });
  });
  // Ctrl-C in a terminal reaches the demo and its apps alike. It is the demo that stops them, in order.
  process.on('SIGINT', () => {});
  // However the demo ends, also killed, its apps end with it.
  process.on('disconnect', () => process.exit());
}

/**
 * @param {import('node:http').Server} server
 * @param {Record<string, Kept>} kept
 * @returns {Promise<Report>}
 */
async function report(server, kept) {
  await connectionsClosed(server);
  const before = cpuSeconds();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const kinds = Object.entries(kept);
  const cpu = cpuSeconds();
  reportingCpu += cpu - before;
  return {
    floor: heapUsed,
    rss,
    held: Object.fromEntries(kinds.map(([kind, { size }]) => [kind, size])),
    bounds: Object.fromEntries(kinds.map(([kind, { maxEntries }]) => [kind, maxEntries ?? null])),
    lookups: { ...lookups },
    cpu,
    reportingCpu,
  };
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * The load generator hangs up just before it asks. What a half-closed connection holds would be noise in the
 * floor, so wait for it to go, though not for ever.
 *
 * @param {import('node:http').Server} server
 */
async function connectionsClosed(server) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const open = await new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
    if (open === 0) return;
    await delay(4);
  }
}
