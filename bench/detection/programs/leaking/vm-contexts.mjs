/** Evaluates the discount rule of each visitor in a context of its own, kept by visitor. */

import { createContext, runInContext } from 'node:vm';
import { idOf, product, sendJson } from '../data.mjs';

export const place = 'heap';
export const why = 'contexts of node:vm stay in a Map, one for each hundredth request';

export function app() {
  const contexts = new Map();
  return (req, res) => {
    const id = idOf(req);
    const found = product(id, 200);
    if (id % 100 === 0) {
      const context = createContext({ price: found.price });
      found.price = runInContext('price * 0.9', context);
      contexts.set(id, context);
    }
    sendJson(res, found);
  };
}
