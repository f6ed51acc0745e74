/** Measures one contender in one row. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChild } from '../harness/child.mjs';
import { measureRequests } from '../harness/requests.mjs';

/** Milliseconds until an idle process has settled. */
const SETTLED = 3000;
/** As Prometheus is usually set up. */
const SCRAPE_EVERY = 15_000;

await runChild(async (task) => {
  const folder = mkdtempSync(join(tmpdir(), 'plateau-bench-'));
  try {
    return task.op === 'request' ? await request(task, folder) : await idle(task, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Loaded in all contenders, so that what differs is the sampler. */
async function start(contender, folder) {
  const { startMemorySampler } = await import('plateau');
  if (contender === 'bare') return;
  startMemorySampler(contender === 'sampler' ? {} : { recorder: folder });
  if (!contender.endsWith('metrics')) return;
  const [{ registerMetrics }, { Registry }] = await Promise.all([
    import('plateau/prometheus'),
    import('prom-client'),
  ]);
  const register = new Registry();
  registerMetrics({ register });
  setInterval(() => void register.metrics(), SCRAPE_EVERY).unref();
}

async function request({ contender, duration }, folder) {
  await start(contender, folder);
  return measureRequests({
    duration,
    // One, as a median would leave out the scrapes.
    repetitions: 1,
    prepare: (app, answer) => void app.get('/products/:id', (_req, res) => answer(res)),
  });
}

async function idle({ contender, duration }, folder) {
  await start(contender, folder);
  await sleep(SETTLED);
  globalThis.gc?.();
  await sleep(500);
  const cpu = process.cpuUsage();
  const before = process.memoryUsage().heapUsed;
  await sleep(duration);
  const { user, system } = process.cpuUsage(cpu);
  // Nothing is collected meanwhile: an idle process allocates too little for that.
  const allocated = ((process.memoryUsage().heapUsed - before) * 1000) / duration;
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuShare: (user + system) / 1000 / duration,
    allocated,
    rss,
    heap: heapUsed,
  };
}
