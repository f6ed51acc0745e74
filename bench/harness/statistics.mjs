/** Medians and paired ratios: what survives on a machine that does other things as well. */

/** The median of the finite numbers in `values`; undefined when there are none. */
export function median(values) {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, smallest and largest of the finite numbers in `values`; undefined when there are none. */
export function spread(values) {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  return { median: median(finite), min: Math.min(...finite), max: Math.max(...finite), n: finite.length };
}

/**
 * The spread of `top[i] / bottom[i]`. Both were measured in the same round, a moment apart, so that what
 * slowed the machine down for a while slowed both down; the ratio of two medians would not profit from that.
 */
export function pairedRatio(top, bottom) {
  const ratios = top.map((value, round) => value / bottom[round]);
  return spread(ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0));
}

/**
 * Times by round and turn, less those of the loop alone that ran next to them.
 *
 * @param {number[][]} times
 * @param {number[][]} loop
 */
export function netOfLoop(times, loop) {
  return times.map((turns, round) => turns.map((time, turn) => time - (loop[round]?.[turn] ?? Number.NaN)));
}

/**
 * The spread of the rounds' ratios, where contenders took turns: a round's is the median of those of its turns, which were
 * seconds apart, when the round's own medians may be of different times.
 *
 * @param {number[][]} top
 * @param {number[][]} bottom
 */
export function turnRatio(top, bottom) {
  const ratios = top.map((turns, round) =>
    median(turns.map((time, turn) => time / (bottom[round]?.[turn] ?? Number.NaN))),
  );
  return spread(ratios.map((ratio) => ratio ?? Number.NaN).filter((ratio) => ratio > 0));
}
