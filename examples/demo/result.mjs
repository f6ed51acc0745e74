/** What was measured, as numbers: the content of `--json`, and of the chart, the table and the page. */

import { quantile, theilSen } from './statistics.mjs';

/** @typedef {import('./load.mjs').Slice} Slice */
/** @typedef {import('./machine.mjs').Busy} Busy */
/** @typedef {import('../shared/serve.mjs').Report} Report */

/**
 * @typedef {'leaking' | 'fixed'} Name
 *
 * @typedef {object} Sample
 * @property {number} seconds since the load began, the warm-up included
 * @property {number} floor bytes on the heap right after a garbage collection
 * @property {number} entries held in all caches
 *
 * @typedef {object} AppResult of the measured part alone, except for the samples
 * @property {number} requests
 * @property {number} requestsPerSecond while it was its turn; the median batch's
 * @property {number} p99 milliseconds
 * @property {number} cpuPerRequest microseconds of processor time, without that of the forced collections
 * @property {number} hitRatio of cache look-ups, 0 to 1
 * @property {number} entries held at the end
 * @property {Report['held']} held the same by cache
 * @property {Report['bounds']} bounds
 * @property {number} floorStart bytes
 * @property {number} floorEnd bytes
 * @property {number} slope of the floor, bytes per minute
 * @property {number} rss bytes of the process at the end
 * @property {Sample[]} samples
 * @property {string[]} diagnosis what leaks, by the app's own account
 *
 * @typedef {object} Result
 * @property {number} warmUpSeconds
 * @property {number} seconds measured after that
 * @property {number} batches sent to each app
 * @property {number} requestsPerBatch
 * @property {number} connections
 * @property {number} otherPrograms their share of the machine's processors meanwhile, 0 to 1
 * @property {Record<Name, AppResult>} apps
 * @property {Record<Name, import('./wait.mjs').Sampled>} [sampled] what the apps' memory samplers said, if that was waited for
 * @property {{ requestsPerSecond: number, p99: number, cpuPerRequest: number, slope: number }} fixedToLeaking ratios
 */

/**
 * @typedef {object} Measured
 * @property {Sample[]} samples
 * @property {Slice[]} slices one per batch, the warm-up included
 * @property {Report} report the last
 * @property {{ slice: number, sample: number, report: Report }} beginning of the measured part
 * @property {string[]} diagnosis
 */

/**
 * @param {Record<Name, Measured>} measured
 * @param {object} run
 * @param {number} run.warmUpSeconds
 * @param {number} run.seconds
 * @param {number} run.requestsPerBatch
 * @param {number} run.connections
 * @param {{ before: Busy, after: Busy }} run.busy
 * @returns {Result}
 */
export function resultOf(measured, { warmUpSeconds, seconds, requestsPerBatch, connections, busy }) {
  const rates = { leaking: ratesOf(measured.leaking), fixed: ratesOf(measured.fixed) };
  const apps = {
    leaking: appResult(measured.leaking, rates.leaking),
    fixed: appResult(measured.fixed, rates.fixed),
  };
  return {
    warmUpSeconds,
    seconds,
    batches: rates.fixed.length,
    requestsPerBatch,
    connections,
    otherPrograms: othersShare(busy, Object.values(measured)),
    apps,
    fixedToLeaking: {
      // Batch by batch, since the two apps get a batch one right after the other: what slows the machine for
      // a while slows both. On a machine that others kept busy, the same app twice came out at 0.97 to 1.03.
      requestsPerSecond: quantile(
        rates.fixed.map((rate, batch) => rate / rates.leaking[batch]),
        0.5,
      ),
      p99: apps.fixed.p99 / apps.leaking.p99,
      cpuPerRequest: apps.fixed.cpuPerRequest / apps.leaking.cpuPerRequest,
      slope: apps.fixed.slope / apps.leaking.slope,
    },
  };
}

/** @param {Report} report */
export function entriesOf({ held }) {
  return Object.values(held).reduce((sum, size) => sum + size, 0);
}

/** Requests per second. @param {Slice} slice */
export function rateOf({ requests, seconds }) {
  return requests / seconds;
}

/** @param {Measured} measured */
function ratesOf({ slices, beginning }) {
  return slices.slice(beginning.slice).map(rateOf);
}

/**
 * @param {Measured} measured
 * @param {number[]} rates
 * @returns {AppResult}
 */
function appResult({ samples, slices, report, beginning, diagnosis }, rates) {
  const measured = slices.slice(beginning.slice);
  const hits = report.lookups.hits - beginning.report.lookups.hits;
  const misses = report.lookups.misses - beginning.report.lookups.misses;
  const requests = measured.reduce((sum, slice) => sum + slice.requests, 0);
  const cpu = servingCpu(report) - servingCpu(beginning.report);
  return {
    requests,
    requestsPerSecond: quantile(rates, 0.5),
    p99: quantile(
      measured.flatMap(({ latencies }) => latencies),
      0.99,
    ),
    cpuPerRequest: (cpu / requests) * 1e6,
    hitRatio: hits / (hits + misses),
    entries: entriesOf(report),
    held: report.held,
    bounds: report.bounds,
    floorStart: beginning.report.floor,
    floorEnd: report.floor,
    slope: theilSen(
      samples.slice(beginning.sample).map(({ seconds, floor }) => ({ x: seconds / 60, y: floor })),
    ),
    rss: report.rss,
    samples,
    diagnosis,
  };
}

/** @param {Report} report */
function servingCpu({ cpu, reportingCpu }) {
  return cpu - reportingCpu;
}

/**
 * @param {{ before: Busy, after: Busy }} busy
 * @param {Measured[]} measured
 */
function othersShare({ before, after }, measured) {
  const apps = measured.reduce((sum, { report, beginning }) => sum + report.cpu - beginning.report.cpu, 0);
  const others = after.all - before.all - (after.own - before.own) - apps;
  return Math.min(1, Math.max(0, others / (after.capacity - before.capacity)));
}
