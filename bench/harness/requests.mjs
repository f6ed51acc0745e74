/** An Express app under load from a process of its own: processor time of the server's main thread per request. */

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { mainThreadCpu, myTurn } from './child.mjs';
import { median } from './statistics.mjs';

const WARM_UP = 3000;
const REPETITIONS = 8;
/** Milliseconds from when the load goes on to when it counts. */
const AGAIN = 200;

/**
 * `prepare` adds to the app what is measured, and the route `/products/:id`, whose handler calls `answer` with the
 * response.
 *
 * Measured in several repetitions, of which the median counts; one where what happens rarely is to count as well.
 *
 * @param {{ duration: number, repetitions?: number, prepare: (app: any, answer: (res: any) => void) => void }} options
 * @returns {Promise<{ ns: number, requests: number, repetitions: number[] }>} nanoseconds of processor time per request
 */
export async function measureRequests({ duration, repetitions = REPETITIONS, prepare }) {
  const app = express();
  app.disable('x-powered-by');
  let requests = 0;
  prepare(app, (res) => {
    requests++;
    res.json({ id: requests, name: 'oak table', price: 'EUR 420.00', tags: ['oak', 'table', 'kitchen'] });
  });
  const server = createServer(app);
  await new Promise((done) => void server.listen({ port: 0, host: '127.0.0.1' }, () => done(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const load = spawn(process.execPath, [
    fileURLToPath(new URL('./load.mjs', import.meta.url)),
    `http://127.0.0.1:${port}/products/1?page=2&sort=name`,
  ]);
  // It does not outlive a server that is stopped from outside.
  const stopLoad = () => load.kill('SIGKILL');
  process.on('exit', stopLoad);
  try {
    await sleep(WARM_UP);
    const times = [];
    const before = requests;
    for (let i = 0; i < repetitions; i++) {
      load.kill('SIGSTOP');
      await myTurn();
      load.kill('SIGCONT');
      await sleep(AGAIN);
      const start = { requests, cpu: cpu() };
      await sleep(duration / repetitions);
      times.push(((cpu() - start.cpu) * 1e6) / (requests - start.requests));
    }
    return { ns: median(times), requests: requests - before, repetitions: times };
  } finally {
    stopLoad();
    server.closeAllConnections();
    server.close();
  }
}

function cpu() {
  return mainThreadCpu() ?? process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
