/** How far the run is: a bar on a terminal, a line now and then elsewhere. On stderr; stdout is for results. */

import cliProgress from 'cli-progress';
import { mib } from './words.mjs';

/** @typedef {import('./measure.mjs').Progress} Progress */

/** Without a terminal, seconds between two lines. */
const LINE_EVERY = 5;
/** What is shown, by how many columns it takes beside the bar. */
const FORMATS = [
  { columns: 66, format: '{phase} [{bar}] {time} | floor: leaking {leaking}, fixed {fixed}' },
  { columns: 36, format: '[{bar}] {time} | {leaking} : {fixed}' },
];
const BAR = { least: 5, most: 40 };

/** @param {number} seconds */
export function createProgress(seconds) {
  return process.stderr.isTTY ? bar(seconds) : lines();
}

/** @param {number} seconds */
function bar(seconds) {
  const columns = process.stderr.columns || 80;
  const shown =
    FORMATS.find((format) => format.columns + BAR.least <= columns) ?? FORMATS[FORMATS.length - 1];
  const progress = new cliProgress.SingleBar({
    stream: process.stderr,
    format: shown.format,
    barsize: Math.min(BAR.most, Math.max(BAR.least, columns - shown.columns)),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    clearOnComplete: true,
  });
  const total = Math.round(seconds);
  progress.start(total, 0, { phase: 'starting', time: '', leaking: '-', fixed: '-' });
  return {
    /** @param {Progress} progress */
    update({ warmingUp, seconds: gone, latest }) {
      progress.update(gone, {
        phase: warmingUp ? 'warming up' : 'measuring',
        time: `${Math.floor(gone)} of ${total} s`,
        leaking: mib(latest.leaking?.floor),
        fixed: mib(latest.fixed?.floor),
      });
    },
    stop: () => progress.stop(),
  };
}

function lines() {
  let next = 0;
  let warm = false;
  return {
    /** @param {Progress} progress */
    update({ warmingUp, seconds, latest }) {
      if (warmingUp && !warm) console.error('warming up until the caches of the fixed app are full');
      warm = true;
      if (warmingUp || seconds < next) return;
      next = seconds + LINE_EVERY;
      const at = (/** @type {'leaking' | 'fixed'} */ name) =>
        `${name} ${mib(latest[name]?.floor)}, ${latest[name]?.entries} entries`;
      console.error(`${seconds.toFixed(0).padStart(4)} s  ${at('leaking')}; ${at('fixed')}`);
    },
    stop() {},
  };
}
