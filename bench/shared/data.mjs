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

const THOUSANDS = Array.from({ length: 10_000 }, (_, i) => `${10_000 + i}`);
const BELOW = Array.from({ length: 1000 }, (_, i) => `${i}`.padStart(3, '0'));

/**
 * As an application makes them, anew for every request, of text that is there, as in a URL: `user:10000000` and on, for up to
 * ten million. Made of a number instead, its text would go to V8's cache of those; what is there is copied by each garbage
 * collection, so by more of them the longer a store's values are, which no empty loop shows.
 */
export const keyOf = (number) => `user:${THOUSANDS[Math.trunc(number / 1000)]}${BELOW[number % 1000]}`;

/** Different values, as many as are needed for sizes to mix. */
export function makeValues(size) {
  const random = randomSource(7);
  return Array.from({ length: 1024 }, (_, i) => {
    const length = SIZES[size](random());
    return Buffer.alloc(length, `${i} lorem ipsum dolor `).toString('latin1');
  });
}
