/** Measures one contender in one row. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { profileGrowth } from 'plateau';
import { mainThreadCpu, processCpu, runChild } from '../harness/child.mjs';
import { median } from '../harness/statistics.mjs';

const MIB = 2 ** 20;
const WARM_UP = 5000;
/** Milliseconds with or without, in turn. */
const SLICE = 1000;

await runChild((task) => (task.op === 'request' ? request(task) : pause(task)));

/**
 * One Express app, under load from another process all the time, which is sampled in every other second: what differs is
 * the sampling alone, and whatever else the machine does is in both.
 */
async function request({ contender, pairs }) {
  const interval = Number(/^every (\d+) KiB$/.exec(contender)?.[1]) * 1024;
  const app = express();
  app.disable('x-powered-by');
  let requests = 0;
  app.get('/products/:id', (_req, res) => {
    requests++;
    res.json({ id: requests, name: 'oak table', price: 'EUR 420.00', tags: ['oak', 'table', 'kitchen'] });
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const load = spawn(process.execPath, [
    fileURLToPath(new URL('../harness/load.mjs', import.meta.url)),
    `http://127.0.0.1:${port}/products/1?page=2&sort=name`,
    String(Math.ceil((WARM_UP + 2 * pairs * (SLICE + 200)) / 1000) + 5),
  ]);
  const slice = async () => {
    await sleep(50);
    const before = { requests, cpu: cpu(), at: performance.now() };
    await sleep(SLICE);
    const count = requests - before.requests;
    return {
      ns: ((cpu() - before.cpu) * 1e6) / count,
      perSecond: (count * 1000) / (performance.now() - before.at),
    };
  };
  const sampled = async () => {
    const stop = new AbortController();
    const made = profileGrowth({ duration: 3_600_000, interval, signal: stop.signal }).catch(() => {});
    const measured = await slice();
    // Without reading, which the other rows measure.
    stop.abort();
    await made;
    return measured;
  };
  try {
    await sleep(WARM_UP);
    const taken = [];
    for (let pair = 0; pair < pairs; pair++) {
      const first = pair % 2 === 0;
      const one = await (first ? slice() : sampled());
      const other = await (first ? sampled() : slice());
      taken.push(first ? { bare: one, profile: other } : { bare: other, profile: one });
    }
    const middle = (of) => median(taken.map(of));
    return {
      cpuRatio: middle(({ bare, profile }) => profile.ns / bare.ns),
      throughputRatio: middle(({ bare, profile }) => profile.perSecond / bare.perSecond),
      perSecond: middle(({ bare }) => bare.perSecond),
      perSecondSampled: middle(({ profile }) => profile.perSecond),
    };
  } finally {
    load.kill();
    server.closeAllConnections();
    server.close();
  }
}

function cpu() {
  return mainThreadCpu() ?? processCpu();
}

/** For how long the event loop stands still, with so much in the heap. */
async function pause({ contender, mib }) {
  const kept = contender === 'small objects' ? smallObjects(mib) : strings(mib);
  await sleep(1000);
  const alive = setInterval(() => {}, 1000);
  const { pause: stopped, heap } = await profileGrowth({ duration: 2000 });
  clearInterval(alive);
  return { start: stopped.start, end: stopped.end, heapMiB: heap.after / MIB, kept: kept.length };
}

function smallObjects(mib) {
  const kept = [];
  for (let i = 0; process.memoryUsage().heapUsed < mib * MIB; ) {
    for (const end = i + 1000; i < end; i++) kept.push({ id: i, name: `item ${i}`, tags: [i, i + 1] });
  }
  return kept;
}

/** As of cached pages: 10 KiB each. */
function strings(mib) {
  return Array.from({ length: (mib * 1024) / 10 }, (_, i) =>
    Buffer.alloc(10 * 1024, `page ${i} `).toString('latin1'),
  );
}
