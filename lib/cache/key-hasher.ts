/**
 * Hashes the keys of one cache, by the characters that tell them apart. The base of `KeyIndex` rather than a part of it:
 * what a look-up needs is then one object.
 */

import { DEFAULT_PROBES, hashInteger, MIX, MIX_HIGH, type Probe, probeIndex } from './key-hash';

/** Longer than any string. */
const NEVER = 2 ** 30;

export class KeyHasher {
  /** The characters to read; see `key-hash.ts`. */
  #probes: readonly Probe[] = [];
  /**
   * The first six that are counted from the end, as fields, because a loop over an array costs twice as much. Three
   * there always are; 0 stands for none.
   */
  #d0 = 1;
  #d1 = 1;
  #d2 = 1;
  #d3 = 0;
  #d4 = 0;
  #d5 = 0;
  /** The others: a mask for the length and an offset for each. */
  #rest = new Int32Array(0);
  #left = 0;
  /** Keys at least this long have a character in each place: then `hashQuickly` will do. */
  protected quick = 0;

  constructor() {
    this.use(DEFAULT_PROBES);
  }

  /** Makes these the places that are read, at least three; whether that changes any hash. */
  protected use(probes: readonly Probe[]): boolean {
    // The same in another order hash as well.
    if (probes.length === this.#probes.length && probes.every((probe) => this.#probes.includes(probe)))
      return false;
    const fromEnd = probes.filter((probe) => probe > 0);
    const rest = [...fromEnd.slice(6), ...probes.filter((probe) => probe < 0)];
    this.#probes = probes;
    [this.#d0, this.#d1, this.#d2] = [fromEnd[0] ?? 1, fromEnd[1] ?? 1, fromEnd[2] ?? 1];
    [this.#d3, this.#d4, this.#d5] = [fromEnd[3] ?? 0, fromEnd[4] ?? 0, fromEnd[5] ?? 0];
    this.#left = rest.length;
    // For both ends the index is `(length & mask) + offset`.
    this.#rest = Int32Array.from(rest.flatMap((probe) => [probe > 0 ? -1 : 0, probeIndex(probe, 0)]));
    const suits = fromEnd.length > 3 || (fromEnd.length === 3 && rest.length === 0);
    this.quick = suits ? Math.max(...probes.map(Math.abs)) : NEVER;
    return true;
  }

  /** The hash of a string or an integer. */
  protected hash(key: string | number): number {
    if (typeof key !== 'string') return hashInteger(key);
    return key.length >= this.quick ? this.hashQuickly(key) : this.#hashCarefully(key);
  }

  /** For keys that have all the characters. Exclusive or, because sums are checked for overflow. */
  protected hashQuickly(key: string): number {
    const length = key.length;
    let hash = (length << 21) ^ key.charCodeAt((length - this.#d0) | 0);
    hash ^= key.charCodeAt((length - this.#d1) | 0) << 7;
    hash ^= key.charCodeAt((length - this.#d2) | 0) << 14;
    hash = Math.imul(hash, MIX);
    // Fibonacci hashing (Knuth, TAOCP 3, 6.4): the upper bits are the best, so they select the home.
    if (this.#d3 === 0) return (hash >>> 20) | (hash << 12);
    let more = key.charCodeAt((length - this.#d3) | 0);
    if (this.#d4 !== 0) {
      more ^= key.charCodeAt((length - this.#d4) | 0) << 7;
      if (this.#d5 !== 0) more ^= key.charCodeAt((length - this.#d5) | 0) << 14;
    }
    hash ^= Math.imul(more, MIX_HIGH);
    const left = this.#left;
    for (let i = 0; i < left; i++) {
      const at = (length & (this.#rest[2 * i] as number)) + (this.#rest[2 * i + 1] as number);
      hash = Math.imul(hash, MIX_HIGH) ^ key.charCodeAt(at | 0);
    }
    return hash ^ (hash >>> 13);
  }

  /** For keys too short for that, and where too few characters are counted from the end. */
  #hashCarefully(key: string): number {
    const { length } = key;
    let hash = Math.imul(length, MIX_HIGH);
    for (const probe of this.#probes) {
      const at = probeIndex(probe, length);
      if (at >= 0 && at < length) hash ^= key.charCodeAt(at);
      hash = Math.imul(hash ^ (hash >>> 15), MIX_HIGH);
    }
    return hash ^ (hash >>> 15);
  }
}

/** Whether a key has a cheap hash. */
export function isHashable(key: unknown): key is string | number {
  return typeof key === 'string' || (typeof key === 'number' && Math.floor(key) === key);
}
