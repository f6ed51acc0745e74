/**
 * Counts the bytes of a response's body by wrapping its `write` and `end`. Nothing else tells them: a socket's count
 * includes headers, framing and, with pipelining, other responses. Compression that is set up later wraps outside of
 * this, so that what goes out is counted.
 */

type Method = (this: object, ...args: unknown[]) => unknown;

/** What is wrapped, as little of it as is needed. */
interface Writable {
  write?: unknown;
  end?: unknown;
}

/** The count; `stop` takes the wrappers away, where nobody has wrapped them again. */
export interface ByteCount {
  bytes: number;
  stop(): void;
}

/** Counts what is written to `response` from now on. The wrappers refer to the count and to nothing of the request. */
export function countBytes(response: object): ByteCount {
  const target = response as Writable;
  const stops: (() => void)[] = [];
  const count: ByteCount = {
    bytes: 0,
    stop() {
      for (const stop of stops) stop();
    },
  };
  for (const name of ['write', 'end'] as const) {
    const original = target[name];
    if (typeof original !== 'function') continue;
    const had = Object.hasOwn(target, name);
    const wrapper: Method = function (...args) {
      const before = count.bytes;
      const result: unknown = Reflect.apply(original, this, args);
      // `end` of HTTP/2 calls `write`, which has counted then.
      if (count.bytes === before) count.bytes += lengthOf(args[0], args[1]);
      return result;
    };
    target[name] = wrapper;
    stops.push(() => {
      if (target[name] !== wrapper) return;
      if (had) target[name] = original;
      else delete target[name];
    });
  }
  return count;
}

function lengthOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  return ArrayBuffer.isView(chunk) ? chunk.byteLength : 0;
}
