/** What the apps' memory samplers said, in a table and in words: the same for the terminal and for the page. */

import { inShort, isFinal } from './wait.mjs';
import { mib } from './words.mjs';

/** @typedef {import('./result.mjs').Name} Name */
/** @typedef {import('./wait.mjs').Sampled} Sampled */

/** The slope of the verdict and that of the forced collections should agree to within this. */
const AGREEMENT = 0.15;

export const SAMPLED_TITLE = "What plateau's memory samplers in the two apps say of the same traffic:";
export const SAMPLED_HEAD = ['', 'leaking', 'fixed'];

const count = (/** @type {number} */ value) => Math.round(value).toLocaleString('en');

/**
 * The rows of the table: what, leaking, fixed.
 *
 * @param {Record<Name, Sampled>} sampled
 * @returns {[string, string, string][]}
 */
export function sampledTable({ leaking, fixed }) {
  /** @param {string} name @param {(app: Sampled) => string} of */
  const row = (name, of) => /** @type {[string, string, string]} */ ([name, of(leaking), of(fixed)]);
  return [
    row('verdict', ({ verdict }) => verdict.verdict),
    row('place', ({ verdict }) => verdict.place ?? '-'),
    row('grows', ({ verdict }) => growing(verdict).join(', ') || '-'),
    row('told after', ({ verdict }) => `${verdict.toldAfter.toFixed(0)} s`),
    row('floor', ({ verdict }) => mib(verdict.floor)),
    row('bytes/request', ({ verdict }) => bytesPerRequest(verdict)),
    row('by forced GC', ({ forced }) => count(forced.bytesPerRequest)),
  ];
}

/**
 * What that means, and whether it is right.
 *
 * @param {Record<Name, Sampled>} sampled
 * @returns {{ good: boolean, text: string }[]}
 */
export function sampledVerdicts({ leaking, fixed }) {
  const leaks = leaking.verdict.verdict === 'leak' && growing(leaking.verdict).includes('heap');
  const lines = [
    { good: leaks, text: sentence('The leaking app', leaking) },
    { good: fixed.verdict.verdict === 'healthy', text: sentence('The fixed app', fixed) },
  ];
  const slope = heapOf(leaking.verdict)?.perRequest;
  if (leaks && slope !== undefined) lines.push(agreement(slope.value, leaking.forced.bytesPerRequest));
  return lines;
}

/**
 * How that came about.
 *
 * @param {Record<Name, Sampled>} sampled
 */
export function sampledMethod({ leaking: { forced } }) {
  return (
    `Floor: old and large-object space after the newest major collection. Bytes/request: the slope of that floor, ` +
    `with its 95 % interval; the samplers count the requests themselves. Since the measured part nobody forces a ` +
    `collection, except for one at the end: by forced GC is the growth from the one with which the measured part ` +
    `began to that one, divided by the ${count(forced.requests)} requests sent between them.`
  );
}

/** @param {string} name @param {Sampled} sampled */
function sentence(name, { verdict }) {
  const said = isFinal(verdict) ? inShort(verdict) : `no final verdict, still ${inShort(verdict)}`;
  return `${name}: ${said}. ${verdict.evidence} Next: ${verdict.next}`;
}

/** @param {number} told @param {number} forced */
function agreement(told, forced) {
  const good = Math.abs(told / forced - 1) <= AGREEMENT;
  const within = `to within ${(AGREEMENT * 100).toFixed(0)} %`;
  const both = `${count(told)} bytes per request by the verdict, ${count(forced)} by forced collections`;
  return { good, text: `Both counts ${good ? 'agree' : 'do not agree'} ${within}: ${both}.` };
}

/** The places in which something leaks, that of the verdict first. @param {Sampled['verdict']} verdict */
function growing({ place, trends }) {
  const places = trends.filter((trend) => trend.growing).map((trend) => trend.place);
  return places.sort((a, b) => Number(b === place) - Number(a === place));
}

/** @param {Sampled['verdict']} verdict */
function bytesPerRequest(verdict) {
  const slope = heapOf(verdict)?.perRequest;
  return slope === undefined ? '-' : `${count(slope.value)} [${count(slope.low)}, ${count(slope.high)}]`;
}

/** @param {Sampled['verdict']} verdict */
function heapOf({ trends }) {
  return trends.find(({ place }) => place === 'heap');
}
