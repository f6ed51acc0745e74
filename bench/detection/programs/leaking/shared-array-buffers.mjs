/** Hands each job to a worker in shared memory, and keeps the memory by job number. */

import { idOf, sendJson } from '../data.mjs';

export const place = 'native';
// V8 counts shared buffers to no isolate: they show in the memory of the process alone.
export const alsoRight = ['external'];
export const why = 'a SharedArrayBuffer of 16 KB per job stays in a Map, for one request in five';
export const perRequest = 16_384 / 5;

export function app() {
  const jobs = new Map();
  return (req, res) => {
    const id = idOf(req);
    if (id % 5 === 0) {
      const input = new Float64Array(new SharedArrayBuffer(16_384));
      for (let i = 0; i < input.length; i++) input[i] = id + i;
      jobs.set(id, input);
    }
    sendJson(res, { id, queued: id % 5 === 0, estimate: `${id % 30} s` });
  };
}
