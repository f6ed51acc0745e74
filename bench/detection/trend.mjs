/** The simple rule that is to be beaten, and the slope that is taken for the truth. */

import { median } from '../harness/statistics.mjs';

/**
 * Mann–Kendall's statistic of a series: how many standard deviations the number of rising pairs is above what
 * chance gives (Mann 1945, Kendall 1975; with the correction for ties).
 *
 * @param {number[]} values
 */
export function mannKendall(values) {
  const n = values.length;
  if (n < 3) return 0;
  let rising = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) rising += Math.sign(values[j] - values[i]);
  }
  const ties = new Map();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  const term = (count) => count * (count - 1) * (2 * count + 5);
  const variance = [...ties.values()].reduce((sum, count) => sum - term(count), term(n)) / 18;
  return variance > 0 ? (rising - Math.sign(rising)) / Math.sqrt(variance) : 0;
}

/**
 * The median of the slopes of all pairs (Theil 1950, Sen 1968).
 *
 * @param {number[]} x increasing
 * @param {number[]} y
 */
export function medianSlope(x, y) {
  const slopes = [];
  for (let i = 0; i < x.length; i++) {
    for (let j = i + 1; j < x.length; j++) {
      if (x[j] > x[i]) slopes.push((y[j] - y[i]) / (x[j] - x[i]));
    }
  }
  return median(slopes);
}
