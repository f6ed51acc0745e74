/**
 * An Express app beside another in one process, on one connection, asked by chance for one or the other: how much longer a
 * request takes.
 *
 * Two processes that do the same differ by 5 % from each other, for as long as they live: in where their code and data have
 * come to lie. What differs by less is seen only in one process, and in the median of thousands of requests. Between requests
 * the process waits for the next, so that more of its memory has left the processor's caches than under load.
 */

import { makeApp, sleep, underLoad } from './app.mjs';
import { myTurn } from './child.mjs';
import { median } from './statistics.mjs';

const PATH = '/products/1?page=2&sort=name';

/**
 * Waits for its turn, and has it all at once: two such processes would disturb each other.
 *
 * @typedef {import('./app.mjs').Prepare} Prepare
 * @param {{ duration: number, prepare: Prepare, prepareOther: Prepare }} options
 * @returns {Promise<{ ns: number, beside: number, requests: number }>} Nanoseconds from when a request is there to when the
 * thread has nothing more to do, with both.
 */
export async function measureAlternately({ duration, prepare, prepareOther }) {
  await myTurn();
  /** @param {Prepare} how */
  const side = (how) => ({ ...makeApp(how), times: /** @type {number[]} */ ([]) });
  const sides = { own: side(prepare), other: side(prepareOther) };
  let measuring = false;
  /** @type {import('node:http').RequestListener} */
  const handler = (req, res) => {
    const [, name, path] = /^\/(own|other)(.*)/.exec(req.url ?? '') ?? [];
    const { app, times } = name === 'own' ? sides.own : sides.other;
    req.url = path;
    const start = performance.now();
    setImmediate(() => {
      if (measuring) times.push(performance.now() - start);
    });
    app(req, res);
  };
  const addresses = (origin) => [origin, ...Object.keys(sides).map((name) => `/${name}${PATH}`)];
  await underLoad(handler, './alternating-load.mjs', addresses, async () => {
    measuring = true;
    await sleep(duration);
    measuring = false;
  });
  const [own, other] = [sides.own.times, sides.other.times];
  return {
    ns: (median(own) ?? Number.NaN) * 1e6,
    beside: (median(other) ?? Number.NaN) * 1e6,
    requests: own.length + other.length,
  };
}
