/** Takes a heap snapshot into a file. */

import { constants } from 'node:fs';
import { access, type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getHeapSnapshot, writeHeapSnapshot } from 'node:v8';
import { createGzip } from 'node:zlib';
import { invalidArgument, plateauError } from '../errors';
import { native } from '../native';
import {
  type CaptureHeapOptions,
  type CaptureSettings,
  type HeapCapture,
  readCaptureOptions,
  zstd,
} from './capture-options';
import { checkDisk, clear, mayKeep, nameNow } from './keep';
import { checkRoom, expectedFile, expectedMemory } from './room';

/** So much goes to the engine at once. */
const PIECE = 1 << 20;
/** So many texts are handed to a function of the caller's at once. */
const TEXTS = 1000;

/**
 * Writes a snapshot of this thread's heap into a file that only its owner can read, and which is there when it is whole.
 *
 * **It blocks the event loop**, for about 3 to 6 seconds for each million objects, and V8 takes about 1 KB of memory for
 * each object meanwhile: with 100 MB of small objects 10 seconds and 1.2 GB, with 400 MB minutes and 5 GB. It therefore
 * refuses where that memory is not free, in the machine or within the limit of its container: a process that is killed by
 * its snapshot helps nobody. Take it out of the load balancer first. Compression and `redact` take about a fifth more.
 *
 * What a program knows is in its snapshot: passwords, tokens, data of its users. Keep it so, or `redact` it.
 *
 * ```js
 * await captureHeap('/var/tmp/1.heapsnapshot');
 * await captureHeap({ path: 'shared.heapsnapshot.gz', compress: 'gzip', redact: true });
await captureHeap({ dir: '/var/tmp/heaps', maxFiles: 3, cooldown: 600_000, compress: 'gzip' });
 * ```
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION` (thrown at once)
 * @throws Error `PLATEAU_NOT_ENOUGH_MEMORY`, or `PLATEAU_SNAPSHOT` where the file cannot be written or is there already, the
 * disk has no room, or `cooldown` has not passed (the promise rejects); with the signal's reason when it aborts
 */
export function captureHeap(target: string | CaptureHeapOptions): Promise<HeapCapture> {
  return capture(readCaptureOptions(target));
}

async function capture(settings: CaptureSettings): Promise<HeapCapture> {
  const { signal, force, redact, compress, keeping, minFreeDisk, minFreeMemory } = settings;
  signal?.throwIfAborted();
  const path = settings.file ?? join(keeping?.dir ?? '', nameNow(compress));
  if (!force) checkRoom(expectedMemory(redact !== false, compress !== false) + minFreeMemory);
  const from = performance.now();
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}-${unique()}.tmp`);
  try {
    if (keeping !== undefined) await mayKeep(keeping);
    await refuse(path, settings);
    if (!force) await checkDisk(dirname(path), expectedFile(compress !== false) + minFreeDisk);
    if (redact !== false) await writeRedacted(settings, redact, unfinished);
    else if (compress !== false) await writeCompressed(getHeapSnapshot(), settings, unfinished);
    else await writePlain(unfinished);
    signal?.throwIfAborted();
    const { size } = await stat(unfinished);
    await become(unfinished, path, settings);
    if (keeping !== undefined) await clear(keeping);
    return { path, bytes: size, duration: performance.now() - from };
  } catch (error) {
    throw signal?.aborted ? signal.reason : explained(error, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** What is known to fail later fails before the event loop is blocked. */
async function refuse(path: string, { overwrite }: CaptureSettings): Promise<void> {
  await access(dirname(path), constants.W_OK);
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory()) throw new Error('it is a directory');
  if (there !== undefined && !overwrite) throw exists();
}

function exists(): Error {
  return new Error('it is there already; pass overwrite: true to replace it');
}

/** V8 writes it itself, which takes the least memory. */
async function writePlain(unfinished: string): Promise<void> {
  // So that nobody else can have put something there, nor can read it.
  const file = await open(unfinished, 'wx', 0o600);
  await file.close();
  writeHeapSnapshot(unfinished);
}

async function writeCompressed(
  snapshot: NodeJS.ReadableStream,
  { compress, signal }: CaptureSettings,
  unfinished: string,
): Promise<void> {
  const file: FileHandle = await open(unfinished, 'wx', 0o600);
  const pack =
    compress === 'zstd' ? zstd()?.({ chunkSize: PIECE }) : createGzip({ level: 4, chunkSize: PIECE });
  await pipeline(snapshot, pack as NodeJS.ReadWriteStream, file.createWriteStream(), { signal });
}

async function writeRedacted(
  settings: CaptureSettings,
  redact: true | ((text: string) => string),
  unfinished: string,
): Promise<void> {
  const { compress, signal } = settings;
  const redactor = new native.HeapRedactor();
  let waiting: Buffer[] = [];
  let length = 0;
  const flush = async () => {
    const piece = Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
    if (piece.length > 0) await redactor.push(piece);
  };
  for await (const piece of getHeapSnapshot()) {
    signal?.throwIfAborted();
    waiting.push(piece);
    length += piece.length;
    if (length >= PIECE) await flush();
  }
  await flush();
  await redactor.finish();
  if (typeof redact === 'function') {
    for (let texts = redactor.removed(TEXTS); texts.length > 0; texts = redactor.removed(TEXTS)) {
      signal?.throwIfAborted();
      redactor.replace(texts.map((text) => replacement(redact(text))));
    }
  }
  signal?.throwIfAborted();
  if (compress !== 'zstd') return redactor.write(unfinished, false, compress === 'gzip');
  // What is in between holds no secret any more.
  const unpacked = `${unfinished}.json`;
  try {
    await redactor.write(unpacked, false, false);
    const file = await open(unpacked);
    await writeCompressed(file.createReadStream({ highWaterMark: PIECE }), settings, unfinished);
  } finally {
    await rm(unpacked, { force: true });
  }
}

function replacement(text: unknown): string {
  if (typeof text !== 'string') throw invalidArgument('what redact returns', 'a string', text);
  return text;
}

/** Gives the file its name, unless another has it by now. */
async function become(unfinished: string, path: string, { overwrite }: CaptureSettings): Promise<void> {
  if (overwrite) return rename(unfinished, path);
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists();
    // A file system without links.
    await rename(unfinished, path);
  }
}

/** An error that says which file it is about. */
function explained(error: unknown, path: string): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && code.startsWith('PLATEAU_')) return error;
  return plateauError('PLATEAU_SNAPSHOT', `${path} cannot be written: ${error.message}`, { cause: error });
}

let captures = 0;

function unique(): string {
  captures += 1;
  return `${captures}${Math.random().toString(36).slice(2, 8)}`;
}
