/** The statistics that a judgement needs: order statistics only, so that one odd round tilts nothing. */

/** A straight line through floors: bytes (or handles, …) per request. */
export interface Line {
  /** The Theil–Sen slope: the median of the slopes between all pairs of points. */
  slope: number;
  /** The lower end of its 95 % confidence interval. */
  low: number;
  /** The upper end. */
  high: number;
}

/** One floor: what was held once so many requests had been answered. */
export interface Point {
  requests: number;
  value: number;
}

/** The two-sided 95 % point of the normal distribution. */
const Z = 1.96;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * Theil–Sen slope and interval (Sen 1968): the interval's ends are slopes of pairs, as many places from the median as
 * the variance of Kendall's S says. With fewer than six points they are the least and the greatest slope.
 */
export function fitLine(points: readonly Point[]): Line {
  const slopes: number[] = [];
  for (const [i, a] of points.entries()) {
    for (const b of points.slice(i + 1)) {
      if (b.requests !== a.requests) slopes.push((b.value - a.value) / (b.requests - a.requests));
    }
  }
  if (slopes.length === 0)
    return { slope: Number.NaN, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  slopes.sort((a, b) => a - b);
  const n = points.length;
  const width = Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const below = Math.max(0, Math.floor((slopes.length - width) / 2));
  const above = slopes.length - 1 - below;
  return { slope: median(slopes), low: slopes[below] as number, high: slopes[above] as number };
}

/** By how much the value grew per request from each point to the next. */
export function rates(points: readonly Point[]): number[] {
  return points.slice(1).map((point, i) => {
    const before = points[i] as Point;
    return (point.value - before.value) / Math.max(1, point.requests - before.requests);
  });
}

/** Growth per request from the first point to the last. */
export function meanRate(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return (last.value - first.value) / Math.max(1, last.requests - first.requests);
}
