/** An Express app under load from a process of its own: processor time of the server's main thread per request. */

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { mainThreadCpu } from './child.mjs';

const WARM_UP = 3000;

/**
 * `prepare` adds to the app what is measured, and the route `/products/:id`, whose handler calls `answer` with the
 * response.
 *
 * @param {{ duration: number, prepare: (app: any, answer: (res: any) => void) => void }} options
 * @returns {Promise<{ ns: number, requests: number }>} nanoseconds of processor time per request
 */
export async function measureRequests({ duration, prepare }) {
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
    String(Math.ceil((WARM_UP + duration) / 1000) + 2),
  ]);
  try {
    await sleep(WARM_UP);
    const before = { requests, cpu: cpu() };
    await sleep(duration);
    const ns = ((cpu() - before.cpu) * 1e6) / (requests - before.requests);
    return { ns, requests: requests - before.requests };
  } finally {
    load.kill();
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
