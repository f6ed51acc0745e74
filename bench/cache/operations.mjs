/**
 * The measured loops. A process runs one of them with one cache, so every call in it stays monomorphic. What
 * they compute is returned and used, so that nothing can be left out.
 */

/** @typedef {(cache: any, keyOf: (id: number) => any, ids: Uint32Array, values: { n: number }[], from: number, to: number) => number} Operation */

/** Values are objects of one shape; few of them, so that they stay in the processor's cache. */
export const VALUES = 1024;

/** Reads keys that are there. Returns the number of hits. @type {Operation} */
export function getHit(cache, keyOf, ids, _values, from, to) {
  let hits = 0;
  for (let i = from; i < to; i++) {
    const value = cache.get(keyOf(ids[i]));
    if (value !== undefined) hits += value.n;
  }
  return hits;
}

/** Reads, and writes what was not there. Returns the number of hits. @type {Operation} */
export function getOrSet(cache, keyOf, ids, values, from, to) {
  let hits = 0;
  for (let i = from; i < to; i++) {
    const id = ids[i];
    const key = keyOf(id);
    const value = cache.get(key);
    if (value !== undefined) hits += value.n;
    else cache.set(key, values[id & (VALUES - 1)]);
  }
  return hits;
}

/** Writes keys that are not there, into a full cache. Returns the number of operations. @type {Operation} */
export function setEvict(cache, keyOf, ids, values, from, to) {
  for (let i = from; i < to; i++) {
    const id = ids[i];
    cache.set(keyOf(id), values[id & (VALUES - 1)]);
  }
  return to - from;
}
