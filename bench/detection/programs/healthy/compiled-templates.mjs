/** Compiles templates and keeps the two hundred used last. */

import { LRUCache } from 'lru-cache';
import { idOf, sendJson } from '../data.mjs';

export const why = 'code and its metadata are made and dropped all the time; V8 drops code late';

export function app() {
  /** @type {LRUCache<number, Function>} */
  const compiled = new LRUCache({ max: 200 });
  return (req, res) => {
    const id = idOf(req);
    const number = Math.floor(id / 5);
    let run = compiled.get(number);
    if (run === undefined) {
      run = new Function(
        'values',
        `return 'Dear ' + values.name + ', order ${number} of ' + values.count + ' leaves.';`,
      );
      compiled.set(number, run);
    }
    sendJson(res, { mail: run({ name: 'Ada', count: id % 9 }) });
  };
}
