/** The options of `TieredCache`: what they mean, their defaults and their checks. */

import { MAX_DELAY } from '../cache/clock';
import { invalidOption, outOfRange } from '../errors';
import {
  readBoolean,
  readCount,
  readDuration,
  readFunction,
  readKnown,
  readOptionalDuration,
  readShare,
} from '../options';
import { readCodec } from './codec';
import { type Driver, driverOf } from './drivers/driver';
import { readNamespace } from './keys';
import type { LocalTier, TieredCodec, TieredErrorContext } from './types';

/** Options of {@link TieredCache}; all times in milliseconds. */
export interface TieredCacheOptions<V> {
  /** A `BoundedCache` or `SharedCache` of its own. Its bounds are the bounds of the local tier. */
  local: LocalTier;
  /**
   * The application's client: of `redis` 5 or later (`createClient`, `createCluster`, `createSentinel`) or of `ioredis`
   * 5 or later (`Redis`, also with Sentinel, or `Cluster`). It is used as it is and never closed; one further
   * connection is made with its `duplicate()`.
   */
  remote: object;
  /** Time to live in both tiers, at most a year. Every key has one. */
  ttl: number;
  /**
   * Time to live in the local tier, where that is to be shorter.
   * @default as in Redis
   */
  localTtl?: number | undefined;
  /**
   * Shortens each time to live by a random share of up to this much, 0 to 1, so that what was stored together does not
   * expire together.
   * @default 0.1
   */
  ttlJitter?: number | undefined;
  /**
   * What all keys in Redis begin with, together with `prefix`: letters, digits and `_ . : -`, at most 64. Caches of the
   * same namespace share their values, and should have the same options.
   * @default 'default'
   */
  namespace?: string | undefined;
  /**
   * What comes before the namespace: the same characters.
   * @default 'plateau'
   */
  prefix?: string | undefined;
  /**
   * The longest key in bytes of UTF-8. A longer one is refused.
   * @default 1024
   */
  maxKeyBytes?: number | undefined;
  /**
   * How values are written in Redis: `'json'`; `'structured'`, the V8 serializer in base64, which knows `Map`, `Date`,
   * `Buffer`, `BigInt` and cycles; or your own. `undefined` cannot be stored, `null` can.
   * @default 'json'
   */
  codec?: 'json' | 'structured' | TieredCodec<V> | undefined;
  /**
   * How instances hear of each other's writes. `'pubsub'`: writers publish the keys. `'tracking'`: Redis itself reports
   * every change of a key, whoever made it (RESP3 client-side caching; only `redis`, standalone, Redis 6 or later), and
   * nothing is published. `'auto'`: tracking where that is possible, otherwise publish and subscribe; and every writer
   * publishes, so that a mixed fleet stays coherent.
   * @default 'auto'
   */
  coherence?: 'auto' | 'tracking' | 'pubsub' | undefined;
  /**
   * The window of staleness: for so long at most are local values used on trust when Redis does not answer.
   * @default 5000
   */
  maxStaleOnDisconnect?: number | undefined;
  /**
   * For so long after its time to live, a value is returned at once and loaded anew in the background.
   * @default 0
   */
  staleWhileRevalidate?: number | undefined;
  /**
   * For so long after its time to live, a value is returned where loading fails.
   * @default 0
   */
  staleIfError?: number | undefined;
  /**
   * Loads a value anew before it expires, the earlier the longer loading takes, by chance (XFetch; Vattani et al., VLDB
   * 2015). The number is the paper's beta: 1 is optimal for most, more means earlier, 0 never.
   * @default 0
   */
  earlyRefresh?: number | undefined;
  /**
   * How long a command may take; then the read goes on without Redis.
   * @default 500
   */
  remoteTimeout?: number | undefined;
  /**
   * How long a loader may take; then its signal is aborted.
   * @default 30_000
   */
  loadTimeout?: number | undefined;
  /**
   * For how long the lock of a load outlives a process that died with it. It is renewed while the load goes on.
   * @default 5000
   */
  lockTtl?: number | undefined;
  /**
   * How long an instance waits for another one's load before it loads itself.
   * @default 10_000
   */
  lockWait?: number | undefined;
  /**
   * The most loads in flight; more are refused with `PLATEAU_TOO_MANY_LOADS`.
   * @default 10_000
   */
  maxLoads?: number | undefined;
  /**
   * The most commands in flight; beyond it, reads go on without Redis and writes are not confirmed.
   * @default 10_000
   */
  maxCommands?: number | undefined;
  /**
   * The most keys in the index of a tag. Beyond it, the key of that tag that expires soonest leaves the cache.
   * @default 10_000
   */
  maxKeysPerTag?: number | undefined;
  /**
   * Failures in a row after which Redis is left alone.
   * @default 5
   */
  breakerThreshold?: number | undefined;
  /**
   * For how long, at first; doubled while it keeps failing, up to four times as long.
   * @default 1000
   */
  breakerCooldown?: number | undefined;
  /**
   * Whether values written before Redis was started anew, or failed over, are still used. Off, since a Redis that
   * restarts from a snapshot, or a promoted replica, may have lost the last writes and bring older values back. In
   * Redis Cluster they are always used.
   * @default false
   */
  trustAfterRestart?: boolean | undefined;
  /**
   * Called when Redis, a codec or the local tier fails, once a second at most.
   * @default the first time, a process warning with the code `PLATEAU_TIERED`
   */
  onError?: ((error: unknown, context: TieredErrorContext) => void) | undefined;
}

/** Options with the defaults filled in. */
export interface Settings<V> {
  local: LocalTier;
  driver: Driver;
  ttl: number;
  localTtl: number;
  ttlJitter: number;
  namespace: string;
  maxKeyBytes: number;
  codec: TieredCodec<V>;
  coherence: 'auto' | 'tracking' | 'pubsub';
  maxStaleOnDisconnect: number;
  staleWhileRevalidate: number;
  staleIfError: number;
  earlyRefresh: number;
  remoteTimeout: number;
  loadTimeout: number;
  lockTtl: number;
  lockWait: number;
  maxLoads: number;
  maxCommands: number;
  maxKeysPerTag: number;
  breakerThreshold: number;
  breakerCooldown: number;
  trustAfterRestart: boolean;
  onError: ((error: unknown, context: TieredErrorContext) => void) | undefined;
}

const NAMES = [
  ...(['local', 'remote', 'ttl', 'localTtl', 'ttlJitter', 'namespace', 'prefix', 'maxKeyBytes'] as const),
  ...(['codec', 'coherence', 'maxStaleOnDisconnect', 'staleWhileRevalidate', 'staleIfError'] as const),
  ...(['earlyRefresh', 'remoteTimeout', 'loadTimeout', 'lockTtl', 'lockWait', 'maxLoads'] as const),
  ...(['maxCommands', 'maxKeysPerTag', 'breakerThreshold', 'breakerCooldown'] as const),
  ...(['trustAfterRestart', 'onError'] as const),
];

/** The longest time to live, grace or timeout: what is finite should also end. */
export const MAX_TTL = 365 * 24 * 3_600_000;

/** Checks the options and fills in the defaults. */
export function readOptions<V>(given: unknown): Settings<V> {
  const o = readKnown(given, NAMES);
  const ttl = readTtl('ttl', o.ttl);
  const driver = driverOf(o.remote);
  return {
    local: readLocal(o.local),
    driver,
    ttl,
    localTtl: o.localTtl === undefined ? Number.POSITIVE_INFINITY : readTtl('localTtl', o.localTtl),
    ttlJitter: o.ttlJitter === undefined ? 0.1 : readShare('ttlJitter', o.ttlJitter, true),
    namespace: `${readNamespace('prefix', o.prefix, 'plateau')}:${readNamespace('namespace', o.namespace, 'default')}`,
    maxKeyBytes: readUpTo('maxKeyBytes', o.maxKeyBytes, 1024, 1 << 20),
    codec: readCodec<V>(o.codec),
    coherence: readCoherence(o.coherence, driver),
    maxStaleOnDisconnect: readDelay('maxStaleOnDisconnect', o.maxStaleOnDisconnect, 5000),
    staleWhileRevalidate: readGrace('staleWhileRevalidate', o.staleWhileRevalidate) ?? 0,
    staleIfError: readGrace('staleIfError', o.staleIfError) ?? 0,
    earlyRefresh: readBeta(o.earlyRefresh) ?? 0,
    remoteTimeout: readDelay('remoteTimeout', o.remoteTimeout, 500),
    loadTimeout: readDelay('loadTimeout', o.loadTimeout, 30_000),
    lockTtl: readDelay('lockTtl', o.lockTtl, 5000),
    lockWait: o.lockWait === 0 ? 0 : readDelay('lockWait', o.lockWait, 10_000),
    maxLoads: o.maxLoads === undefined ? 10_000 : readCount('maxLoads', o.maxLoads),
    maxCommands: o.maxCommands === undefined ? 10_000 : readCount('maxCommands', o.maxCommands),
    maxKeysPerTag: readUpTo('maxKeysPerTag', o.maxKeysPerTag, 10_000, 10_000_000),
    breakerThreshold:
      o.breakerThreshold === undefined ? 5 : readCount('breakerThreshold', o.breakerThreshold),
    breakerCooldown: readDelay('breakerCooldown', o.breakerCooldown, 1000),
    trustAfterRestart: readBoolean('trustAfterRestart', o.trustAfterRestart),
    onError: readFunction('onError', o.onError),
  };
}

/** A time to live: finite, as every key has to leave Redis some day. */
export function readTtl(name: string, value: unknown): number {
  const accepted = `a positive number of milliseconds, at most ${MAX_TTL} (a year)`;
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!(value > 0 && value <= MAX_TTL)) throw outOfRange(name, accepted, value);
  return value;
}

/** A time past the time to live, 0 for none. */
export function readGrace(name: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const grace = readOptionalDuration(name, value);
  if (grace > MAX_TTL) {
    throw outOfRange(name, `a number of milliseconds, at most ${MAX_TTL} (a year)`, value);
  }
  return grace;
}

/** The exponent of early refresh, where there is one. */
export function readBeta(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const accepted = 'a number from 0 to 1000';
  if (typeof value !== 'number') throw invalidOption('earlyRefresh', accepted, value);
  if (!(value >= 0 && value <= 1000)) throw outOfRange('earlyRefresh', accepted, value);
  return value;
}

function readDelay(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  const delay = readDuration(name, value);
  if (delay > MAX_DELAY) {
    throw outOfRange(name, `a positive number of milliseconds, at most ${MAX_DELAY} (24.8 days)`, value);
  }
  return delay;
}

function readUpTo(name: string, value: unknown, fallback: number, most: number): number {
  if (value === undefined) return fallback;
  const count = readCount(name, value);
  if (count > most) throw outOfRange(name, `a whole number from 1 to ${most}`, value);
  return count;
}

function readCoherence(value: unknown, driver: Driver): 'auto' | 'tracking' | 'pubsub' {
  if (value === undefined) return 'auto';
  if (value !== 'auto' && value !== 'tracking' && value !== 'pubsub') {
    throw invalidOption('coherence', "'auto', 'tracking' or 'pubsub'", value);
  }
  if (value === 'tracking' && !driver.offersTracking) {
    throw invalidOption('coherence', `'auto' or 'pubsub' with ${driver.name}`, value);
  }
  return value;
}

const LOCAL_METHODS = ['get', 'set', 'delete', 'clear'] as const;

function readLocal(value: unknown): LocalTier {
  const tier = value as Partial<Record<(typeof LOCAL_METHODS)[number], unknown>> | null;
  const fits =
    typeof tier === 'object' &&
    tier !== null &&
    LOCAL_METHODS.every((method) => typeof tier[method] === 'function') &&
    // A Map has the methods, but no bound.
    !(value instanceof Map);
  if (!fits) throw invalidOption('local', 'a BoundedCache or a SharedCache', value);
  return tier as unknown as LocalTier;
}
