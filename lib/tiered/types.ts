/** What a `TieredCache` asks of its two tiers, and what it keeps in the local one. */

/**
 * The local tier: what is used of a `BoundedCache` or a `SharedCache`. It should be used for nothing else. A
 * `SharedCache` needs the codec `'json'` or `'structured'`, as each value is stored inside a {@link TieredEntry}.
 */
export interface LocalTier {
  get(key: string): unknown;
  // Of `never`, so that a tier fits whatever its values are said to be; they are a TieredEntry each.
  set(key: string, value: never, options?: { ttl?: number | undefined }): unknown;
  delete(key: string): unknown;
  clear(): unknown;
}

/**
 * How a value lies in the local tier: plain data, if the value is. Times are milliseconds on the monotonic clock that
 * the threads of a process share, so an entry means nothing to another process.
 */
export interface TieredEntry<V> {
  /** The value. */
  readonly v: V;
  /** Since when the value is known to be right: when reading or loading it began, not when that ended. */
  readonly a: number;
  /** Fresh until. */
  readonly f: number;
  /** Kept until, to be served stale. */
  readonly e: number;
  /** What loading it took, in ms; 0 if unknown. */
  readonly c: number;
  /** Which stored value of the key this is, across all instances. */
  readonly i: string;
}

/** Turns values into text for Redis and back. */
export interface TieredCodec<V> {
  encode(value: V): string;
  decode(text: string): V;
}

/** What could not be done, for {@link TieredCacheOptions.onError}. */
export interface TieredErrorContext {
  /** What failed. */
  operation:
    | 'read'
    | 'lock'
    | 'load'
    | 'set'
    | 'delete'
    | 'deleteByTag'
    | 'clear'
    | 'publish'
    | 'subscribe'
    | 'encode'
    | 'decode'
    | 'local';
  /** The key concerned, where it is about one. */
  key?: string | undefined;
  /** Errors of this kind that were not reported since the last one: no more than one a second is. */
  suppressed: number;
}

/** Where the circuit breaker stands: `'open'` means that Redis is left alone for a while. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** How the instance hears of writes elsewhere; `'none'` while it does not. */
export type CoherenceLink = 'tracking' | 'pubsub' | 'none';

/** What a tiered cache has done since it was made, and where it stands. */
export interface TieredCacheStats {
  /** Reads answered by the local tier. */
  localHits: number;
  /** Reads that were not. */
  localMisses: number;
  /** Reads of Redis that found a fresh value. */
  remoteHits: number;
  /** Reads of Redis that did not. */
  remoteMisses: number;
  /** Loaders started by this instance. */
  loads: number;
  /** Loaders that failed or took too long. */
  loadFailures: number;
  /** Loads in flight now. */
  loadsInFlight: number;
  /** Loads begun before their value had expired, by `earlyRefresh`. */
  earlyRefreshes: number;
  /** Values that another instance loaded while this one waited for its lock. */
  sharedLoads: number;
  /** Values returned after their time to live. */
  staleHits: number;
  /** Keys that others were told of. */
  invalidationsSent: number;
  /** Keys that others, or Redis, told of. */
  invalidationsReceived: number;
  /** Times the whole local tier was given up: connected anew, cleared, or a message missed. */
  flushes: number;
  /** Writes that Redis did not confirm. */
  unconfirmedWrites: number;
  /** Keys and tags to be deleted in Redis when it can be reached again. */
  pendingRepairs: number;
  /** Failures by what failed; none of them made a read fail. */
  errors: {
    /** Commands that Redis or the client refused or cut. */
    remote: number;
    /** Commands that took longer than `remoteTimeout`. */
    timeout: number;
    /** Commands not sent: client not connected, breaker open, or too many in flight. */
    skipped: number;
    /** Values in Redis that could not be decoded; each counts as a miss. */
    decode: number;
    /** Values that the local tier refused. */
    local: number;
    /** The connection for invalidations could not be made, or was lost. */
    link: number;
  };
  /** Commands that the client has not answered yet. */
  commandsInFlight: number;
  /** The circuit breaker; in a cluster, that of the node which does worst. */
  breaker: BreakerState;
  /** The connection that invalidations come over. */
  link: CoherenceLink;
  /** Whether local values are known to be current: false once Redis has not answered for `maxStaleOnDisconnect`. */
  coherent: boolean;
}
