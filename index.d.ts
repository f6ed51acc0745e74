// The public API, generated from lib/ by `npm run build:js`. Committed so that its changes show in review;
// not edited by hand.
/** A source of the time in milliseconds. */
interface ClockSource {
    /** The current time in milliseconds, from any origin; may stand still but should not go back. */
    now(): number;
}

/**
 * Why an entry left: `evicted` to make room, `expired` by its TTL, `deleted` on request, `replaced` by another
 * value of the same key, `cleared` with all others.
 */
type RemovalReason = 'evicted' | 'expired' | 'deleted' | 'replaced' | 'cleared';

/** One entry of a {@link CacheDump}. */
interface DumpEntry<K, V> {
    key: K;
    value: V;
    /** Milliseconds it had left to live when dumped; absent without a deadline. */
    ttl?: number | undefined;
    /** Size in bytes; absent in a cache without `maxBytes`. */
    size?: number | undefined;
}
/**
 * What `dump()` returns and `restore()` takes: plain data, fit for `structuredClone`, and for JSON if keys and values
 * are. Entries come least recently used first.
 */
interface CacheDump<K, V> {
    format: 'plateau.cache';
    version: 1;
    /**
     * When it was made, in milliseconds since the Unix epoch, whatever the cache's clock: time spent in a file counts
     * against the TTL.
     */
    at: number;
    entries: DumpEntry<K, V>[];
}

/** Which entry leaves when there is no room. */
type EvictionPolicy = 'lru' | 's3-fifo';
/** Options of {@link BoundedCache}. At least one of `maxEntries` and `maxBytes` is required. */
interface BoundedCacheOptions<K, V> {
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
interface SetOptions {
    /** Time to live of this entry in milliseconds, instead of the cache's. */
    ttl?: number | undefined;
    /** Size of this entry in bytes, instead of `sizeOf`. Only for a cache with `maxBytes`. */
    size?: number | undefined;
}

/** What a loader is given besides the key. */
interface LoadContext<V> {
    /** Aborted when every caller has given up. */
    signal: AbortSignal;
    /** The value being revalidated, if a stale one is at hand. */
    stale: V | undefined;
}
/** Fetches the value of a key. */
type Loader<K, V> = (key: K, context: LoadContext<V>) => V | PromiseLike<V>;
/** Options of {@link BoundedCache.getOrLoad}; all times in milliseconds. */
interface LoadOptions {
    /** Time to live of the loaded entry, instead of the cache's. */
    ttl?: number | undefined;
    /** Size of the loaded entry in bytes, instead of `sizeOf`. */
    size?: number | undefined;
    /** Rejects this caller with the signal's reason. The load goes on while others wait for it. */
    signal?: AbortSignal | undefined;
    /** Rejects this caller with `PLATEAU_LOAD_TIMEOUT` after so long, at most 24.8 days. */
    timeout?: number | undefined;
    /** For so long after its time to live, an entry is returned at once and loaded anew in the background. */
    staleWhileRevalidate?: number | undefined;
    /** For so long after its time to live, an entry is returned where loading fails. */
    staleIfError?: number | undefined;
    /** Remembers a failure for so long, instead of the cache's `negativeTtl`. */
    negativeTtl?: number | undefined;
}

/** What `stats()` returns: counters since the start or the last `resetStats()`, and the state now. */
interface CacheStats {
    /** `get`s that found a value. */
    hits: number;
    /** `get`s that did not. */
    misses: number;
    /** `hits / (hits + misses)`, from 0 to 1; 0 before the first. */
    hitRatio: number;
    /** Values stored. */
    sets: number;
    /** Entries refused because they are larger than `maxBytes`. */
    rejected: number;
    /** Entries that left, by reason. */
    removals: Record<RemovalReason, number>;
    /** Loads started by `getOrLoad`. */
    loads: number;
    /** Loads that failed. */
    loadFailures: number;
    /** Sum of the times loads took, in milliseconds. */
    loadTime: number;
    /** Loads in flight now. */
    loadsInFlight: number;
    /** Values returned after their time to live by `staleWhileRevalidate` or `staleIfError`. */
    staleHits: number;
    /** Entries held now. */
    entries: number;
    /** Bytes held now, as measured by `sizeOf`; 0 without `maxBytes`. */
    bytes: number;
    /** The bounds. */
    maxEntries: number;
    /** `Infinity` without one. */
    maxBytes: number;
}

/**
 * A `Map` with a bound: entries are evicted when it is full, and expire if they have a time to live.
 *
 * Keys are compared as in a `Map` (SameValueZero), values are kept by identity, iteration is in insertion order.
 * `get`, `set`, `has` and `delete` take constant time, amortised over growth and over eviction plans.
 *
 * @example
 * const cache = new BoundedCache<string, User>({ maxEntries: 10_000, ttl: 60_000 });
 * cache.set('42', user);
 * cache.get('42'); // user, for a minute
 *
 * @example
 * // One load per key, however many requests wait for it:
 * const user = await cache.getOrLoad(id, (id) => db.users.find(id));
 */
declare class BoundedCache<K = unknown, V = unknown> {
    #private;
    /**
     * @param options the bounds and everything else; a number is short for `{ maxEntries }`
     * @param entries what to begin with, set one after the other
     * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable
     */
    constructor(options: BoundedCacheOptions<K, V> | number, entries?: Iterable<readonly [K, V]> | null);
    /** The name given, under which {@link caches} lists it. */
    get name(): string | undefined;
    /** Entries held, including expired ones not released yet (see `ttlResolution`). */
    get size(): number;
    /** The bound on entries. */
    get maxEntries(): number;
    /** The bound on bytes; `Infinity` without one. */
    get maxBytes(): number;
    /** The value of `key`, or `undefined`. Counts as a use, and as a hit or a miss. */
    get(key: K): V | undefined;
    /**
     * Stores a value, evicting others if there is no room. Replaces the key's old value and starts its time to live
     * anew; the key keeps its place in the insertion order.
     *
     * @throws TypeError | RangeError when an option, or what `sizeOf` returns, is not acceptable; nothing has changed then
     */
    set(key: K, value: V, options?: SetOptions): this;
    /** Whether `key` has a value. Does not count as a use, a hit or a miss. */
    has(key: K): boolean;
    /** The value of `key`, or `undefined`. Does not count as a use, a hit or a miss, and renews nothing. */
    peek(key: K): V | undefined;
    /** Removes an entry; whether there was one. A load of this key under way is not stored. */
    delete(key: K): boolean;
    /** Removes an entry and returns its value, or `undefined`. */
    take(key: K): V | undefined;
    /** Removes everything, and gives the memory back. */
    clear(): void;
    /** The values of several keys, in their order, `undefined` where there is none. Each counts like a `get`. */
    getMany(keys: Iterable<K>): (V | undefined)[];
    /**
     * Stores several entries, one after the other, all with the same options. They are read and measured first: when one
     * is not acceptable, or `sizeOf` throws, nothing has changed.
     */
    setMany(entries: Iterable<readonly [K, V]>, options?: SetOptions): this;
    /** The value of `key`; where there is none, `value` is stored and returned. */
    getOrInsert(key: K, value: V): V;
    /** The value of `key`; where there is none, what `compute(key)` returns is stored and returned. */
    getOrInsertComputed(key: K, compute: (key: K) => V): V;
    /**
     * The value of `key`, loading it where there is none. However many callers ask meanwhile, `loader` runs once; each
     * caller may have its own `signal` and `timeout`. A failure is not stored, unless `negativeTtl` says so. If the key
     * is set, deleted or cleared during the load, the callers get the loaded value and the cache does not.
     *
     * @returns a promise; it rejects with what the loader threw, the signal's reason, `PLATEAU_LOAD_TIMEOUT` or
     * `PLATEAU_TOO_MANY_LOADS`
     * @throws TypeError | RangeError when an argument is not acceptable
     */
    getOrLoad(key: K, loader: Loader<K, V>, options?: LoadOptions): Promise<V>;
    /**
     * Memoises a function: calls with the same key share one result, and one call while it runs. The result is always
     * a promise.
     *
     * @param keyOf the key of a call; without it, the first argument
     */
    wrap<A extends unknown[]>(fn: (...args: A) => V | PromiseLike<V>, keyOf?: (...args: A) => K, options?: LoadOptions): (...args: A) => Promise<V>;
    /** Milliseconds the entry has left: `Infinity` without a time to live, `undefined` if there is no entry. */
    remainingTtl(key: K): number | undefined;
    /** Releases what has expired now, in one go, instead of waiting; returns how many entries. Linear in the slots. */
    purgeExpired(): number;
    /** Changes the bounds, evicting what no longer fits. A bound that is not named stays. */
    resize(bounds: {
        maxEntries?: number;
        maxBytes?: number;
    }): void;
    /** Evicts, by the policy, until `fraction` of the entries (and of the bytes) is left: 0.5 halves, 0 empties. */
    shrinkTo(fraction: number): void;
    /** Counters since the cache was made or `resetStats` was called, and what it holds now. */
    stats(): CacheStats;
    /** Sets the counters to zero. */
    resetStats(): void;
    /** The content as plain data, for `restore`. Linear in the entries, and sorts them. */
    dump(): CacheDump<K, V>;
    /**
     * Sets the entries of a dump, less the time since it was made (by `Date.now`); what has expired is left out. Entries
     * there already stay. Returns how many were set.
     *
     * @throws TypeError when it is not a dump; nothing has changed then
     */
    restore(dump: CacheDump<K, V>): number;
    /** Keys in insertion order, skipping what has expired. Changing the cache meanwhile is as safe as with a `Map`. */
    keys(): ReturnType<Map<K, V>['keys']>;
    /** Values in insertion order. */
    values(): ReturnType<Map<K, V>['values']>;
    /** Entries in insertion order. */
    entries(): ReturnType<Map<K, V>['entries']>;
    /**
     * Entries from the most to the least recently used, as of the call: under `'s3-fifo'`, from the last to be evicted
     * to the first. Entries removed meanwhile are skipped. Sorts: O(n log n).
     */
    entriesByRecency(): ReturnType<Map<K, V>['entries']>;
    /** Calls `callback` for every entry in insertion order. */
    forEach(callback: (value: V, key: K, cache: this) => void, thisArg?: unknown): void;
    /** Entries in insertion order. */
    [Symbol.iterator](): ReturnType<Map<K, V>['entries']>;
    get [Symbol.toStringTag](): string;
}

/**
 * The caches of this thread that were given a `name`, in the order they were made. Names need not be unique.
 *
 * @example
 * for (const cache of caches()) gauge.set({ cache: cache.name }, cache.size);
 */
declare function caches(): BoundedCache<unknown, unknown>[];
/**
 * Shrinks every named cache to `fraction` of what it holds, for when memory runs out: 0.5 keeps half, 0 nothing.
 * Returns how many entries were released. Each cache evicts by its policy. Errors of `onRemove` callbacks do not
 * stop the others: they are thrown at the end, several as an AggregateError.
 *
 * @throws TypeError | RangeError when `fraction` is not a number from 0 to 1
 */
declare function relieve(fraction: number): number;

/** Options of {@link BoundedLog}. At least one of `maxEntries` and `maxBytes` is required. */
interface BoundedLogOptions<T> {
    /** The most records held, 1 to 67,108,863. Memory is allocated as records arrive, not ahead. */
    maxEntries?: number | undefined;
    /**
     * The most bytes held, as measured by `sizeOf`. A record larger than this is refused: `push` returns, and
     * `rejected` counts it.
     */
    maxBytes?: number | undefined;
    /**
     * How long a record is held, in milliseconds; any positive number, `Infinity` for no limit. Older ones are neither
     * returned nor counted from that moment on, and are released within a second though nobody reads. Not a bound: a
     * log with a `maxAge` still needs `maxEntries` or `maxBytes`.
     * @default Infinity
     */
    maxAge?: number | undefined;
    /**
     * The size of a record in bytes: a finite number, 0 or more. Called once per record, before it is held.
     * @default an estimate of the memory that the record retains, see `docs/design/size-of.md`
     */
    sizeOf?: ((record: T) => number) | undefined;
    /**
     * Where the time comes from, for tests. Fake timers (`node:test`'s or a library's) are noticed without this. A clock
     * that goes back is taken to have stood still.
     * @default a monotonic clock
     */
    clock?: ClockSource | undefined;
    /** Shown by `console.log` and on the page of {@link debugEndpoint}. */
    name?: string | undefined;
}
/** What {@link BoundedLog.resize} changes. A bound that is not named stays. */
interface LogBounds {
    /** As in {@link BoundedLogOptions}. */
    maxEntries?: number | undefined;
    /** As in {@link BoundedLogOptions}; only for a log that was made with one. */
    maxBytes?: number | undefined;
    /** As in {@link BoundedLogOptions}; only for a log that was made with one. */
    maxAge?: number | undefined;
}

/** What a log has done since it was made, and what it holds. */
interface LogStats {
    /** Records held. */
    size: number;
    /** Bytes held, as measured; 0 in a log without `maxBytes`. */
    bytes: number;
    /** Records that were taken in. */
    pushed: number;
    /** Records that left to make room. */
    dropped: number;
    /** Records that left because of `maxAge`. */
    expired: number;
    /** Records that were refused because they alone are larger than `maxBytes`. */
    rejected: number;
}
/**
 * The newest records: an array to push to that never grows beyond its bounds. The oldest leave, without anything being
 * shifted: `push` takes constant time, amortised over letting go, and `at` constant time.
 *
 * An iteration covers the records that are there when it begins. Those that leave meanwhile are skipped, those that
 * are pushed meanwhile are not part of it; none comes twice. So a loop may push to the log it walks.
 *
 * @example
 * const log = new BoundedLog<Failure>({ maxEntries: 1000, maxAge: 3_600_000 });
 * log.push({ at: Date.now(), message });
 * log.tail(10); // the newest ten, oldest first
 */
declare class BoundedLog<T = unknown> implements Iterable<T> {
    #private;
    /**
     * @param options the bounds and everything else; a number is short for `{ maxEntries }`
     * @param records what to begin with, oldest first
     * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable or does not exist
     */
    constructor(options: BoundedLogOptions<T> | number, records?: Iterable<T> | null);
    /** The name given. */
    get name(): string | undefined;
    /** The bound on records. */
    get maxEntries(): number;
    /** The bound on bytes; `Infinity` without one. */
    get maxBytes(): number;
    /** How long a record is held, in milliseconds; `Infinity` without a limit. */
    get maxAge(): number;
    /** Records held; none that is too old. */
    get size(): number;
    /** Bytes held, as measured by `sizeOf`; 0 in a log without `maxBytes`. */
    get bytes(): number;
    /** Records that left to make room, since the log was made. */
    get dropped(): number;
    /** Records refused because they alone are larger than `maxBytes`, since the log was made. */
    get rejected(): number;
    /**
     * Takes records in, the last being the newest, and lets the oldest go where there is no room. Returns how many
     * records the log holds then, as the `push` of an array does.
     *
     * @throws TypeError | RangeError when what `sizeOf` or the clock returns is not acceptable, and what they throw;
     * nothing has changed then
     */
    push(...records: T[]): number;
    /** Releases what is too old now, instead of waiting; returns how many records. */
    purgeExpired(): number;
    /**
     * The record at that place: 0 is the oldest, -1 the newest; `undefined` where there is none.
     *
     * @throws TypeError when `index` is not a whole number
     */
    at(index: number): T | undefined;
    /**
     * The newest records as an array, oldest first.
     *
     * @param count how many, at most; 0 or more, `Infinity` for all
     * @throws TypeError | RangeError when `count` is not such a number
     */
    tail(count?: number): T[];
    /** The records, oldest first. */
    values(): ReturnType<T[]['values']>;
    /** Pairs of place and record, oldest first; places are those at the beginning of the iteration, from 0. */
    entries(): ReturnType<T[]['entries']>;
    /** The records, newest first. */
    newestFirst(): ReturnType<T[]['values']>;
    /** The records, oldest first. */
    [Symbol.iterator](): ReturnType<T[]['values']>;
    /** Calls `callback` for every record, oldest first, with its place as {@link entries} has it. */
    forEach(callback: (record: T, index: number, log: this) => void, thisArg?: unknown): void;
    /** Lets go of everything, and gives the memory back. Counts as neither dropped nor expired. */
    clear(): void;
    /**
     * Changes the bounds, letting the oldest go where they no longer fit. A bound that is not named stays.
     *
     * @param bounds the new bounds; a number is short for `{ maxEntries }`
     * @throws TypeError | RangeError when a bound is not acceptable; nothing has changed then
     */
    resize(bounds: LogBounds | number): void;
    /** Counters since the log was made, and what it holds now. */
    stats(): LogStats;
    /** The records as an array, oldest first: what `JSON.stringify` writes. */
    toJSON(): T[];
    get [Symbol.toStringTag](): string;
}

/** Options of {@link debugEndpoint}. */
interface DebugEndpointOptions<Req> {
    /**
     * Whether this request may see the log. Only `true` lets it in, or a promise of `true`: any other value, a throw or a
     * rejection is answered with 403 and no more (the last two become a process warning, at most one a minute).
     */
    authorize: (req: Req) => boolean | PromiseLike<boolean>;
}
type Any = any;
/**
 * Serves a log, newest records first: a handler for Express, for other frameworks of that kind and for plain `http`.
 * (Fastify's is in `plateau/fastify`.) As JSON, or as a page where a browser asks; never cached.
 *
 * The query may have `limit` (1 to 1,000; 100 without), `status` (`404` or `5xx`), `method`, and `path` (exact, or with
 * `*` at its end); anything else is answered with 400. Methods but GET and HEAD are answered with 405.
 *
 * @example
 * app.get('/debug/requests', debugEndpoint(recent.log, { authorize: (req) => req.user?.isAdmin === true }));
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` without an `authorize` function
 */
declare function debugEndpoint<Req = Any>(log: BoundedLog<Any>, options: DebugEndpointOptions<Req>): (req: {
    method?: string | undefined;
    url?: string | undefined;
    headers: object;
}, res: {
    statusCode: number;
    setHeader(name: string, value: string): unknown;
}) => void;

/** What `exclude` takes: an exact path, a prefix with `*` at its end, or a pattern. */
type PathPattern = string | RegExp;

/** A request that has ended. */
interface RequestRecord {
    /** From `req.id`, the header `x-request-id`, or a number of its own; up to 128 characters. */
    id: string;
    /** When it came, in milliseconds since 1970. */
    at: number;
    method: string;
    /** As it was asked for, with secrets redacted; up to 2,048 characters. */
    url: string;
    /** The pattern of the route that took it, where the framework tells it. */
    route: string | null;
    /** The status that was sent; `null` when the connection was lost before. */
    status: number | null;
    /** Milliseconds from its coming to the end of the response. */
    duration: number;
    /** Bytes of the response's body, as they were handed to the connection. */
    bytes: number;
    /** Whether the connection was lost before the response was complete. */
    aborted: boolean;
    /** The headers named by the option `headers`, as far as there were any. */
    headers?: Record<string, string>;
}

/** Options of `recentRequests`. `Req` and `Res` are the framework's request and response. */
interface RecentRequestsOptions<Req, Res, Picked extends object = object> {
    /**
     * The most requests held, 1 to 67,108,863; the oldest leave.
     * @default 1000
     */
    max?: number | undefined;
    /** The most bytes held, by an estimate of the memory that the records retain. */
    maxBytes?: number | undefined;
    /** How long a request is held after its end, in milliseconds. */
    maxAge?: number | undefined;
    /** A log to record into, in place of one made from `max`, `maxBytes` and `maxAge`. */
    log?: BoundedLog<RequestRecord & Partial<Picked>> | undefined;
    /**
     * Returns further fields of the record, when the request has ended. They are copied: plain data of up to 100 fields
     * and items, four levels deep, strings of up to 1,024 characters, secrets redacted by their names. Requests, responses,
     * sockets and streams are refused, with one process warning, and so is what would replace a field of the record. What
     * it throws becomes one process warning, and the request is recorded without further fields.
     */
    pick?: ((req: Req, res: Res) => Picked | null | undefined) | undefined;
    /**
     * Requests that are not recorded: their paths, without query, as an exact string, a prefix that ends in `*`, a
     * pattern, a list of these; or a function that is asked when the request comes.
     */
    exclude?: PathPattern | readonly PathPattern[] | ((req: Req) => boolean) | undefined;
    /**
     * Names of parameters, headers and picked fields that are redacted besides the built-in ones (which are in
     * `docs/design/log.md`: tokens, keys, passwords, sessions, signatures and the like), letter case aside; or a function
     * that says of a name whether it is to be redacted, too. A function that throws redacts.
     */
    redact?: readonly string[] | ((name: string) => boolean) | undefined;
    /** Names of query parameters and picked fields that are shown although the built-in list has them. */
    revealParameters?: readonly string[] | undefined;
    /**
     * Names of the request headers to record.
     * @default none
     */
    headers?: readonly string[] | undefined;
    /** Names of headers, among `headers`, that are shown although the built-in list has them, such as `cookie`. */
    revealHeaders?: readonly string[] | undefined;
    /**
     * The id of a request, asked when it has ended.
     * @default `req.id`, or else the header `x-request-id`, or else a number of its own
     */
    requestId?: ((req: Req, res: Res) => string | number | undefined) | undefined;
}

/**
 * The version of the package. Written by `scripts/sync-version.mjs`, which keeps it equal to the
 * one in package.json, Cargo.toml and every platform package.
 */
declare const version: string;

/** Options of {@link WeakCache}. */
interface WeakCacheOptions {
    /**
     * The most keys held, 1 to 67,108,863; the least recently used leaves. Its value lives on where else it is held, but
     * the cache no longer knows it. Memory is allocated as keys arrive, not ahead.
     * @default 100_000
     */
    maxKeys?: number | undefined;
    /**
     * How many of the most recently used values are kept alive by the cache itself, 0 to `maxKeys`.
     * @default 0
     */
    maxStrong?: number | undefined;
    /** Shown by `console.log`. */
    name?: string | undefined;
}
/** What a weak cache has done since it was made, and what it holds. */
interface WeakCacheStats {
    /** Keys whose value is alive, as far as is known: a dead one counts until it is noticed. */
    size: number;
    /** Values that the cache itself keeps alive. */
    strong: number;
    /** Reads that found a live value. */
    hits: number;
    /** Reads that found none. */
    misses: number;
    /** Keys that left because their value had been collected. */
    collected: number;
    /** Keys that left because there were more than `maxKeys`. */
    evicted: number;
}
/**
 * A `Map` that does not keep its values alive: objects are found again under their key for as long as anybody uses
 * them, and after that they and their keys go. With `maxStrong` the last ones used stay a little longer.
 *
 * Keys are compared as in a `Map` and held strongly, also those that are objects: a value that is its own key, or that
 * its key refers to, is only released when its key leaves. Iteration is in insertion order, and safe under changes as
 * that of a `Map`. All methods that take a key take constant time, amortised over growth and eviction.
 *
 * A value cannot vanish between two steps of one synchronous function: what `get` or `has` has seen stays until the
 * current job of the event loop is over.
 *
 * @example
 * const rooms = new WeakCache<string, Room>({ maxStrong: 100 });
 * const room = rooms.getOrCreate(id, (id) => new Room(id)); // the one Room of that id, as long as it is in use
 */
declare class WeakCache<K = unknown, V extends object = object> {
    #private;
    /**
     * @param options the bounds; a number is short for `{ maxKeys }`
     * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable or does not exist
     */
    constructor(options?: WeakCacheOptions | number);
    /** The name given. */
    get name(): string | undefined;
    /** The bound on keys. */
    get maxKeys(): number;
    /** The bound on values kept alive; 0 for none. */
    get maxStrong(): number;
    /** Keys whose value is alive, as far as is known: a dead one counts until it is noticed. */
    get size(): number;
    /** The value of `key`, or `undefined`. Counts as a use, and as a hit or a miss. */
    get(key: K): V | undefined;
    /** Whether `key` has a live value. Does not count as a use, a hit or a miss. */
    has(key: K): boolean;
    /** The value of `key`, or `undefined`. Does not count as a use, a hit or a miss. */
    peek(key: K): V | undefined;
    /**
     * Stores a value, in place of the key's old one; where there are too many keys, the least recently used leaves.
     *
     * @throws TypeError when the value is neither an object nor a function; nothing has changed then
     */
    set(key: K, value: V): this;
    /**
     * The value of `key`; where there is none, what `make(key)` returns is stored and returned. `make` is called
     * synchronously, and what it throws is thrown.
     *
     * @throws TypeError when `make` is no function, or returns neither an object nor a function
     */
    getOrCreate(key: K, make: (key: K) => V): V;
    /** Removes a key; whether it had a live value. */
    delete(key: K): boolean;
    /** Removes everything, and gives the memory back. */
    clear(): void;
    /** Keys whose value is alive, in insertion order. */
    keys(): ReturnType<Map<K, V>['keys']>;
    /** Live values, in insertion order. */
    values(): ReturnType<Map<K, V>['values']>;
    /** Keys with their live values, in insertion order. */
    entries(): ReturnType<Map<K, V>['entries']>;
    /** Keys with their live values, in insertion order. */
    [Symbol.iterator](): ReturnType<Map<K, V>['entries']>;
    /** Calls `callback` for every live value, in insertion order. */
    forEach(callback: (value: V, key: K, cache: this) => void, thisArg?: unknown): void;
    /** Counters since the cache was made, and what it holds now. */
    stats(): WeakCacheStats;
    get [Symbol.toStringTag](): string;
}

export { BoundedCache, BoundedLog, WeakCache, caches, debugEndpoint, relieve, version };
export type { BoundedCacheOptions, BoundedLogOptions, CacheDump, CacheStats, ClockSource, DebugEndpointOptions, DumpEntry, EvictionPolicy, LoadContext, LoadOptions, Loader, LogBounds, LogStats, PathPattern, RecentRequestsOptions, RemovalReason, RequestRecord, SetOptions, WeakCacheOptions, WeakCacheStats };
