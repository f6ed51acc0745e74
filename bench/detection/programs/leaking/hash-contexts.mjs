/** Hashes uploads in parts; who never sends the last part leaves a hash behind. */

import { createHash } from 'node:crypto';
import { idOf, sendJson, text } from '../data.mjs';

export const place = 'heap';
// The state of the hash is OpenSSL's, the stream around it JavaScript's.
export const alsoRight = ['native'];
export const why = 'unfinished hashes, every second one, are kept in a Map';

export function app() {
  const unfinished = new Map();
  return (req, res) => {
    const id = idOf(req);
    const hash = createHash('sha512');
    hash.write(text(400));
    unfinished.set(id, hash);
    if (id % 2 === 0) {
      hash.end(() => unfinished.delete(id));
      hash.resume();
    }
    sendJson(res, { id, part: 1, of: 2 });
  };
}
