/** Keys and values that are the same in every process. */

import { randomSource } from '../harness/random.mjs';

/** Bytes of a value, by the name of the row. */
export const SIZES = {
  '100B': () => 100,
  '4KB': () => 4096,
  // Each doubling of the size is as frequent: many small ones and few large.
  mixed: (random) => Math.round(100 * 2 ** (random * Math.log2(40.96))),
};

export const meanSize = { '100B': 100, '4KB': 4096, mixed: 1076 };

/** As an application makes them, anew for every request. */
export const keyOf = (number) => `user:${10_000_000 + number}`;

/** Different values, as many as are needed for sizes to mix. */
export function makeValues(size) {
  const random = randomSource(7);
  return Array.from({ length: 1024 }, (_, i) => {
    const length = SIZES[size](random());
    return Buffer.alloc(length, `${i} lorem ipsum dolor `).toString('latin1');
  });
}
