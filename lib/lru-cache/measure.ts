/** The size of what is set. */

import { isPositiveInteger } from './read-options';
import type { LruSizeCalculator } from './types';

/** Whether a cache keeps sizes, and how. */
interface Sizes<K, V> {
  isSized: boolean;
  sizeCalculation: LruSizeCalculator<K, V> | undefined;
  /** What a fetch under way counts as; `undefined` if the value is none. */
  fetchSize: number | undefined;
}

/**
 * The size that was given or is calculated; 0 where none are kept.
 *
 * @throws TypeError in the words of lru-cache
 */
export function measure<K, V>(key: K, value: V, given: number | undefined, sizes: Sizes<K, V>): number {
  const { isSized, sizeCalculation, fetchSize } = sizes;
  if (!isSized) {
    if (!given && !sizeCalculation) return 0;
    throw new TypeError('cannot set size without setting maxSize or maxEntrySize on cache');
  }
  if (isPositiveInteger(given)) return given;
  // What it resolves to is measured then.
  if (fetchSize !== undefined) return fetchSize;
  if (!sizeCalculation) {
    throw new TypeError(
      'invalid size value (must be positive integer). When maxSize or maxEntrySize is used, ' +
        'sizeCalculation or size must be set.',
    );
  }
  if (typeof sizeCalculation !== 'function') throw new TypeError('sizeCalculation must be a function');
  const size = sizeCalculation(value, key);
  if (isPositiveInteger(size)) return size;
  throw new TypeError('sizeCalculation return invalid (expect positive integer)');
}
