/** Receives pictures and keeps every one for a "preview". */

import { createHash } from 'node:crypto';
import { readBody, sendJson, text } from '../data.mjs';

export const place = 'external';
export const why = 'uploads stay in an array of Buffers, 8 KB each';
export const perRequest = 8192;
const picture = text(8192);
export const traffic = { path: (n) => `/pictures/${n}`, body: () => picture };

export function app() {
  /** @type {Buffer[]} */
  const previews = [];
  return async (req, res) => {
    const body = await readBody(req);
    // concat of one chunk copies: the bytes are the array's own.
    previews.push(Buffer.concat([body]));
    sendJson(res, { size: body.length, hash: createHash('sha1').update(body).digest('hex') });
  };
}
