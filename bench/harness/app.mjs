/** An Express app that is measured, and the processes that ask it. */

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';

/** Until code is compiled and connections are there, in milliseconds. */
export const WARM_UP = 3000;

/**
 * Adds to the app what is measured and the route `/products/:id`, whose handler calls `answer` with the response. Returns
 * options of the server, if there are any.
 *
 * @typedef {(app: any, answer: (res: any) => void) => import('node:http').ServerOptions | void} Prepare
 */

/** @param {Prepare} prepare */
export function makeApp(prepare) {
  const app = express();
  app.disable('x-powered-by');
  const counts = { requests: 0 };
  const serverOptions = prepare(app, (res) => {
    const id = ++counts.requests;
    res.json({ id, name: 'oak table', price: 'EUR 420.00', tags: ['oak', 'table', 'kitchen'] });
  });
  return { app, counts, serverOptions: serverOptions ?? {} };
}

/**
 * Serves `handler` on a free port while `work` runs, loaded by a process of its own: a script of this folder, which gets
 * what `argumentsFor` makes of the origin.
 *
 * @template T
 * @param {import('node:http').RequestListener} handler
 * @param {string} script
 * @param {(origin: string) => string[]} argumentsFor
 * @param {(load: import('node:child_process').ChildProcess) => Promise<T>} work
 * @param {import('node:http').ServerOptions} [options]
 * @returns {Promise<T>}
 */
export async function underLoad(handler, script, argumentsFor, work, options = {}) {
  const server = createServer(options, handler);
  await new Promise((done) => void server.listen({ port: 0, host: '127.0.0.1' }, () => done(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const file = fileURLToPath(new URL(script, import.meta.url));
  const load = spawn(process.execPath, [file, ...argumentsFor(`http://127.0.0.1:${port}`)]);
  // It does not outlive a server that is stopped from outside.
  const stop = () => void load.kill('SIGKILL');
  process.on('exit', stop);
  try {
    await sleep(WARM_UP);
    return await work(load);
  } finally {
    stop();
    server.closeAllConnections();
    server.close();
  }
}

/** @param {number} ms */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
