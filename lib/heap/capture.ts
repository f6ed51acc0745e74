/** Takes a heap snapshot into a file. */

import { constants } from 'node:fs';
import { access, type FileHandle, link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { getHeapSnapshot, writeHeapSnapshot } from 'node:v8';
import * as zlib from 'node:zlib';
import { invalidArgument, invalidOption, plateauError } from '../errors';
import { native } from '../native';
import { readBoolean, readKnown, readSignal } from '../options';
import { checkRoom, expectedMemory } from './room';

/** So much goes to the engine at once. */
const PIECE = 1 << 20;
/** So many texts are handed to a function of the caller's at once. */
const TEXTS = 1000;

const OPTIONS = ['path', 'overwrite', 'compress', 'redact', 'force', 'signal'] as const;

/** Options of {@link captureHeap}. */
export interface CaptureHeapOptions {
  /** Where the snapshot goes. `.heapsnapshot` is what Chrome's developer tools open; nothing is added to the name. */
  path: string;
  /**
   * Replaces a file that is there. Without, {@link captureHeap} refuses.
   * @defaultValue false
   */
  overwrite?: boolean;
  /**
   * Compresses what is written, to about a tenth with `gzip` and less with `zstd`, which needs Node 22.15 or later.
   * `plateau heap`, {@link compareHeaps} and the rest of plateau read both; Chrome does not.
   * @defaultValue false
   */
  compress?: 'gzip' | 'zstd' | false;
  /**
   * Writes a snapshot without what strings say: every string, key of a map, symbol, regular expression and piece of a
   * program's data becomes `redacted:17#5`, its length and a number, so that sizes stay true and equal strings equal. Names
   * of classes, functions, variables, files and of properties that are the code's own stay. Which those are is in
   * `docs/heap.md`. The strings are never written to disk, not even for a moment.
   *
   * A function gets each text that would be removed, and returns what is written instead: `(text) => hash(text)`.
   * @defaultValue false
   */
  redact?: boolean | ((text: string) => string);
  /**
   * Takes the snapshot even where there seems to be too little memory for it.
   * @defaultValue false
   */
  force?: boolean;
  /** Aborts: the promise rejects with its reason, and no file is left. What blocks the event loop cannot be interrupted. */
  signal?: AbortSignal;
}

/** What {@link captureHeap} has written. */
export interface HeapCapture {
  /** The file, as an absolute path. */
  path: string;
  /** Its length. */
  bytes: number;
  /** Milliseconds that it took, in most of which the event loop was blocked. */
  duration: number;
}

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
 * ```
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION` (thrown at once)
 * @throws Error `PLATEAU_NOT_ENOUGH_MEMORY`, or `PLATEAU_SNAPSHOT` where the file cannot be written or is there already (the
 * promise rejects); with the signal's reason when it aborts
 */
export function captureHeap(target: string | CaptureHeapOptions): Promise<HeapCapture> {
  return capture(readOptions(target));
}

type Settings = ReturnType<typeof readOptions>;

function readOptions(target: string | CaptureHeapOptions) {
  if (typeof target !== 'string' && (typeof target !== 'object' || target === null)) {
    throw invalidArgument('target', 'a path or an object of options', target);
  }
  const given = readKnown(typeof target === 'string' ? { path: target } : target, OPTIONS);
  const { path, overwrite = false, compress = false, redact = false, force = false } = given;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    throw invalidOption('path', 'the path of a file', path);
  }
  if (compress !== false && compress !== 'gzip' && compress !== 'zstd') {
    throw invalidOption('compress', '"gzip", "zstd" or false', compress);
  }
  if (compress === 'zstd' && zstd() === undefined) {
    throw invalidOption(
      'compress',
      '"gzip" or false in a Node without zstd, which 22.15 and later have',
      compress,
    );
  }
  if (typeof redact !== 'boolean' && typeof redact !== 'function') {
    throw invalidOption('redact', 'true, false or a function of a string', redact);
  }
  return {
    path: resolve(path),
    overwrite: readBoolean('overwrite', overwrite),
    compress: compress as 'gzip' | 'zstd' | false,
    redact: redact as boolean | ((text: string) => string),
    force: readBoolean('force', force),
    signal: readSignal(given.signal),
  };
}

async function capture(settings: Settings): Promise<HeapCapture> {
  const { path, signal, force, redact, compress } = settings;
  signal?.throwIfAborted();
  if (!force) checkRoom(expectedMemory(redact !== false, compress !== false));
  const from = performance.now();
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}-${unique()}.tmp`);
  try {
    await refuse(settings);
    if (redact !== false) await writeRedacted(settings, redact, unfinished);
    else if (compress !== false) await writeCompressed(getHeapSnapshot(), settings, unfinished);
    else await writePlain(unfinished);
    signal?.throwIfAborted();
    const { size } = await stat(unfinished);
    await become(unfinished, settings);
    return { path, bytes: size, duration: performance.now() - from };
  } catch (error) {
    throw signal?.aborted ? signal.reason : explained(error, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** What is known to fail later fails before the event loop is blocked. */
async function refuse({ path, overwrite }: Settings): Promise<void> {
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
  { compress, signal }: Settings,
  unfinished: string,
): Promise<void> {
  const file: FileHandle = await open(unfinished, 'wx', 0o600);
  const pack =
    compress === 'zstd' ? zstd()?.({ chunkSize: PIECE }) : zlib.createGzip({ level: 4, chunkSize: PIECE });
  await pipeline(snapshot, pack as NodeJS.ReadWriteStream, file.createWriteStream(), { signal });
}

async function writeRedacted(
  settings: Settings,
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
async function become(unfinished: string, { path, overwrite }: Settings): Promise<void> {
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

/** Makes a compressor, where this Node has it. */
function zstd(): ((options: { chunkSize: number }) => NodeJS.ReadWriteStream) | undefined {
  return (zlib as { createZstdCompress?: (options: { chunkSize: number }) => NodeJS.ReadWriteStream })
    .createZstdCompress;
}
