/** Serves a file by a stream, and closes it. */

import { createReadStream } from 'node:fs';

export const why = 'descriptors are opened and closed all the time, 64 KB of Buffers with each';
const FILE = new URL(import.meta.url);

export function app() {
  return (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/javascript' });
    createReadStream(FILE).pipe(res);
  };
}
