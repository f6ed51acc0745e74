import { createDeflateRaw } from 'node:zlib';

const encoders = new Map(); // leak

/** The encoder of an export, to which more may be written. */
export function encoderFor(id) {
  if (!encoders.has(id)) {
    const encoder = createDeflateRaw({ memLevel: 1, windowBits: 9, chunkSize: 1024 }); // leak
    encoder.on('end', () => encoders.delete(id));
    encoders.set(id, encoder); // leak
  }
  return encoders.get(id);
}
