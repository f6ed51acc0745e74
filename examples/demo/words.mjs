/** The result in words and in a table: the same for the terminal and for the page. */

import { getHeapStatistics } from 'node:v8';

/** @typedef {import('./result.mjs').Result} Result */
/** @typedef {import('./result.mjs').AppResult} AppResult */

const MIB = 2 ** 20;

/** What the demo promises. */
const FLAT = 0.02;
const AS_FAST = 0.97;
/** From this share of the processors on, other programs deserve a mention. */
const DISTURBING = 0.1;

/** @param {number} [bytes] */
export const mib = (bytes) => (bytes === undefined ? '-' : `${(bytes / MIB).toFixed(1)} MiB`);

const count = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');
const percent = (/** @type {number} */ share) => `${decimals(share * 100, 1)} %`;
const times = (/** @type {number} */ ratio, digits = 2) => decimals(ratio, digits);
const perMinute = (/** @type {number} */ bytes) => `${decimals(bytes / MIB, 2)} MiB/min`;

/** `toFixed`, but never "-0.0". @param {number} value @param {number} digits */
const decimals = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]+$)/, '');

export const TABLE_HEAD = ['', 'leaking', 'fixed', 'fixed ÷ leaking'];

/**
 * The rows of the table: what, leaking, fixed, and their ratio where that says something.
 *
 * @param {Result} result
 * @returns {[string, string, string, string][]}
 */
export function table({ apps: { leaking, fixed }, fixedToLeaking: ratio }) {
  /** @param {string} name @param {(app: AppResult) => string} of @param {string} [compared] */
  const row = (name, of, compared = '') =>
    /** @type {[string, string, string, string]} */ ([name, of(leaking), of(fixed), compared]);
  return [
    row('requests/s', (app) => count(app.requestsPerSecond), times(ratio.requestsPerSecond, 3)),
    row('p99', (app) => `${app.p99.toFixed(1)} ms`, times(ratio.p99)),
    row('CPU per request', (app) => `${app.cpuPerRequest.toFixed(0)} µs`, times(ratio.cpuPerRequest)),
    row('requests', (app) => count(app.requests)),
    row('cache hits', (app) => percent(app.hitRatio)),
    row('entries held', (app) => count(app.entries), times(fixed.entries / leaking.entries)),
    row('floor at start', (app) => mib(app.floorStart)),
    row('floor at end', (app) => mib(app.floorEnd), times(fixed.floorEnd / leaking.floorEnd)),
    row('floor rises by', (app) => perMinute(app.slope), percent(ratio.slope)),
    row('process (RSS)', (app) => mib(app.rss), times(fixed.rss / leaking.rss)),
  ];
}

/**
 * What the numbers mean, and whether that is what was promised.
 *
 * @param {Result} result
 * @returns {{ good: boolean, text: string }[]}
 */
export function verdicts({ apps: { leaking, fixed }, fixedToLeaking: ratio }) {
  const speed = { good: ratio.requestsPerSecond >= AS_FAST, text: speedInWords(ratio.requestsPerSecond) };
  if (leaking.slope <= 0 || leaking.floorEnd <= leaking.floorStart) {
    return [{ good: false, text: "The leaking app's floor did not rise: this run shows nothing." }, speed];
  }
  const limit = getHeapStatistics().heap_size_limit;
  const minutesLeft = Math.max(1, Math.round((limit - leaking.floorEnd) / leaking.slope));
  const flat = Math.abs(ratio.slope) < FLAT;
  return [
    {
      good: true,
      text:
        `The leaking app's floor rose from ${mib(leaking.floorStart)} to ${mib(leaking.floorEnd)}. At this pace ` +
        `it is out of memory in ${minutesLeft} min (heap limit ${count(limit / MIB)} MiB).`,
    },
    {
      good: flat,
      text: flat
        ? `The fixed app's floor is flat at ${mib(fixed.floorEnd)}: ${slopeInWords(ratio.slope)}.`
        : `The fixed app's floor is not flat: ${slopeInWords(ratio.slope)}.`,
    },
    speed,
  ];
}

/**
 * What the leaking app says leaks, and whether the fixed one has anything to say.
 *
 * @param {Result} result
 * @returns {{ title: string, lines: string[] }}
 */
export function diagnosis({ apps: { leaking, fixed } }) {
  const lines = [...leaking.diagnosis, ...fixed.diagnosis.map((line) => `(the fixed app) ${line}`)];
  return { title: 'What leaks, by listenerReport() and scopeReport() of the leaking app:', lines };
}

/** @param {number} ratio */
const slopeInWords = (ratio) => `it moves by ${percent(Math.abs(ratio))} of the leaking one's slope`;

/** @param {number} ratio */
function speedInWords(ratio) {
  const measured = `${times(ratio, 3)} times the leaking app's requests per second`;
  if (ratio >= 1) return `The fixed app is no slower for it: ${measured}.`;
  if (ratio >= AS_FAST) return `The fixed app is as fast, to within ${percent(1 - AS_FAST)}: ${measured}.`;
  return `The fixed app was slower in this run: ${measured}.`;
}

/**
 * How the numbers came about.
 *
 * @param {Result} result
 */
export function method({ warmUpSeconds, seconds, batches, requestsPerBatch, connections }) {
  return (
    `Floor: JavaScript heap in use right after a full garbage collection. First ${warmUpSeconds.toFixed(1)} s of ` +
    `warm-up: requests never seen before until the bounded caches were full, then ordinary ones. Then ` +
    `${seconds.toFixed(1)} s measured: each app got the same ${batches} batches of ${requestsPerBatch} requests ` +
    `over ${connections} connections, in turns (A B B A). Requests/s and p99 are of an app's own turns; ` +
    `requests/s is the median batch's, and so, batch by batch, is its ratio. The forced collections are in ` +
    `neither, nor in the CPU time.`
  );
}

/**
 * A warning when other programs had the processors.
 *
 * @param {Result} result
 */
export function disturbance({ otherPrograms }) {
  if (otherPrograms < DISTURBING) return undefined;
  return (
    `Other programs had ${percent(otherPrograms)} of this machine's processors meanwhile: ` +
    `requests/s and p99 are less certain than usual.`
  );
}
