/** Sends a batch of requests to one app, as fast as it answers. */

import { setTimeout as delay } from 'node:timers/promises';
import autocannon from 'autocannon';
import { DemoError } from './app.mjs';

/** @typedef {import('./app.mjs').App} App */
/** @typedef {import('./traffic.mjs').Request} Request */

/**
 * @typedef {object} Slice
 * @property {number} requests answered
 * @property {number} seconds from the first answer to the last
 * @property {number[]} latencies milliseconds
 */

export const CONNECTIONS = 10;

/**
 * The connections take the requests from one queue, so the app gets them in the order given, whatever its
 * pace, and two apps given the same batch do the same work.
 *
 * @param {App} app
 * @param {readonly Request[]} batch more than there are connections
 * @param {AbortSignal} signal
 * @returns {Promise<Slice>}
 */
export async function sendBatch(app, batch, signal) {
  signal.throwIfAborted();
  let next = 0;
  // The declarations know the promise and not that it is an emitter as well.
  const load = /** @type {Promise<autocannon.Result> & autocannon.Instance} */ (
    autocannon({
      url: app.origin,
      connections: CONNECTIONS,
      amount: batch.length,
      requests: [{ setupRequest: (request) => ({ ...request, ...batch[next++ % batch.length] }) }],
      // Nothing may fail here: at the first error the run is over.
      bailout: 1,
      // How often it looks whether it is done.
      sampleInt: 10,
      skipAggregateResult: true,
    })
  );

  const connected = new WeakSet();
  /** @type {number[]} */
  const latencies = [];
  let first = 0;
  let last = 0;
  load.on('response', (client, _status, _bytes, milliseconds) => {
    last = performance.now();
    first ||= last;
    // The first answer on a connection includes setting that up, which is not the app's work.
    if (connected.has(client)) latencies.push(milliseconds);
    connected.add(client);
  });
  /** @type {Error | undefined} */
  let trouble;
  load.on('reqError', (error) => {
    trouble = error;
  });

  const stop = () => load.stop();
  signal.addEventListener('abort', stop);
  try {
    const result = await app.orDead(Promise.resolve(load));
    signal.throwIfAborted();
    const { errors, timeouts, non2xx, mismatches } = result;
    if (errors + timeouts + non2xx + mismatches > 0) {
      // If the app died, that is the better explanation, and it is about to arrive.
      await app.orDead(delay(500));
      const cause = trouble ? `: ${trouble.message}` : '';
      throw new DemoError(
        `the traffic failed: ${errors} errors, ${timeouts} timeouts, ${non2xx} answers other than 2xx${cause}`,
      );
    }
    return { requests: batch.length, seconds: (last - first) / 1_000, latencies };
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
