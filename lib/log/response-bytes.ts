/**
 * Counts the bytes of a response's body by wrapping its `write` and `end`. Nothing else tells them: a socket's count
 * includes headers, framing and, with pipelining, other responses. Compression that is set up later wraps outside of
 * this, so that what goes out is counted.
 */

/** A `write` or `end`. */
export type Method = (this: object, ...args: unknown[]) => unknown;

/** What is wrapped, as little of it as is needed. */
interface Writable {
  write?: unknown;
  end?: unknown;
}

/** The count so far. */
export interface ByteCount {
  bytes: number;
}

/**
 * Counts what is written to `response` from now on. The wrappers refer to the count and to nothing of the request; they
 * stay, as taking a property away makes V8 turn the whole response into a dictionary.
 */
export function countBytes(response: object): ByteCount {
  const target = response as Writable;
  const count: ByteCount = { bytes: 0 };
  for (const name of ['write', 'end'] as const) {
    const original = target[name];
    if (typeof original !== 'function') continue;
    target[name] = function (this: object, ...args: unknown[]): unknown {
      return countCall(count, original as Method, this, args);
    };
  }
  return count;
}

/** Calls a `write` or `end` and counts what it was given. */
export function countCall(count: ByteCount, method: Method, response: object, args: unknown[]): unknown {
  const before = count.bytes;
  const result: unknown = Reflect.apply(method, response, args);
  // `end` of HTTP/2 calls `write`, which has counted then.
  if (count.bytes === before) count.bytes += lengthOf(args[0], args[1]);
  return result;
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}
