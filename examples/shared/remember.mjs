/** Read-through caching: the one way in which the shop uses its caches. */

/**
 * What the shop asks of a cache. A `Map` can do it, and so can a `BoundedCache`.
 *
 * @typedef {object} Cache
 * @property {(key: string) => any} get
 * @property {(key: string, value: any) => unknown} set
 * @property {number} size
 * @property {number} [maxEntries]
 */

/** Counted here and not by the caches, since a `Map` counts nothing. */
export const lookups = { hits: 0, misses: 0 };

/**
 * The value under `key`, made and kept if there is none.
 *
 * @template T
 * @param {Cache} cache
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
export function remember(cache, key, make) {
  const known = cache.get(key);
  if (known !== undefined) {
    lookups.hits++;
    return known;
  }
  lookups.misses++;
  const made = make();
  cache.set(key, made);
  return made;
}
