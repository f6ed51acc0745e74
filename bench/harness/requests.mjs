/** An Express app under load from a process of its own: processor time of the server's main thread per request. */

import { constants, PerformanceObserver } from 'node:perf_hooks';
import { makeApp, sleep, underLoad } from './app.mjs';
import { mainThreadCpu, myTurn } from './child.mjs';
import { median } from './statistics.mjs';

const REPETITIONS = 8;
/** Milliseconds from when the load goes on to when it counts. */
const AGAIN = 200;
const MAJOR = constants.NODE_PERFORMANCE_GC_MAJOR;
const PATH = '/products/1?page=2&sort=name';

/**
 * Measured in several repetitions, of which the median counts; one where what happens rarely is to count as well.
 *
 * @param {{ duration: number, repetitions?: number, prepare: import('./app.mjs').Prepare }} options
 * @returns {Promise<{ ns: number, requests: number, major: number, repetitions: number[] }>} nanoseconds of processor time per
 * request, and major garbage collections in a million requests, those of its warm-up included
 */
export async function measureRequests({ duration, repetitions = REPETITIONS, prepare }) {
  const { app, counts, serverOptions } = makeApp(prepare);
  let collections = 0;
  new PerformanceObserver((list) => {
    for (const { detail } of /** @type {any[]} */ (list.getEntries()))
      collections += detail.kind === MAJOR ? 1 : 0;
  }).observe({ entryTypes: ['gc'] });
  return underLoad(
    app,
    './load.mjs',
    (origin) => [origin + PATH],
    async (load) => {
      const times = [];
      const before = counts.requests;
      for (let i = 0; i < repetitions; i++) {
        load.kill('SIGSTOP');
        await myTurn();
        load.kill('SIGCONT');
        await sleep(AGAIN);
        const start = { ...counts, cpu: cpu() };
        await sleep(duration / repetitions);
        times.push(((cpu() - start.cpu) * 1e6) / (counts.requests - start.requests));
      }
      const major = (collections * 1e6) / counts.requests;
      return { ns: median(times), requests: counts.requests - before, major, repetitions: times };
    },
    serverOptions,
  );
}

function cpu() {
  return mainThreadCpu() ?? process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
}
