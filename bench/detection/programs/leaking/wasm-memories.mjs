/** Gives each picture filter its own WebAssembly memory and keeps it. */

import { idOf, sendJson } from '../data.mjs';

// The types of Node leave it to those of browsers.
const { WebAssembly } = /** @type {any} */ (globalThis);

export const place = 'external';
export const alsoRight = ['native'];
export const why = 'WebAssembly memories of 128 KB stay in a Map, one for each fiftieth request';

export function app() {
  const filters = new Map();
  return (req, res) => {
    const id = idOf(req);
    if (id % 50 === 0) {
      const memory = new WebAssembly.Memory({ initial: 2, maximum: 4 });
      new Uint8Array(memory.buffer).fill(id % 256);
      filters.set(id, memory);
    }
    sendJson(res, {
      id,
      filter: 'sepia',
      sizes: [64, 128, 256, 512].map((width) => ({ width, height: width })),
    });
  };
}
