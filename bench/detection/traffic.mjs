/**
 * Live load on a program, by autocannon at a fixed rate, from the process that measures.
 *
 * autocannon sends what a second allows at the start of that second. Several of them, started one after the other
 * within a second, make a steadier stream, as many independent clients do.
 */

import autocannon from 'autocannon';

const LANES = 5;

/**
 * @typedef {object} Phase
 * @property {number} seconds
 * @property {number} rate Requests per second; 0 for none.
 */

/**
 * @typedef {object} Traffic
 * @property {number} [rate] Requests per second, where there are no phases. Default 500.
 * @property {Phase[]} [phases] One after the other, and again from the first.
 * @property {number} [connections] Default 10.
 * @property {boolean} [keepAlive] Default true; false takes a new connection for each request.
 * @property {(n: number) => string} [path] Of the n-th request.
 * @property {(n: number) => string | Buffer | undefined} [body] Makes it a POST.
 * @property {(n: number) => Record<string, string>} [headers]
 */

/**
 * Sends requests until the time is over or `signal` is aborted.
 *
 * @param {{ url: string, seconds: number, traffic: Traffic, signal?: AbortSignal }} options
 */
export async function sendTraffic({ url, seconds, traffic, signal }) {
  const end = performance.now() + seconds * 1000;
  const left = () => (signal?.aborted ? 0 : (end - performance.now()) / 1000);
  const sent = { requests: 0, failures: 0 };
  const phases = traffic.phases ?? [{ seconds: Infinity, rate: traffic.rate ?? 500 }];
  for (let i = 0; left() >= 0.5; i = (i + 1) % phases.length) {
    const phase = /** @type {Phase} */ (phases[i]);
    const duration = Math.min(phase.seconds, left());
    if (phase.rate === 0) await sleep(duration, signal);
    else await sendPhase({ url, duration, rate: phase.rate, traffic, sent, signal });
  }
  return sent;
}

async function sendPhase({ url, duration, rate, traffic, sent, signal }) {
  const lanes = Math.min(LANES, rate);
  const running = [];
  for (let lane = 0; lane < lanes; lane++) {
    running.push(sendLane({ url, duration, rate: share(rate, lanes, lane), lanes, traffic, sent, signal }));
    await sleep(1 / lanes, signal);
  }
  await Promise.all(running);
}

function sendLane({ url, duration, rate, lanes, traffic, sent, signal }) {
  return new Promise((resolve, reject) => {
    const instance = autocannon(
      {
        url,
        duration,
        overallRate: rate,
        connections: Math.max(1, Math.round((traffic.connections ?? 10) / lanes)),
        reconnectRate: traffic.keepAlive === false ? 1 : undefined,
        requests: [{ setupRequest: () => requestOf(traffic, sent.requests++) }],
      },
      (error, result) => {
        signal?.removeEventListener('abort', stop);
        if (error) return reject(error);
        sent.failures += result.errors + result.non2xx;
        resolve(undefined);
      },
    );
    const stop = () => instance.stop();
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function requestOf(traffic, n) {
  const body = traffic.body?.(n);
  return {
    method: /** @type {'GET' | 'POST'} */ (body === undefined ? 'GET' : 'POST'),
    path: traffic.path?.(n) ?? `/products/${n}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...traffic.headers?.(n),
    },
    body,
  };
}

/** So many of `total` for one of `count`, so that they add up. */
function share(total, count, index) {
  return Math.floor(total / count) + (index < total % count ? 1 : 0);
}

function sleep(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, seconds * 1000);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve(undefined);
    }
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}
