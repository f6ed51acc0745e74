/** The size of what is set. */

import { isPositiveInteger } from './read-options';
import type { LruSizeCalculator } from './types';

/**
 * The size that was given, or else `fallback`, or else the one that is calculated.
 *
 * @throws TypeError in the words of lru-cache
 */
export function measure<K, V>(
  key: K,
  value: V,
  given: number | undefined,
  fallback: number | undefined,
  sizeCalculation: LruSizeCalculator<K, V> | undefined,
): number {
  if (isPositiveInteger(given)) return given;
  if (fallback !== undefined) return fallback;
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

/** Where no sizes are kept, there is nothing to give. */
export function refuseSize(given: number | undefined, sizeCalculation: unknown): 0 {
  if (!given && !sizeCalculation) return 0;
  throw new TypeError('cannot set size without setting maxSize or maxEntrySize on cache');
}
