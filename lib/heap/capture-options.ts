/** Options of `captureHeap`. */

import { resolve } from 'node:path';
import * as zlib from 'node:zlib';
import { invalidArgument, invalidOption, outOfRange } from '../errors';
import { readBoolean, readCount, readKnown, readSignal } from '../options';
import type { Keeping } from './keep';

const OPTIONS = [
  'path',
  'dir',
  'maxFiles',
  'maxBytes',
  'cooldown',
  'minFreeDisk',
  'minFreeMemory',
  'overwrite',
  'compress',
  'redact',
  'force',
  'signal',
] as const;

/** Options of {@link captureHeap}. */
export interface CaptureHeapOptions {
  /**
   * Where the snapshot goes. `.heapsnapshot` is what Chrome's developer tools open; nothing is added to the name. Either
   * this or `dir`.
   */
  path?: string;
  /**
   * A folder for snapshots, which is made where it is not there. They are called after the time, the process and the
   * thread, and the oldest are removed, so that an alarm that takes one cannot fill the disk. Other files are left alone.
   */
  dir?: string;
  /**
   * How many snapshots are kept in `dir`.
   * @defaultValue 3
   */
  maxFiles?: number;
  /**
   * How many bytes of snapshots are kept in `dir`. The newest is kept however large it is.
   * @defaultValue Infinity
   */
  maxBytes?: number;
  /**
   * Milliseconds for which no other is taken into `dir`, whichever process has taken the last.
   * @defaultValue 0
   */
  cooldown?: number;
  /**
   * Bytes that the disk must have left afterwards.
   * @defaultValue 100 MiB with `dir`, else 0
   */
  minFreeDisk?: number;
  /**
   * Bytes of memory that must be left while it is taken.
   * @defaultValue 0
   */
  minFreeMemory?: number;
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
   * Takes the snapshot even where there seems to be too little memory or disk for it.
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

/** What is to be done. */
export type CaptureSettings = ReturnType<typeof readCaptureOptions>;

/** Checks what was given. */
export function readCaptureOptions(target: string | CaptureHeapOptions) {
  if (typeof target !== 'string' && (typeof target !== 'object' || target === null)) {
    throw invalidArgument('target', 'a path or an object of options', target);
  }
  const given = readKnown(typeof target === 'string' ? { path: target } : target, OPTIONS);
  const { overwrite = false, compress = false, redact = false, force = false } = given;
  if (given.path !== undefined && given.dir !== undefined) {
    throw invalidOption('dir', 'left out where path is given', given.dir);
  }
  const folder = given.dir === undefined ? undefined : readPath('dir', given.dir);
  const file = folder === undefined ? readPath('path', given.path) : undefined;
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
  const keeping: Keeping | undefined =
    folder === undefined
      ? undefined
      : {
          dir: folder,
          maxFiles: given.maxFiles === undefined ? 3 : readCount('maxFiles', given.maxFiles),
          maxBytes: readAmount('maxBytes', given.maxBytes, Number.POSITIVE_INFINITY),
          cooldown: readAmount('cooldown', given.cooldown, 0),
        };
  return {
    file,
    keeping,
    minFreeDisk: readAmount('minFreeDisk', given.minFreeDisk, folder === undefined ? 0 : 100 * 1024 * 1024),
    minFreeMemory: readAmount('minFreeMemory', given.minFreeMemory, 0),
    overwrite: readBoolean('overwrite', overwrite),
    compress: compress as 'gzip' | 'zstd' | false,
    redact: redact as boolean | ((text: string) => string),
    force: readBoolean('force', force),
    signal: readSignal(given.signal),
  };
}

function readPath(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.includes('\0')) {
    throw invalidOption(name, name === 'dir' ? 'the path of a folder' : 'the path of a file', value);
  }
  return resolve(value);
}

/** A number of bytes or milliseconds. */
function readAmount(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number') throw invalidOption(name, 'a number from 0 on', value);
  if (!(value >= 0)) throw outOfRange(name, 'a number from 0 on', value);
  return value;
}

/** Makes a compressor, where this Node has it. */
export function zstd(): ((options: { chunkSize: number }) => NodeJS.ReadWriteStream) | undefined {
  return (zlib as { createZstdCompress?: (options: { chunkSize: number }) => NodeJS.ReadWriteStream })
    .createZstdCompress;
}
