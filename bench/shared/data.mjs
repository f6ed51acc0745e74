/** Keys and values that are the same in every process. */

/** Bytes of a value, by the name of the row. */
export const SIZES = {
  '100B': () => 100,
  '4KB': () => 4096,
  // Each doubling of the size is as frequent: many small ones and few large.
  mixed: (random) => Math.round(100 * 2 ** (random * Math.log2(40.96))),
};

export const meanSize = { '100B': 100, '4KB': 4096, mixed: 1076 };

/** Numbers from 0 to 1, the same each time. */
export function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The lower bits repeat soon.
    return (state >>> 4) / 2 ** 28;
  };
}

/** As an application makes them, anew for every request. */
export const keyOf = (number) => `user:${10_000_000 + number}`;

/** Different values, as many as are needed for sizes to mix. */
export function makeValues(size) {
  const random = generator(7);
  return Array.from({ length: 1024 }, (_, i) => {
    const length = SIZES[size](random());
    return Buffer.alloc(length, `${i} lorem ipsum dolor `).toString('latin1');
  });
}

/** The numbers from 0 to `count`, in an order without order. */
export function shuffled(count) {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  const random = generator(11);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
