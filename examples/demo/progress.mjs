/** How far the run is: a bar on a terminal, a line now and then elsewhere. On stderr; stdout is for results. */

import cliProgress from 'cli-progress';
import { WAIT_UNTIL } from './wait.mjs';
import { mib } from './words.mjs';

/** @typedef {import('./measure.mjs').Progress} Progress */
/** @typedef {import('./wait.mjs').Waiting} Waiting */

/**
 * @typedef {object} Shown
 * @property {(progress: Progress) => void} measuring
 * @property {(waiting: Waiting) => void} waiting for the verdicts
 * @property {() => void} stop before anything is written to stdout; what comes after it begins anew
 */

/** Without a terminal, seconds between two lines. */
const LINE_EVERY = { measuring: 5, waiting: 20 };
/** What is shown, by how many columns it takes beside the bar. */
const FORMATS = {
  measuring: [
    { columns: 66, format: '{phase} [{bar}] {time} | floor: leaking {leaking}, fixed {fixed}' },
    { columns: 36, format: '[{bar}] {time} | {leaking} : {fixed}' },
  ],
  waiting: [
    { columns: 91, format: 'waiting for the verdicts [{bar}] {time} | leaking {leaking}, fixed {fixed}' },
    { columns: 64, format: 'waiting for the verdicts [{bar}] {time} | {leaking} : {fixed}' },
    { columns: 38, format: 'verdicts [{bar}] {leaking} : {fixed}' },
  ],
};
const BAR = { least: 5, most: 40 };

/**
 * @param {number} seconds
 * @returns {Shown}
 */
export function createProgress(seconds) {
  return process.stderr.isTTY ? bars(Math.round(seconds)) : lines();
}

/**
 * @param {number} total seconds to measure
 * @returns {Shown}
 */
function bars(total) {
  /** @type {cliProgress.SingleBar | undefined} */
  let bar = start(FORMATS.measuring, total, { phase: 'starting', time: '', leaking: '-', fixed: '-' });
  return {
    measuring({ warmingUp, seconds, latest }) {
      bar?.update(seconds, {
        phase: warmingUp ? 'warming up' : 'measuring',
        time: `${Math.floor(seconds)} of ${total} s`,
        leaking: mib(latest.leaking?.floor),
        fixed: mib(latest.fixed?.floor),
      });
    },
    waiting({ seconds, verdicts }) {
      const gone = Math.min(seconds, WAIT_UNTIL);
      const shown = { time: `${Math.floor(gone)} of at most ${WAIT_UNTIL} s`, ...verdicts };
      bar ??= start(FORMATS.waiting, WAIT_UNTIL, shown);
      bar.update(gone, shown);
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

/**
 * @param {{ columns: number, format: string }[]} formats
 * @param {number} total
 * @param {object} shown
 */
function start(formats, total, shown) {
  const columns = process.stderr.columns || 80;
  const chosen =
    formats.find((format) => format.columns + BAR.least <= columns) ?? formats[formats.length - 1];
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    format: chosen.format,
    barsize: Math.min(BAR.most, Math.max(BAR.least, columns - chosen.columns)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
  });
  bar.start(total, 0, shown);
  return bar;
}

/** @returns {Shown} */
function lines() {
  let next = 0;
  let warm = false;
  let waits = false;
  const say = (/** @type {number} */ seconds, /** @type {string} */ what) =>
    console.error(`${seconds.toFixed(0).padStart(4)} s  ${what}`);
  return {
    measuring({ warmingUp, seconds, latest }) {
      if (warmingUp && !warm) console.error('warming up until the caches of the fixed app are full');
      warm = true;
      if (warmingUp || seconds < next) return;
      next = seconds + LINE_EVERY.measuring;
      const at = (/** @type {'leaking' | 'fixed'} */ name) =>
        `${name} ${mib(latest[name]?.floor)}, ${latest[name]?.entries} entries`;
      say(seconds, `${at('leaking')}; ${at('fixed')}`);
    },
    waiting({ seconds, verdicts: { leaking, fixed } }) {
      if (!waits) console.error(`waiting for the verdicts, until ${WAIT_UNTIL} s after the start at most`);
      if (!waits) next = 0;
      waits = true;
      if (seconds < next) return;
      next = seconds + LINE_EVERY.waiting;
      say(seconds, `leaking ${leaking}; fixed ${fixed}`);
    },
    stop() {},
  };
}
