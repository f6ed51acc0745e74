/** How much may stay of each request, or call. */

import { invalidOption, outOfRange } from '../errors';

/** Bytes: above 0, at most a gibibyte. */
export function readBudget(name: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidOption(name, 'a number of bytes', value);
  if (!(value > 0 && value <= 2 ** 30))
    throw outOfRange(name, 'a number of bytes from above 0 to 1 GiB', value);
  return value;
}
