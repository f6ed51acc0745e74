/** The options of `BoundedCache`: what they mean, and the checks that make the rest of the code safe. */

import { invalidArgument, invalidOption, outOfRange } from '../errors';
import {
  readBoolean,
  readCount,
  readDuration,
  readFunction,
  readName,
  readOptionalDuration,
  readShare,
  readTtl,
} from '../options';
import type { ClockSource } from './clock';
import type { RemovalReason } from './removals';
import { MAX_SLOTS } from './rows';

/** Which entry leaves when there is no room. */
export type EvictionPolicy = 'lru' | 's3-fifo';

/** Options of {@link BoundedCache}. At least one of `maxEntries` and `maxBytes` is required. */
export interface BoundedCacheOptions<K, V> {
  /** The most entries held, 1 to 67,108,863. Memory is allocated as entries arrive, not ahead. */
  maxEntries?: number | undefined;
  /**
   * The most bytes held, as measured by `sizeOf`. An entry larger than this is refused: `set` returns,
   * `stats().rejected` counts it, and the old value of its key is removed.
   */
  maxBytes?: number | undefined;
  /**
   * The size of an entry in bytes: a finite number, 0 or more. Called once per `set`.
   * @default an estimate of the memory that value and key retain, see `docs/design/size-of.md`
   */
  sizeOf?: ((value: V, key: K) => number) | undefined;
  /**
   * Time to live in milliseconds, counted from the `set`; any positive number, `Infinity` for none. Not a bound: a
   * cache with a `ttl` still needs `maxEntries` or `maxBytes`.
   * @default Infinity
   */
  ttl?: number | undefined;
  /**
   * Whether a `get` renews the time to live.
   * @default false
   */
  sliding?: boolean | undefined;
  /**
   * Expired values are released within this many milliseconds though nobody asks for them. `get` never returns an
   * expired value, whatever the resolution (to within 1 ms, or 16 ms where `ttl` is two seconds or more).
   * @default 1000
   */
  ttlResolution?: number | undefined;
  /**
   * Shortens each time to live by a random share of up to this much, 0 to 1, so that entries made together do not
   * expire together.
   * @default 0
   */
  ttlJitter?: number | undefined;
  /**
   * `'lru'` evicts exactly the least recently used entry. `'s3-fifo'` (SOSP 2023) keeps what is used more than once
   * through scans and one-off keys: more hits on most real traces.
   * @default 'lru'
   */
  policy?: EvictionPolicy | undefined;
  /**
   * Called for every entry that leaves, after the cache is consistent: it may call any method. What it throws reaches
   * the caller of the method that caused the removal, after everything is settled; when expired values are released
   * in the background it becomes a process warning, `PLATEAU_ON_REMOVE`. A cache that is itself collected calls nothing.
   */
  onRemove?: ((value: V, key: K, reason: RemovalReason) => void) | undefined;
  /**
   * Where the time comes from, for tests. Fake timers (`node:test`'s or a library's) are noticed without this. Should it
   * throw while expired entries are looked for in the background, that is a process warning, `PLATEAU_CLOCK`.
   * @default a monotonic clock
   */
  clock?: ClockSource | undefined;
  /** Makes the cache visible in {@link caches}. */
  name?: string | undefined;
  /**
   * The most loads of {@link BoundedCache.getOrLoad} in flight; more are refused with `PLATEAU_TOO_MANY_LOADS`.
   * @default 10_000
   */
  maxLoads?: number | undefined;
  /**
   * Remembers a rejected load for this many milliseconds and rejects with the same error meanwhile.
   * @default 0
   */
  negativeTtl?: number | undefined;
}

/** Options of a single `set`. */
export interface SetOptions {
  /** Time to live of this entry in milliseconds, instead of the cache's. */
  ttl?: number | undefined;
  /** Size of this entry in bytes, instead of `sizeOf`. Only for a cache with `maxBytes`. */
  size?: number | undefined;
}

/** Options with the defaults filled in. */
export interface Settings<K, V> {
  maxEntries: number;
  maxBytes: number;
  sizeOf: ((value: V, key: K) => number) | undefined;
  ttl: number;
  sliding: boolean;
  ttlResolution: number;
  ttlJitter: number;
  policy: EvictionPolicy;
  onRemove: ((value: V, key: K, reason: RemovalReason) => void) | undefined;
  clock: ClockSource | undefined;
  name: string | undefined;
  maxLoads: number;
  negativeTtl: number;
}

export const MAX_ENTRIES: number = MAX_SLOTS - 1;
const BYTES = `a positive whole number of bytes, at most ${Number.MAX_SAFE_INTEGER}`;

/** Checks the options and fills in the defaults. */
export function readOptions<K, V>(given: unknown): Settings<K, V> {
  const options: unknown = typeof given === 'number' ? { maxEntries: given } : given;
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('options', 'an object, or a number of entries', given);
  }
  const o = options as Record<keyof BoundedCacheOptions<K, V>, unknown>;
  const settings: Settings<K, V> = {
    maxEntries: o.maxEntries === undefined ? MAX_ENTRIES : readMaxEntries(o.maxEntries),
    maxBytes: o.maxBytes === undefined ? Number.POSITIVE_INFINITY : readMaxBytes(o.maxBytes),
    sizeOf: readFunction('sizeOf', o.sizeOf),
    ttl: o.ttl === undefined ? Number.POSITIVE_INFINITY : readTtl('ttl', o.ttl),
    sliding: readBoolean('sliding', o.sliding),
    ttlResolution: o.ttlResolution === undefined ? 1000 : readDuration('ttlResolution', o.ttlResolution),
    ttlJitter: o.ttlJitter === undefined ? 0 : readShare('ttlJitter', o.ttlJitter, true),
    policy: readPolicy(o.policy),
    onRemove: readFunction('onRemove', o.onRemove),
    clock: readClock(o.clock),
    name: readName(o.name),
    maxLoads: o.maxLoads === undefined ? 10_000 : readCount('maxLoads', o.maxLoads),
    negativeTtl: o.negativeTtl === undefined ? 0 : readOptionalDuration('negativeTtl', o.negativeTtl),
  };
  if (o.maxEntries === undefined && o.maxBytes === undefined) {
    throw invalidOption('maxEntries or maxBytes', 'given: a cache without a bound is a leak', undefined);
  }
  if (settings.sizeOf !== undefined && o.maxBytes === undefined) {
    throw invalidOption('maxBytes', 'given where sizeOf is', undefined);
  }
  return settings;
}

export function readMaxEntries(value: unknown, name = 'maxEntries', unit = 'entries'): number {
  const accepted = `a whole number of ${unit} from 1 to ${MAX_ENTRIES}`;
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!Number.isInteger(value) || value < 1 || value > MAX_ENTRIES) {
    throw outOfRange(name, accepted, value);
  }
  return value;
}

export function readMaxBytes(value: unknown): number {
  if (typeof value !== 'number') throw invalidOption('maxBytes', BYTES, value);
  if (!Number.isSafeInteger(value) || value < 1) throw outOfRange('maxBytes', BYTES, value);
  return value;
}

/** A size in bytes, from the caller or from `sizeOf`. */
export function readSize(name: string, value: unknown): number {
  const accepted = 'a finite number of bytes, 0 or more';
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) throw outOfRange(name, accepted, value);
  return value;
}

function readPolicy(value: unknown): EvictionPolicy {
  if (value === undefined) return 'lru';
  if (value !== 'lru' && value !== 's3-fifo') throw invalidOption('policy', "'lru' or 's3-fifo'", value);
  return value;
}

export function readClock(value: unknown): ClockSource | undefined {
  if (value === undefined) return undefined;
  const source = value as ClockSource | null;
  if (typeof source !== 'object' || source === null || typeof source.now !== 'function') {
    throw invalidOption('clock', 'an object with a method now()', value);
  }
  return source;
}
