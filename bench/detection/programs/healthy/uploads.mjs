/** Receives pictures, hashes them and lets them go. */

import { createHash } from 'node:crypto';
import { readBody, sendJson, text } from '../data.mjs';

export const why = '64 KB of Buffers per request outside the heap, freed when V8 gets round to it';
const picture = text(64_000);
export const traffic = { path: (n) => `/pictures/${n}`, body: () => picture, rate: 300 };

export function app() {
  return async (req, res) => {
    const body = await readBody(req);
    sendJson(res, { size: body.length, hash: createHash('sha256').update(body).digest('hex') });
  };
}
