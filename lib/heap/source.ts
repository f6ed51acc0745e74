/** Where snapshots come from: files, streams and bytes, compressed or not, read by the engine on other threads. */

import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import * as zlib from 'node:zlib';
import { invalidArgument, plateauError } from '../errors';
import type { NativeHeapSource } from '../native';
import type { HeapSource } from './types';

/** So much goes to the engine at once: crossing costs little then, and little waits. */
const PIECE = 1 << 20;

/**
 * Reads a snapshot.
 *
 * @param name what the source is called in messages
 * @param idsOnly of one that others are compared with nothing else is kept
 */
export async function readSource(
  source: HeapSource,
  name: string,
  idsOnly: boolean,
  into: NativeHeapSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  const abort = () => {
    into.abort();
    // Nothing may ever come from it.
    if (typeof source === 'object' && 'destroy' in source && typeof source.destroy === 'function')
      source.destroy();
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await readInto(source, idsOnly, into, signal);
  } catch (error) {
    throw signal?.aborted ? signal.reason : readable(error, name);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function readInto(
  source: HeapSource,
  idsOnly: boolean,
  into: NativeHeapSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const path = pathOf(source);
  if (path !== undefined) {
    const unpack = decompressor(await firstBytes(path));
    // Mapped and read on two threads.
    if (unpack === undefined) return into.open(path, idsOnly);
    return readPieces(createReadStream(path, { highWaterMark: PIECE }), unpack, idsOnly, into, signal);
  }
  if (types.isUint8Array(source)) {
    return readPieces(Readable.from(slices(source)), decompressor(source), idsOnly, into, signal);
  }
  const stream = source as NodeJS.ReadableStream & AsyncIterable<Uint8Array | string>;
  return readPieces(await peeked(stream), undefined, idsOnly, into, signal);
}

/** The path that a source names; `undefined` if it is none. */
function pathOf(source: HeapSource): string | undefined {
  if (typeof source === 'string') return source;
  return source instanceof URL ? fileURLToPath(source) : undefined;
}

/** A name for messages. */
export function nameOf(source: HeapSource, at: number): string {
  return pathOf(source) ?? `snapshot ${at + 1}`;
}

/**
 * Throws unless it is something that a snapshot can be read from.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT`
 */
export function checkSource(name: string, source: unknown): asserts source is HeapSource {
  const isPath =
    typeof source === 'string' ? source !== '' : source instanceof URL && source.protocol === 'file:';
  if (isPath || types.isUint8Array(source)) return;
  const iterable = typeof source === 'object' && source !== null && Symbol.asyncIterator in source;
  if (!iterable) {
    throw invalidArgument(
      name,
      'the path of a heap snapshot, a readable stream of one, or its bytes',
      source,
    );
  }
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE) yield bytes.subarray(from, from + PIECE);
}

/** What unpacks data that begin so; `undefined` for a snapshot as it is. */
function decompressor(first: Uint8Array): NodeJS.ReadWriteStream | undefined {
  if (first[0] === 0x1f && first[1] === 0x8b) return zlib.createGunzip({ chunkSize: PIECE });
  if (first[0] === 0x28 && first[1] === 0xb5 && first[2] === 0x2f && first[3] === 0xfd) {
    // Of Node 22.15 and later.
    const { createZstdDecompress } = zlib as {
      createZstdDecompress?: (options: object) => NodeJS.ReadWriteStream;
    };
    if (createZstdDecompress === undefined) {
      throw plateauError(
        'PLATEAU_SNAPSHOT',
        'it is compressed with zstd, which this version of Node cannot unpack',
      );
    }
    return createZstdDecompress({ chunkSize: PIECE });
  }
  return undefined;
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    // A directory opens, and cannot be read.
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** A stream of which the first piece has been looked at: unpacked if it is compressed. */
async function peeked(
  stream: AsyncIterable<Uint8Array | string>,
): Promise<AsyncIterable<Uint8Array | string>> {
  const pieces = stream[Symbol.asyncIterator]();
  const first = await pieces.next();
  const all = (async function* () {
    for (let piece = first; piece.done !== true; piece = await pieces.next()) yield piece.value;
  })();
  const unpack =
    first.done === true || typeof first.value === 'string' ? undefined : decompressor(first.value);
  if (unpack === undefined) return all;
  // An error of either ends both, and is found where pieces are taken.
  pipeline(all, unpack).catch(() => {});
  return unpack as NodeJS.ReadWriteStream & AsyncIterable<Uint8Array>;
}

async function readPieces(
  stream: AsyncIterable<Uint8Array | string>,
  unpack: NodeJS.ReadWriteStream | undefined,
  idsOnly: boolean,
  into: NativeHeapSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  let pieces = stream;
  if (unpack !== undefined) {
    pipeline(stream, unpack).catch(() => {});
    pieces = unpack as NodeJS.ReadWriteStream & AsyncIterable<Uint8Array>;
  }
  let waiting: Buffer[] = [];
  let length = 0;
  const flush = async () => {
    const piece = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
    if (piece !== undefined && piece.length > 0) await into.push(piece);
  };
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    // `v8.getHeapSnapshot()` gives strings where an encoding was set.
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    waiting.push(
      Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    );
    length += bytes.length;
    if (length >= PIECE) await flush();
  }
  await flush();
  await into.finish(idsOnly);
}

/** An error that says which snapshot it is about. */
function readable(error: unknown, name: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  if ('code' in error && typeof error.code === 'string' && error.code.startsWith('PLATEAU_')) {
    return plateauError('PLATEAU_SNAPSHOT', `${name}: ${error.message}`, { cause: error });
  }
  const system = /^io: (.*)$/s.exec(error.message);
  if (system !== null || 'syscall' in error || 'errno' in error) {
    return plateauError('PLATEAU_SNAPSHOT', `${name} cannot be read: ${system?.[1] ?? error.message}`, {
      cause: error,
    });
  }
  return plateauError('PLATEAU_NOT_A_SNAPSHOT', `${name}: ${error.message}`, {
    cause: error,
  });
}
