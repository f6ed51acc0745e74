/**
 * Targets: what the project set out to reach, beside what was measured. They inform; a benchmark fails a build
 * only where `--strict` asks for it, because a time is a property of the machine as well.
 */

import { number } from './table.mjs';

/**
 * @typedef {object} Target
 * @property {string} name
 * @property {number | undefined} measured Undefined: the run did not measure it.
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {string} [unit]
 * @property {string} [detail]
 * @property {string[]} [unmeasured] Contenders the claim is about as well, but that were not run.
 */

/** @param {Target} target */
export function verdict({ measured, atLeast, atMost, unmeasured = [] }) {
  if (measured === undefined || !Number.isFinite(measured)) return 'SKIP';
  if (atLeast === undefined && atMost === undefined) return 'INFO';
  const met = measured >= (atLeast ?? -Infinity) && measured <= (atMost ?? Infinity);
  if (!met) return 'MISS';
  // Being ahead of some says nothing about the others; being behind one is enough.
  return unmeasured.length > 0 ? 'PART' : 'PASS';
}

/** @param {Target[]} targets */
export function renderTargets(targets) {
  const names = Math.max(...targets.map(({ name }) => name.length));
  const lines = targets.map((target) => {
    const { name, measured, atLeast, atMost, unit = '', detail } = target;
    const limit =
      atLeast !== undefined ? `≥ ${atLeast}${unit}` : atMost !== undefined ? `≤ ${atMost}${unit}` : '';
    const value = measured === undefined ? 'not measured' : `${number(measured, 2)}${unit}`;
    const note = detail && measured !== undefined ? `  (${detail})` : '';
    return `${verdict(target)}  ${name.padEnd(names)}  ${value.padStart(12)}  ${limit}${note}`.trimEnd();
  });
  const count = (word) => targets.filter((target) => verdict(target) === word).length;
  const total = `${count('PASS')} met, ${count('MISS')} missed, ${count('SKIP')} not measured, ${count('PART')} met among the contenders that ran`;
  return ['Targets', ...lines, total].join('\n');
}
