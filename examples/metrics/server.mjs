/**
 * A small Express app that shows its metrics to those who may see them: names of caches and lines of code are not for
 * everybody. Two ways, of which a program needs one:
 *
 * - `METRICS_TOKEN=… node examples/metrics/server.mjs`: `/metrics` of the app, for those who send the token. In
 *   prometheus.yml: `authorization: { credentials_file: … }`.
 * - without it: a server of its own on the loopback interface, port 9464 (`METRICS_PORT`), for a Prometheus or an agent
 *   on the same machine or in the same pod.
 *
 * The app itself is on port 3000 (`PORT`).
 */

import { createHash, timingSafeEqual } from 'node:crypto';
import express from 'express';
import { BoundedCache } from 'plateau';
import { registerMetrics } from 'plateau/prometheus';
import { collectDefaultMetrics, register } from 'prom-client';

collectDefaultMetrics();
registerMetrics({ register });

/** @type {BoundedCache<number, number>} */
const squares = new BoundedCache({ maxEntries: 1_000, ttl: 60_000, name: 'squares' });

const app = express();
app.disable('x-powered-by');
app.get('/squares/:number', async (req, res) => {
  const number = Number(req.params.number);
  if (!Number.isSafeInteger(number)) return void res.sendStatus(404);
  res.json(await squares.getOrLoad(number, async (n) => n * n));
});

/**
 * @param {import('express').Request} _req
 * @param {import('express').Response} res
 */
async function metrics(_req, res) {
  res.type(register.contentType).send(await register.metrics());
}

/**
 * Lets in who sends `Authorization: Bearer <token>`. Hashes are compared because they are of one length, in a time that
 * tells nothing.
 *
 * @param {string} token
 * @returns {import('express').RequestHandler}
 */
function onlyWith(token) {
  const digest = (/** @type {string} */ text) => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return (req, res, next) => {
    if (timingSafeEqual(digest(req.headers.authorization ?? ''), expected)) return next();
    res.set('WWW-Authenticate', 'Bearer').sendStatus(401);
  };
}

const token = process.env.METRICS_TOKEN;
if (token) {
  app.get('/metrics', onlyWith(token), metrics);
} else {
  listen(
    express().disable('x-powered-by').get('/metrics', metrics),
    process.env.METRICS_PORT ?? '9464',
    '/metrics',
  );
}
listen(app, process.env.PORT ?? '3000', '/squares/12');

/**
 * @param {import('express').Express} server
 * @param {string} port
 * @param {string} path to try
 */
function listen(server, port, path) {
  const listening = server.listen(Number(port), '127.0.0.1', () => {
    const address = listening.address();
    if (address !== null && typeof address === 'object')
      console.log(`http://127.0.0.1:${address.port}${path}`);
  });
}
