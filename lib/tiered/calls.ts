/** The options of single calls, and their checks. */

import { invalidArgument, invalidOption, outOfRange } from '../errors';
import { readKnown, readTtl as readPositive, readSignal } from '../options';
import { readKey } from './keys';
import { readBeta, readGrace, readTtl, type Settings } from './options';

/** Options of {@link TieredCache.set}. */
export interface TieredSetOptions {
  /** Time to live of this entry in milliseconds, instead of the cache's. */
  ttl?: number | undefined;
  /** Names by which {@link TieredCache.deleteByTag} finds the entry; at most 16. */
  tags?: readonly string[] | undefined;
}

/** Options of {@link TieredCache.getOrLoad}; all times in milliseconds. */
export interface TieredLoadOptions extends TieredSetOptions {
  /** Rejects this caller with the signal's reason. The load goes on while others wait for it. */
  signal?: AbortSignal | undefined;
  /** Rejects this caller with `PLATEAU_LOAD_TIMEOUT` after so long, at most 24.8 days. */
  timeout?: number | undefined;
  /** Instead of the cache's. */
  staleWhileRevalidate?: number | undefined;
  /** Instead of the cache's. */
  staleIfError?: number | undefined;
  /** Instead of the cache's. */
  earlyRefresh?: number | undefined;
}

/** A call with the defaults filled in. */
export interface Call {
  readonly ttl: number;
  readonly tags: readonly string[];
  readonly staleWhileRevalidate: number;
  readonly staleIfError: number;
  /** For how long the value is kept after its time to live. */
  readonly grace: number;
  readonly earlyRefresh: number;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
}

const MAX_TAGS = 16;
const SET_NAMES = ['ttl', 'tags'] as const;
const LOAD_NAMES = [
  ...SET_NAMES,
  ...(['signal', 'timeout', 'staleWhileRevalidate', 'staleIfError', 'earlyRefresh'] as const),
] as const;

export function readSetCall(given: unknown, settings: Settings<unknown>): Call {
  return read(given === undefined ? {} : readKnown(given, SET_NAMES), settings);
}

export function readLoadCall(given: unknown, settings: Settings<unknown>): Call {
  const o = given === undefined ? {} : readKnown(given, LOAD_NAMES);
  readSignal(o.signal);
  if (o.timeout !== undefined) readPositive('timeout', o.timeout);
  return read(o, settings);
}

function read(o: Partial<Record<(typeof LOAD_NAMES)[number], unknown>>, settings: Settings<unknown>): Call {
  const staleWhileRevalidate =
    readGrace('staleWhileRevalidate', o.staleWhileRevalidate) ?? settings.staleWhileRevalidate;
  const staleIfError = readGrace('staleIfError', o.staleIfError) ?? settings.staleIfError;
  return {
    ttl: o.ttl === undefined ? settings.ttl : readTtl('ttl', o.ttl),
    tags: o.tags === undefined ? [] : readTags(o.tags, settings.maxKeyBytes),
    staleWhileRevalidate,
    staleIfError,
    grace: Math.max(staleWhileRevalidate, staleIfError),
    earlyRefresh: readBeta(o.earlyRefresh) ?? settings.earlyRefresh,
    signal: o.signal as AbortSignal | undefined,
    timeout: o.timeout as number | undefined,
  };
}

function readTags(value: unknown, maxBytes: number): readonly string[] {
  const accepted = `an array of at most ${MAX_TAGS} strings`;
  if (!Array.isArray(value)) throw invalidOption('tags', accepted, value);
  if (value.length > MAX_TAGS) throw outOfRange('tags', accepted, value);
  for (const tag of value) readKey('each of the tags', tag, maxBytes);
  return [...new Set(value as string[])];
}

/** Reads what is to be iterated over, at once. */
export function readList<T>(name: string, value: unknown): T[] {
  const iterable = value as Partial<Iterable<T>> | null | undefined;
  if (typeof value === 'string' || typeof iterable?.[Symbol.iterator] !== 'function') {
    throw invalidArgument(name, 'an iterable', value);
  }
  return Array.from(iterable as Iterable<T>);
}
