/**
 * Hashing a string key by a few well-chosen characters.
 *
 * JavaScript cannot ask V8 for a string's hash, and reading a whole key costs 2 ns a character. But the keys
 * of one cache are alike (`user:123:cart`), so a few positions tell them apart, as in a perfect-hash
 * generator (gperf; Cichelli, CACM 1980). `chooseProbes` finds them in a sample of the keys in use. A bad
 * choice costs time, never correctness: keys that collide too often are kept in an ordinary `Map`.
 */

/** Odd multipliers with well-spread bits: 2^32 divided by the golden ratio, and one from MurmurHash3. */
export const MIX = 0x9e3779b1;
export const MIX_HIGH = 0x85ebca6b;
/** At most this many characters of a key are read. */
export const MAX_PROBES = 12;
/** Positions compared with one another, the best by themselves. */
const CANDIDATES = 20;
/** And never fewer. */
const MIN_PROBES = 3;
/** Positions further than this from both ends are not considered. */
const REACH = 64;
/** Keys looked at to choose positions, which takes two or three milliseconds. */
export const SAMPLE = 512;
/** Bits up to which a sample of that size can be trusted: at 14, eight pairs are left to be told apart. */
const TRUSTED = 14;

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

/** Characters of a key that its fingerprint reads. */
const FINGERPRINTED = 64;

/**
 * A number that stands for a key where the key itself is not kept: equal keys have equal ones, and different keys
 * rarely do, which a hash of a few characters could not promise. 0 for keys that have no cheap number.
 */
export function fingerprint(key: unknown): number {
  if (typeof key === 'number') return Math.floor(key) === key ? hashInteger(key) : 0;
  if (typeof key !== 'string') return 0;
  let hash = key.length;
  const step = Math.max(1, Math.floor(key.length / FINGERPRINTED));
  for (let at = 0; at < key.length; at += step) hash = Math.imul(hash ^ key.charCodeAt(at), MIX);
  hash = Math.imul(hash ^ (hash >>> 15), MIX_HIGH);
  return hash ^ (hash >>> 13);
}

/** A hash of an integer of any size. */
export function hashInteger(key: number): number {
  // `| 0` takes the low 32 bits of any integer up to 2^53; larger ones only collide more.
  let hash = Math.imul(key | 0, MIX);
  if (key > 0x7fffffff || key < -0x80000000) hash ^= Math.imul((key / 0x100000000) | 0, MIX_HIGH);
  hash = Math.imul(hash ^ (hash >>> 15), MIX_HIGH);
  return hash ^ (hash >>> 15);
}

/** A position, and what the sample shows there. */
interface Column {
  probe: Probe;
  /** Which symbol each key has there, numbered from 0. */
  codes: Uint8Array;
  /** What the position tells by itself, in bits. */
  bits: number;
  /** At most this much beyond each single one of the positions chosen. */
  beyond: number;
  /** 1 for each key in which a chosen position reads the same character, counted from the other end. */
  covered: Uint8Array;
}

/** Positions that tell less than this many bits more are not worth reading once there are a few better ones. */
const WORTHWHILE = 0.5;

/** Bits a position counted from the start must tell more than one from the end, which is read faster. */
const FROM_START = 0.25;

/**
 * Chooses the fewest positions that promise to tell `2 ** bits` keys apart, judging by `keys`, which must be
 * different: three to twelve. Greedy: the next is the one that tells most beyond those chosen before.
 */
export function chooseProbes(keys: readonly string[], bits: number): Probe[] {
  const columns = columnsOf(keys);
  const chosen: Probe[] = [];
  const groups = new Groups(keys.length);
  let total = 0;
  while (chosen.length < MAX_PROBES && columns.length > 0) {
    let best = columns[0] as Column;
    let most = 0;
    let highest = Number.NEGATIVE_INFINITY;
    for (const column of columns) {
      const news = newsOf(column, groups, total);
      const score = column.probe > 0 ? news : news - FROM_START;
      if (score <= highest) continue;
      best = column;
      most = news;
      highest = score;
    }
    if (chosen.length >= MIN_PROBES && (total >= bits || most < WORTHWHILE)) break;
    total += most;
    chosen.push(best.probe);
    columns.splice(columns.indexOf(best), 1);
    groups.split(best.codes);
    learn(columns, best, keys);
  }
  for (const probe of DEFAULT_PROBES) {
    if (chosen.length >= MIN_PROBES) break;
    if (!chosen.includes(probe)) chosen.push(probe);
  }
  return chosen;
}

/** The positions that tell most by themselves; among equals those nearest to an end, as the sort is stable. */
function columnsOf(keys: readonly string[]): Column[] {
  const single = new Groups(keys.length);
  const columns: Column[] = [];
  let longest = 0;
  for (const key of keys) longest = Math.max(longest, key.length);
  for (let distance = 1; distance <= Math.min(REACH, longest); distance++) {
    for (const probe of [distance, -distance]) {
      if (isConstant(keys, probe)) continue;
      const codes = codesAt(keys, probe);
      const bits = single.entropyWith(codes);
      if (bits < 0.05) continue;
      columns.push({ probe, codes, bits, beyond: bits, covered: new Uint8Array(keys.length) });
    }
  }
  return columns.sort((a, b) => b.bits - a.bits).slice(0, CANDIDATES);
}

/** Whether the first keys agree at a position, as they do in a common prefix: then it is not worth a count. */
function isConstant(keys: readonly string[], probe: Probe): boolean {
  const first = keys[0] as string;
  const symbol = first.charCodeAt(probeIndex(probe, first.length));
  for (let i = 1; i < Math.min(keys.length, 32); i++) {
    const key = keys[i] as string;
    if (!Object.is(key.charCodeAt(probeIndex(probe, key.length)), symbol)) return false;
  }
  return true;
}

/**
 * What a position tells beyond those chosen: measured while the sample can show it, and a careful guess once it
 * is told apart.
 */
function newsOf({ codes, bits, beyond, covered }: Column, groups: Groups, total: number): number {
  const joint = groups.entropyWith(codes);
  if (joint <= TRUSTED) return joint - total;
  let same = 0;
  for (const one of covered) same += one;
  return Math.max(TRUSTED - total, Math.min(beyond, bits * (1 - same / covered.length)));
}

/** Notes what `chosen` leaves for the others to tell. */
function learn(columns: readonly Column[], chosen: Column, keys: readonly string[]): void {
  const alone = new Groups(keys.length);
  alone.split(chosen.codes);
  for (const column of columns) {
    column.beyond = Math.min(column.beyond, alone.entropyWith(column.codes) - alone.bits);
    for (const [i, { length }] of keys.entries()) {
      if (probeIndex(column.probe, length) === probeIndex(chosen.probe, length)) column.covered[i] = 1;
    }
  }
}

function codesAt(keys: readonly string[], probe: Probe): Uint8Array {
  const codes = new Uint8Array(keys.length);
  const numbers = new Map<number, number>();
  for (const [i, key] of keys.entries()) {
    const index = probeIndex(probe, key.length);
    const symbol = index >= 0 && index < key.length ? key.charCodeAt(index) : -1;
    let code = numbers.get(symbol);
    if (code === undefined) {
      code = Math.min(numbers.size, 255);
      numbers.set(symbol, code);
    }
    codes[i] = code;
  }
  return codes;
}

/** The sample, parted into groups of keys that the positions chosen so far cannot tell apart. */
class Groups {
  readonly #ids: Int32Array;
  readonly #table: Int32Array;
  readonly #counts: Int32Array;
  /** Collision entropy of the groups: −log2 of the probability that two different keys share one. */
  bits = 0;

  constructor(length: number) {
    this.#ids = new Int32Array(length);
    this.#counts = new Int32Array(length);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(2 * length + 2)));
  }

  /** The entropy if the groups were split by one more position. */
  entropyWith(codes: Uint8Array, into?: Int32Array): number {
    const table = this.#table.fill(0);
    const counts = this.#counts;
    const mask = table.length - 1;
    const seen: number[] = [];
    let agreeing = 0;
    for (let i = 0; i < codes.length; i++) {
      const pair = (this.#ids[i] as number) * 256 + (codes[i] as number);
      let at = Math.imul(pair, 0x9e3779b1) >>> 7;
      let group = 0;
      for (; ; at++) {
        group = table[at & mask] as number;
        if (group === 0 || seen[group - 1] === pair) break;
      }
      if (group === 0) {
        group = seen.push(pair);
        table[at & mask] = group;
        counts[group - 1] = 0;
      }
      agreeing += counts[group - 1] as number;
      counts[group - 1] = (counts[group - 1] as number) + 1;
      if (into !== undefined) into[i] = group - 1;
    }
    const pairs = (codes.length * (codes.length - 1)) / 2;
    return -Math.log2(Math.max(agreeing, 0.5) / pairs);
  }

  split(codes: Uint8Array): void {
    const ids = new Int32Array(this.#ids.length);
    this.bits = this.entropyWith(codes, ids);
    this.#ids.set(ids);
  }
}
