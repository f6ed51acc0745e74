/** The few statistics that the demo needs. */

/**
 * @param {ArrayLike<number>} values
 * @param {number} share 0.5 for the median, 0.99 for the 99th percentile
 */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  return below + (sorted[Math.ceil(position)] - below) * (position % 1);
}

/**
 * The Theil–Sen slope: the median of the slopes between all pairs of points. One sample that caught a
 * half-closed connection, or the compiler at work, does not tilt it as it would tilt a least-squares line.
 *
 * @param {readonly { x: number, y: number }[]} points
 */
export function theilSen(points) {
  const slopes = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) {
      if (b.x !== a.x) slopes.push((b.y - a.y) / (b.x - a.x));
    }
  }
  return quantile(slopes, 0.5);
}
