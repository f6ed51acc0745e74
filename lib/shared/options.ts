/** The options of `SharedCache`: what they mean, and the checks. */

import { readMaxEntries } from '../cache/options';
import { invalidArgument, invalidOption, outOfRange } from '../errors';
import type { NativeSharedOptions } from '../native/binding';
import { readKnown, readTtl } from '../options';
import { type Codec, readCodec, type SharedCodec, type SharedCodecName } from './codecs';

/** Options of {@link SharedCache}. */
export interface SharedCacheOptions<V> {
  /**
   * Which cache: every thread of the process that opens the name has the same one. 1 to 200 characters. A second
   * opening may leave out any other option, and must not give another value for one.
   */
  name: string;
  /**
   * The most bytes that the cache takes, everything included: keys, values, index, bookkeeping, and memory that is
   * free but not returned. 16,384 to 17,179,869,184 (16 GiB). Required of the first who opens the name.
   */
  maxBytes?: number | undefined;
  /**
   * The most entries, besides the bytes.
   * @default no bound but `maxBytes`
   */
  maxEntries?: number | undefined;
  /**
   * The most bytes of key and value of one entry, as the codec makes them, before compression; at most half of
   * `maxBytes`. A larger one is refused with `PLATEAU_ENTRY_TOO_LARGE`.
   * @default a 16th of `maxBytes`
   */
  maxEntryBytes?: number | undefined;
  /**
   * Time to live in milliseconds, counted from the write; `Infinity` for none. Expired entries are never returned, and
   * removed within about a second though nobody asks for them.
   * @default Infinity
   */
  ttl?: number | undefined;
  /**
   * Which entry leaves when there is no room: the least recently used, or by S3-FIFO (SOSP 2023).
   * @default 'lru'
   */
  policy?: 'lru' | 's3-fifo' | undefined;
  /**
   * How values become bytes: `'utf8'` strings, `'bytes'` (`Uint8Array`, returned as `Buffer`), `'json'`, `'structured'`
   * (the serializer of `structuredClone`), or one of your own.
   * @default 'utf8'
   */
  codec?: SharedCodecName | SharedCodec<V> | undefined;
  /**
   * Compresses values (LZ4) of so many bytes or more, where that makes them shorter by an eighth. `true` is 1,024.
   * @default false
   */
  compress?: boolean | number | undefined;
}

/** Options of a single write. */
export interface SharedSetOptions {
  /** Time to live of this entry in milliseconds, instead of the cache's. */
  ttl?: number | undefined;
}

const NAMES = [
  'name',
  'maxBytes',
  'maxEntries',
  'maxEntryBytes',
  'ttl',
  'policy',
  'codec',
  'compress',
] as const;
export const LEAST_BYTES = 16_384;
export const MOST_BYTES: number = 16 * 2 ** 30;
const COMPRESS_FROM = 1024;
const LONGEST_NAME = 200;

/** Options as the addon takes them, with the codec beside them. */
export interface SharedSettings<V> {
  name: string;
  native: NativeSharedOptions;
  /** `undefined`: whichever it is open with. */
  codec: Codec<V> | undefined;
}

/** Checks the options; those not given stay out. */
export function readSharedOptions<V>(given: unknown): SharedSettings<V> {
  const o = readKnown(given, NAMES);
  const { name } = o;
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) {
    throw invalidOption('name', `a string of 1 to ${LONGEST_NAME} characters`, name);
  }
  const native: NativeSharedOptions = {};
  if (o.maxBytes !== undefined) native.maxBytes = readSharedBytes(o.maxBytes);
  if (o.maxEntries !== undefined) native.maxEntries = readEntries(o.maxEntries);
  if (o.maxEntryBytes !== undefined) {
    native.maxEntryBytes = readEntryBytes(o.maxEntryBytes, native.maxBytes ?? MOST_BYTES);
  }
  if (o.ttl !== undefined) native.ttl = readTtl('ttl', o.ttl);
  if (o.policy !== undefined) {
    if (o.policy !== 'lru' && o.policy !== 's3-fifo') {
      throw invalidOption('policy', "'lru' or 's3-fifo'", o.policy);
    }
    native.policy = o.policy;
  }
  if (o.compress !== undefined) native.compressFrom = readCompress(o.compress);
  const codec = o.codec === undefined ? undefined : readCodec<V>(o.codec);
  if (codec !== undefined) native.codec = codec.name;
  return { name, native, codec };
}

export function readSharedBytes(value: unknown): number {
  const accepted = `a whole number of bytes from ${LEAST_BYTES} to ${MOST_BYTES}`;
  if (typeof value !== 'number') throw invalidOption('maxBytes', accepted, value);
  if (!Number.isInteger(value) || value < LEAST_BYTES || value > MOST_BYTES) {
    throw outOfRange('maxBytes', accepted, value);
  }
  return value;
}

export function readEntries(value: unknown): number {
  return value === Number.POSITIVE_INFINITY ? value : readMaxEntries(value);
}

export function readEntryBytes(value: unknown, maxBytes: number): number {
  const accepted = `a whole number of bytes from 1 to half of maxBytes (${Math.floor(maxBytes / 2)})`;
  if (typeof value !== 'number') throw invalidOption('maxEntryBytes', accepted, value);
  if (!Number.isInteger(value) || value < 1 || value > maxBytes / 2) {
    throw outOfRange('maxEntryBytes', accepted, value);
  }
  return value;
}

function readCompress(value: unknown): number {
  const accepted = 'a boolean, or a whole number of bytes from 1';
  if (value === true) return COMPRESS_FROM;
  if (value === false) return Number.POSITIVE_INFINITY;
  if (typeof value !== 'number') throw invalidOption('compress', accepted, value);
  if (!Number.isSafeInteger(value) || value < 1) throw outOfRange('compress', accepted, value);
  return value;
}

/** The time to live of one write. */
export function readWriteTtl(options: SharedSetOptions | undefined, usual: number): number {
  if (options === undefined) return usual;
  if (typeof options !== 'object' || options === null) throw invalidArgument('options', 'an object', options);
  return options.ttl === undefined ? usual : readTtl('ttl', options.ttl);
}
