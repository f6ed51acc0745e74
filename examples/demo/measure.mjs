/**
 * The measurement: both apps, the same requests, side by side.
 *
 * Neither app may be favoured, and a machine with two cores cannot serve both at once and make the traffic
 * as well. So they take turns. In each round both get the same two batches of requests, in the order A B B A,
 * and who is A changes from round to round: whatever else the machine does meets both alike.
 *
 * Once a second, between rounds, each app collects its garbage and says how much is left: the floor. That
 * collection is in nobody's latency, which is to the leaking app's advantage: its collections take ever
 * longer, and otherwise it would make more of them while it serves.
 */

import { App, DemoError } from './app.mjs';
import { CONNECTIONS, sendBatch } from './load.mjs';
import { busySeconds } from './machine.mjs';
import { entriesOf, rateOf, resultOf } from './result.mjs';
import { quantile } from './statistics.mjs';
import { createTraffic } from './traffic.mjs';
import { awaitVerdicts } from './wait.mjs';

/** @typedef {import('./load.mjs').Slice} Slice */
/** @typedef {import('./result.mjs').Name} Name */
/** @typedef {import('./result.mjs').Result} Result */
/** @typedef {import('./result.mjs').Sample} Sample */
/** @typedef {import('./traffic.mjs').Request} Request */
/** @typedef {import('../shared/serve.mjs').Report} Report */

/**
 * @typedef {object} Runner one app and what was measured of it
 * @property {App} app
 * @property {Sample[]} samples
 * @property {Slice[]} slices one per batch, the same batches in the same order for both apps
 * @property {Report} report the latest
 *
 * @typedef {object} Progress
 * @property {boolean} warmingUp
 * @property {number} seconds of the measured part gone by
 * @property {Record<Name, Sample | undefined>} latest
 */

/** Requests per batch before the apps' pace is known. */
const FIRST_BATCH = 250;
/** Ordinary traffic before measuring, as a share of the measured time: what is compiled late is no leak. */
const SETTLE_SHARE = 0.08;
/** A batch takes about this long: long against setting up its connections, short against a neighbour's program. */
const BATCH_SECONDS = 0.1;
const LEAST_BATCH = 100;
/** Between two looks at the floors: a share of the measured time, at most a second. */
const SAMPLE_SHARE = 0.04;
const SAMPLE_SECONDS = 1;
const LEAST_ROUNDS = 4;
/** Far more than any cache of the fixed app needs to fill. */
const MOST_FILLING_BATCHES = 200;

/**
 * @param {object} options
 * @param {number} options.seconds
 * @param {AbortSignal} options.signal stops the run
 * @param {boolean} options.verdict whether to wait for the verdicts of the apps' memory samplers
 * @param {(progress: Progress) => void} options.onProgress called with every sample
 * @param {(result: Result) => void} options.onMeasured called when all but the verdicts is known
 * @param {(waiting: import('./wait.mjs').Waiting) => void} options.onWaiting called while waiting for them
 * @returns {Promise<Result>}
 */
export async function measure({ seconds, signal, verdict, onProgress, onMeasured, onWaiting }) {
  /** @type {Runner[]} */
  const runners = [];
  try {
    runners.push(start('the leaking app', 'leaky-app'), start('the fixed app', 'fixed-app'));
    await Promise.all(runners.map(({ app }) => app.ready()));

    const traffic = createTraffic();
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1_000;
    /** @type {number | undefined} */
    let warmUpSeconds;

    /** @param {(count: number) => Request[]} requests @param {number} count */
    const play = (requests, count) => playRound(runners, [requests(count), requests(count)], signal);
    const sample = async () => {
      await takeSamples(runners, elapsed);
      onProgress({
        warmingUp: warmUpSeconds === undefined,
        seconds: warmUpSeconds === undefined ? 0 : Math.min(seconds, elapsed() - warmUpSeconds),
        latest: { leaking: runners[0].samples.at(-1), fixed: runners[1].samples.at(-1) },
      });
    };

    do {
      await play(traffic.unseen, FIRST_BATCH);
      await sample();
    } while (!runners.every(isFull));
    const filled = runners[0].slices.length;
    const settled = elapsed() + seconds * SETTLE_SHARE;
    do {
      await play(traffic.ordinary, FIRST_BATCH);
      await sample();
    } while (elapsed() < settled);

    const pace = Math.min(...runners.map(({ slices }) => quantile(slices.slice(filled).map(rateOf), 0.5)));
    const batch = Math.max(LEAST_BATCH, Math.round(pace * BATCH_SECONDS));
    const beginnings = runners.map(beginningNow);
    const busyBefore = busySeconds();
    warmUpSeconds = elapsed();
    const end = warmUpSeconds + seconds;
    const interval = Math.min(SAMPLE_SECONDS, seconds * SAMPLE_SHARE);
    for (let round = 0, due = interval; round < LEAST_ROUNDS || elapsed() < end; round++) {
      await play(traffic.ordinary, batch);
      if (elapsed() - warmUpSeconds < due && elapsed() < end) continue;
      await sample();
      due = elapsed() - warmUpSeconds + interval;
    }
    const diagnoses = [];
    for (const { app } of runners) diagnoses.push(await app.diagnosis());
    const [leaking, fixed] = runners.map((runner, i) => ({
      ...runner,
      beginning: beginnings[i],
      diagnosis: diagnoses[i],
    }));
    const result = resultOf(
      { leaking, fixed },
      {
        warmUpSeconds,
        seconds: elapsed() - warmUpSeconds,
        requestsPerBatch: batch,
        connections: CONNECTIONS,
        busy: { before: busyBefore, after: busySeconds() },
      },
    );
    onMeasured(result);
    if (!verdict) return result;

    const go = () => play(traffic.ordinary, batch);
    return { ...result, sampled: await awaitVerdicts({ leaking, fixed }, { play: go, elapsed, onWaiting }) };
  } finally {
    await Promise.all(runners.map(({ app }) => app.stop()));
  }
}

/**
 * @param {string} name
 * @param {string} folder
 * @returns {Runner}
 */
function start(name, folder) {
  const report = {
    floor: 0,
    rss: 0,
    held: {},
    bounds: {},
    lookups: { hits: 0, misses: 0 },
    cpu: 0,
    reportingCpu: 0,
  };
  return { app: new App(name, folder), samples: [], slices: [], report };
}

/**
 * @param {readonly Runner[]} runners
 * @param {readonly [readonly Request[], readonly Request[]]} batches
 * @param {AbortSignal} signal
 */
async function playRound(runners, [early, late], signal) {
  // A round makes two slices each.
  const [a, b] = runners[0].slices.length % 4 === 0 ? runners : runners.toReversed();
  a.slices.push(await sendBatch(a.app, early, signal));
  b.slices.push(await sendBatch(b.app, early, signal));
  b.slices.push(await sendBatch(b.app, late, signal));
  a.slices.push(await sendBatch(a.app, late, signal));
}

/**
 * @param {readonly Runner[]} runners
 * @param {() => number} elapsed
 */
async function takeSamples(runners, elapsed) {
  const seconds = elapsed();
  for (const runner of runners) {
    const report = await runner.app.report();
    runner.report = report;
    runner.samples.push({ seconds, floor: report.floor, entries: entriesOf(report) });
  }
}

/** Where the measured part begins: with the sample that ended the warm-up. @param {Runner} runner */
function beginningNow({ slices, samples, report }) {
  return { slice: slices.length, sample: samples.length - 1, report };
}

/**
 * Whether each cache that has a bound has reached it. The leaking app's have none.
 *
 * @param {Runner} runner
 */
function isFull({ report: { held, bounds }, slices }) {
  if (slices.length >= MOST_FILLING_BATCHES) throw new DemoError('the caches of the fixed app did not fill');
  return Object.entries(bounds).every(([kind, bound]) => bound === null || held[kind] >= bound);
}
