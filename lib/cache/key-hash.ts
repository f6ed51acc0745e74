/**
 * Hashing keys cheaply: strings by a few well-chosen characters, integers by a multiplication.
 *
 * JavaScript cannot ask V8 for a string's hash, and reading a whole key costs 2 ns a character. But the keys
 * of one cache are alike (`user:123:cart`), so a few positions tell them apart. Rust finds them in a sample of the
 * keys in use (`src/cache/probes.rs`). A bad choice costs time, never correctness: keys that collide too often
 * are kept in an ordinary `Map`.
 */

import { native } from '../native';

/** Odd multipliers with well-spread bits: 2^32 divided by the golden ratio, and one from MurmurHash3. */
export const MIX = 0x9e3779b1;
export const MIX_HIGH = 0x85ebca6b;
/** Keys looked at to choose positions. */
export const SAMPLE = 512;
/** Positions further than this from both ends are not considered. */
const REACH = 64;

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

/** Three to twelve positions that promise to tell `2 ** bits` keys like these, which must be different, apart. */
export function chooseProbes(keys: readonly string[], bits: number): Probe[] {
  // Of a long key, the ends, so that it need not be copied.
  const ends = keys.map((key) =>
    key.length <= 2 * REACH ? key : key.slice(0, REACH) + key.slice(key.length - REACH),
  );
  return native.chooseProbes(ends, bits);
}
