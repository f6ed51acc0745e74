/**
 * Hashing a string key by a few well-chosen characters.
 *
 * JavaScript cannot ask V8 for a string's hash, and reading a whole key costs 2 ns a character. But the keys
 * of one cache are alike (`user:123:cart`), so a few positions tell them apart, as in a perfect-hash
 * generator (gperf; Cichelli, CACM 1980). `chooseProbes` finds them in a sample of the keys in use. A bad
 * choice costs time, never correctness: keys that collide too often are kept in an ordinary `Map`.
 */

/** At most this many characters of a key are read. */
export const MAX_PROBES = 12;
/** Positions further than this from both ends are not considered. */
const REACH = 64;
/** Keys looked at to choose positions: 256 × 128 characters take about a quarter of a millisecond. */
export const SAMPLE = 256;

/**
 * A position: `1` is the last character, `2` the one before; `-1` is the first, `-2` the second, because a
 * subtraction from the length is what the hot path does fastest.
 */
export type Probe = number;

/** Where keys usually differ, until there is a sample. */
export const DEFAULT_PROBES: readonly Probe[] = [1, 2, 3, 4];

/** The index a probe reads in a string of `length` characters; may lie outside. */
export function probeIndex(probe: Probe, length: number): number {
  return probe > 0 ? length - probe : -1 - probe;
}

/** A position with the symbols the sample shows there. */
interface Column {
  probe: Probe;
  /** Collision entropy, −log2 Σp²: the bits this position contributes if it is independent of the others. */
  bits: number;
}

/**
 * Chooses the fewest positions that promise to tell `2 ** bits` keys apart, judging by `keys`; at least four
 * where there are any that differ.
 */
export function chooseProbes(keys: readonly string[], bits: number): Probe[] {
  const columns: Column[] = [];
  for (let distance = 1; distance <= REACH; distance++) {
    for (const probe of [distance, -distance]) {
      const found = entropyAt(keys, probe);
      if (found > 0.05) columns.push({ probe, bits: found });
    }
  }
  // The sort is stable, so that among equals the positions nearest to an end come first.
  columns.sort((a, b) => b.bits - a.bits);
  const chosen: Probe[] = [];
  let total = 0;
  for (const column of columns) {
    if (chosen.length === MAX_PROBES || (total >= bits && chosen.length >= DEFAULT_PROBES.length)) break;
    if (chosen.some((probe) => mostlySame(keys, probe, column.probe))) continue;
    chosen.push(column.probe);
    total += column.bits;
  }
  for (const probe of DEFAULT_PROBES) {
    if (chosen.length >= DEFAULT_PROBES.length) break;
    if (!chosen.includes(probe)) chosen.push(probe);
  }
  return chosen;
}

function entropyAt(keys: readonly string[], probe: Probe): number {
  const counts = new Map<number, number>();
  for (const key of keys) {
    const index = probeIndex(probe, key.length);
    const symbol = index >= 0 && index < key.length ? key.charCodeAt(index) : -1;
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  }
  if (counts.size < 2) return 0;
  let pairs = 0;
  for (const count of counts.values()) pairs += (count / keys.length) ** 2;
  return -Math.log2(pairs);
}

/** Whether two probes, one from each end, read the same character in most of the keys. */
function mostlySame(keys: readonly string[], a: Probe, b: Probe): boolean {
  if (a > 0 === b > 0) return false;
  let same = 0;
  for (const key of keys) {
    if (probeIndex(a, key.length) === probeIndex(b, key.length)) same++;
  }
  return same * 2 > keys.length;
}
