/** Deterministic randomness: every contender, round and run sees the same sequence of ids. */

/** A generator of numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function randomSource(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A 32-bit hash of an integer (the finalizer of MurmurHash3). */
export function mix(value) {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `count` ids drawn uniformly from [0, range). */
export function uniformIds(count, range, seed) {
  const random = randomSource(seed);
  return Uint32Array.from({ length: count }, () => Math.floor(random() * range));
}

/**
 * `count` ids drawn from [0, range) by Zipf's law with the given exponent (not 1). The ranks are scattered over
 * the ids, as the hottest keys of a real cache are not the ones that were made first.
 */
export function zipfIds(count, range, exponent, seed) {
  const random = randomSource(seed);
  const rank = zipfRank(range, exponent, random);
  const step = coprimeTo(range);
  return Uint32Array.from({ length: count }, () => ((rank() - 1) * step) % range);
}

/** The ids [0, range) in a random order. */
export function shuffledIds(range, seed) {
  const random = randomSource(seed);
  const ids = Uint32Array.from({ length: range }, (_, id) => id);
  for (let i = range - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [ids[i], ids[j]] = [ids[j], ids[i]];
  }
  return ids;
}

/**
 * A sampler of ranks 1..n by rejection-inversion (Hörmann and Derflinger 1996): no table of n weights, which
 * would take longer to fill than the ids take to draw.
 */
function zipfRank(n, exponent, random) {
  const weight = (x) => Math.exp(-exponent * Math.log(x));
  const integral = (x) => Math.expm1((1 - exponent) * Math.log(x)) / (1 - exponent);
  const inverse = (y) => Math.exp(Math.log1p(y * (1 - exponent)) / (1 - exponent));
  const low = integral(1.5) - 1;
  const high = integral(n + 0.5);
  const sure = 2 - inverse(integral(2.5) - weight(2));
  return () => {
    for (;;) {
      const y = high + random() * (low - high);
      const x = inverse(y);
      const k = Math.min(n, Math.max(1, Math.round(x)));
      if (k - x <= sure || y >= integral(k + 0.5) - weight(k)) return k;
    }
  };
}

/** A number near the golden section of `range` without a common divisor, so that multiples of it visit every id. */
function coprimeTo(range) {
  const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));
  let step = Math.max(1, Math.floor(range * 0.618));
  while (gcd(step, range) !== 1) step++;
  return step;
}
