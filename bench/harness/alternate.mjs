/**
 * An Express app beside another in one process, on one connection, asked by chance for one or the other: how much longer a
 * request takes.
 *
 * Two processes that do the same differ by 5 % from each other, for as long as they live: in where their code and data have
 * come to lie. What differs by less is seen only in one process, and in the median of thousands of requests. Between requests
 * the process waits for the next, so that more of its memory has left the processor's caches than under load.
 */

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { median } from './statistics.mjs';

const WARM_UP = 3000;

/**
 * `prepare` and `prepareOther` each add to an app what is measured and the route `/products/:id`, whose handler calls
 * `answer` with the response.
 *
 * @typedef {(app: any, answer: (res: any) => void) => void} Prepare
 * @param {{ duration: number, prepare: Prepare, prepareOther: Prepare }} options
 * @returns {Promise<{ ns: number, beside: number, requests: number }>} Nanoseconds from when a request is there to when the
 * thread has nothing more to do, with both.
 */
export async function measureAlternately({ duration, prepare, prepareOther }) {
  const own = sideOf(prepare);
  const other = sideOf(prepareOther);
  let measuring = false;
  const server = createServer((req, res) => {
    const side = req.url?.startsWith('/own') ? own : other;
    req.url = req.url?.slice(req.url.indexOf('/', 1));
    const start = performance.now();
    setImmediate(() => {
      if (measuring) side.times.push(performance.now() - start);
    });
    side.app(req, res);
  });
  await new Promise((done) => void server.listen({ port: 0, host: '127.0.0.1' }, () => done(undefined)));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const file = fileURLToPath(new URL('./alternating-load.mjs', import.meta.url));
  const paths = ['own', 'other'].map((name) => `/${name}/products/1?page=2&sort=name`);
  const load = spawn(process.execPath, [file, String(port), ...paths]);
  process.on('exit', () => load.kill('SIGKILL'));
  await new Promise((done) => setTimeout(done, WARM_UP));
  measuring = true;
  await new Promise((done) => setTimeout(done, duration));
  load.kill('SIGKILL');
  server.closeAllConnections();
  server.close();
  const [ns, beside] = [own, other].map(({ times }) => (median(times) ?? Number.NaN) * 1e6);
  return { ns, beside, requests: own.times.length + other.times.length };
}

/** @param {Prepare} prepare */
function sideOf(prepare) {
  const app = express();
  app.disable('x-powered-by');
  let requests = 0;
  prepare(app, (res) => {
    requests++;
    res.json({ id: requests, name: 'oak table', price: 'EUR 420.00', tags: ['oak', 'table', 'kitchen'] });
  });
  /** @type {number[]} */
  const times = [];
  return { app, times };
}
