// The public API, generated from lib/ by `npm run build:js`. Committed so that its changes show in review;
// not edited by hand.
/** As much of an `http.Agent` as is looked at. */
interface AgentLike {
    readonly sockets: object;
    readonly freeSockets: object;
    readonly requests: object;
}
/** As much of an undici dispatcher as is looked at. */
interface DispatcherLike {
    dispatch(...args: any[]): unknown;
}
/** Options of {@link inspectAgents}. */
interface InspectAgentsOptions {
    /** Agents of `node:http` and `node:https` besides the global ones, in an array or under names for the report. */
    agents?: readonly AgentLike[] | Readonly<Record<string, AgentLike>> | undefined;
    /** Dispatchers of undici (Agent, Pool, Client, …) besides the global one, in an array or under names. */
    dispatchers?: readonly DispatcherLike[] | Readonly<Record<string, DispatcherLike>> | undefined;
    /**
     * The most sockets in use per origin, a whole number, 1 or more, or `Infinity`.
     * @default 256
     */
    maxSockets?: number | undefined;
    /**
     * The most free sockets per origin.
     * @default 256
     */
    maxFree?: number | undefined;
    /**
     * The most requests that wait for a socket, per origin.
     * @default 1_000
     */
    maxPending?: number | undefined;
    /**
     * The most origins per agent.
     * @default 1_000
     */
    maxOrigins?: number | undefined;
    /**
     * The most pools per origin. An agent makes one for each set of TLS options, so a request with options of its own
     * never finds a free socket.
     * @default 16
     */
    maxPools?: number | undefined;
}
/** One origin of one agent. */
interface AgentOrigin {
    /** The agent's name in the report. */
    agent: string;
    /**
     * Such as `https://api.example.com`, `unix:/run/docker.sock`, `(unknown)`, or `(any)` of a BalancedPool;
     * never with credentials or options.
     */
    origin: string;
    /** Sockets in use. */
    sockets: number;
    /** Sockets kept for the next request. */
    free: number;
    /** Requests that wait for a socket. */
    pending: number;
    /** The most sockets that the agent opens, `Infinity` for no limit; `undefined` where that is not known. */
    limit: number | undefined;
    /** Pools that this is the sum of. */
    pools: number;
}
/** One agent or dispatcher. */
interface AgentSummary {
    /** `http.globalAgent`, `https.globalAgent`, `fetch`, `agents[0]`, `dispatchers[0]`, or the name it was given. */
    agent: string;
    /** Whose: an agent of `node:http` or `node:https`, or a dispatcher of undici. */
    kind: 'http' | 'undici';
    /** Origins that it knows. */
    origins: number;
    /** Sockets in use, of all origins together. */
    sockets: number;
    /** Sockets kept for the next request. */
    free: number;
    /** Requests that wait for a socket. */
    pending: number;
    /** Whether sockets are kept for the next request; `undefined` for undici, which keeps them. */
    keepAlive: boolean | undefined;
    /** Whether its inside is not as this knows it: then its numbers may be missing. */
    unknown: boolean;
}
/** What is over a bound. */
type AgentFindingCode = 'sockets' | 'free' | 'pending' | 'origins' | 'pools'
/** No limit on sockets, and more than half of `maxSockets` in use for one origin. */
 | 'unbounded'
/** Sockets are not kept, though ten or more are in use for one origin. */
 | 'keep-alive-off';
/** Something that is over a bound; at most one per agent and code. */
interface AgentFinding {
    /** What is over its bound. */
    code: AgentFindingCode;
    /** As in {@link AgentSummary}. */
    agent: string;
    /** The worst origin; `undefined` where it concerns the whole agent. */
    origin: string | undefined;
    /** What was found, and what it should not exceed. */
    value: number;
    /** The bound, from the options. */
    bound: number;
    /** How many origins of the agent are over the bound. */
    count: number;
    /** The same as a sentence. */
    message: string;
}
/** What {@link inspectAgents} returns. Plain data: `JSON.stringify` shows all of it (`Infinity` as `null`). */
interface AgentsReport {
    /** Whether nothing is over its bound. */
    ok: boolean;
    /** Sums over all agents. */
    totals: {
        agents: number;
        origins: number;
        sockets: number;
        free: number;
        pending: number;
    };
    /** Those looked at. */
    agents: AgentSummary[];
    /** The busiest first. */
    origins: AgentOrigin[];
    /** What is over its bound. */
    findings: AgentFinding[];
    /** A table of the 20 busiest origins, and the findings. */
    toString(): string;
}

/**
 * Looks at the global agents of `node:http` and `node:https`, at the dispatcher of `fetch`, and at those given, and
 * reports per origin: sockets in use, free ones, requests that wait. What is over a bound is in `findings`.
 *
 * Cheap and without side effects: O(pools), nothing is opened, closed or changed. What a dispatcher of an unknown
 * version does not tell is `unknown`.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT`, `PLATEAU_INVALID_OPTION` for what is no agent, dispatcher or option
 * @throws RangeError `PLATEAU_OUT_OF_RANGE` for a bound that is not a whole number, 1 or more
 *
 * @example
 * const report = inspectAgents({ agents: { payments: paymentsAgent }, maxPending: 100 });
 * if (!report.ok) log.warn(String(report));
 */
declare function inspectAgents(options?: InspectAgentsOptions): AgentsReport;

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
    /** As it was given, by identity. */
    key: K;
    /** The value, as it was given. */
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
    /** So that nothing else is taken for a dump. */
    format: 'plateau.cache';
    /** Of this format. */
    version: 1;
    /**
     * When it was made, in milliseconds since the Unix epoch, whatever the cache's clock: time spent in a file counts
     * against the TTL.
     */
    at: number;
    /** Least recently used first. */
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
    /** Bytes held, as measured by `sizeOf`; 0 without `maxBytes`. */
    get bytes(): number;
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
 * stop the others: they are thrown at the end, several as an AggregateError. Shared caches are left alone: they are
 * outside the heap, and the business of all threads ({@link SharedCache.resize} shrinks one).
 *
 * @throws TypeError | RangeError when `fraction` is not a number from 0 to 1
 */
declare function relieve(fraction: number): number;

/** What kind of leak something is: the names of the catalogue. */
type LeakPattern = 
/** A Map, object, Set or array of records that only grows. */
'unbounded-cache'
/** Listeners of an EventEmitter, EventTarget or AbortSignal that are never removed. */
 | 'listeners'
/** Functions kept, each with the variables of the call that made it. */
 | 'closures'
/** Timers and intervals that are never cleared. */
 | 'timers'
/** Promises that never settle, and what waits for them. */
 | 'promises'
/** Streams that are neither read to their end nor destroyed. */
 | 'streams'
/** Request and response objects kept after the response. */
 | 'requests'
/** Sockets and agents that are kept. */
 | 'sockets'
/** An array at the top of a module to which is only ever pushed. */
 | 'module-arrays'
/** Memory outside V8's heap: Buffers, native handles. */
 | 'native'
/** Strings: slices that hold big parents, long concatenations. */
 | 'strings'
/** Instances of a class. */
 | 'instances'
/** Growth that fits none of the others. */
 | 'unknown';
/** A place in a source. */
interface SourcePlace {
    /** A path, or Node's own name for a script (`node:events`). Without source maps: of the code that ran. */
    file: string;
    /** From 1. */
    line: number;
    /** From 1. */
    column: number;
    /** The function there, where it has a name. */
    function?: string;
}
/** An object on the way from a root to what has grown. */
interface TraceStep {
    /** In words: `variable bus`, `_events.data`, `[1,312 elements]`. How the step before refers to this object. */
    edge: string;
    /** What kind of reference that is; `growth` is the last one, from the container to what has grown. */
    kind: 'start' | 'variable' | 'property' | 'element' | 'internal' | 'growth';
    /** The name of the variable or property, or the key of a Map's entry, where it has one. */
    name?: string;
    /** What it is: `EventEmitter`, `Map [1,312 entries]`, `closure handler`, `module server.js`. */
    node: string;
    /** The object's id in the last snapshot; 0 for a module. */
    id: number;
    /** Where the function stands that it is, or that constructed it. */
    place?: SourcePlace;
}
/** Growth that hangs on one place. */
interface HeapFinding {
    /** What kind of leak it is. */
    pattern: LeakPattern;
    /** One line: `Map cache in server.js keeps 1,312 more Session objects`. */
    title: string;
    /** From 0 to 1: how sure the pattern is. */
    confidence: number;
    /** How many objects directly under the container have been made between the first and the second snapshot and are still there in the last. */
    count: number;
    /** Bytes of all that survived there. */
    bytes: number;
    /** Bytes made there after the second snapshot; with two snapshots 0. */
    newBytes: number;
    /** The class of most of those objects. */
    className: string;
    /** What holds them, in words: `Map`, `EventEmitter`. */
    container: string;
    /** The path from a root to what has grown. */
    trace: TraceStep[];
    /** The trace in one line. */
    path: string;
    /**
     * The line to look at first: with sources the statement that adds to what holds it, or where that is declared; else the
     * function that made most of it, where allocations were tracked, or that is kept, or a constructor.
     */
    place?: SourcePlace;
    /** What `place` is. */
    placeIs?: 'added' | 'declared' | 'allocated' | 'function' | 'constructor' | 'holder';
    /** The file with the variable at which the trace begins. */
    file?: string;
    /** Other places of the program along the trace and among allocations, by bytes; the first is `place`. */
    places: SourcePlace[];
    /** What speaks for it, in sentences with figures. */
    evidence: string[];
    /** What to do about it. */
    fix: string;
}
/** A class's growth. */
interface ClassGrowth {
    /** The class, as in Chrome's "Summary". */
    name: string;
    /** Objects that survived. */
    count: number;
    /** Their own bytes. */
    bytes: number;
}
/** What {@link compareHeaps} finds. */
interface HeapComparison {
    /** The version of this form. */
    schema: 1;
    /** How many snapshots were compared: 2 or 3. */
    snapshots: number;
    /** Of each snapshot: its objects and their bytes. */
    totals: Array<{
        objects: number;
        bytes: number;
        nativeBytes: number;
    }>;
    /** Bytes that survived, of all but V8's own (code, hidden classes, feedback). */
    grownBytes: number;
    /** Bytes by which V8's own has grown, which is no leak. */
    noiseBytes: number;
    /** Growth by place, most bytes first. */
    findings: HeapFinding[];
    /** Growth by class, most bytes first. */
    classes: ClassGrowth[];
}
/** Options of what reads snapshots. */
interface HeapReadOptions {
    /** Aborts: the promise rejects with the signal's reason. */
    signal?: AbortSignal;
    /** Told how far it is, a few times a second: a share from 0 to 1, and what is being done. */
    onProgress?: (progress: {
        share: number;
        stage: string;
    }) => void;
}
/** Options of {@link compareHeaps}. */
interface CompareHeapsOptions extends HeapReadOptions {
    /**
     * How many findings at most.
     * @defaultValue 20
     */
    limit?: number;
    /**
     * Looks in the program's sources for the lines that belong to findings: read from the paths that the snapshots name, which
     * have to be the same version.
     * @defaultValue false
     */
    sources?: boolean;
    /** Folders that are the program's own; a place in one is preferred to others. Without: whatever is not in `node_modules`. */
    roots?: string[];
}
/**
 * What a snapshot is read from: a path, a readable stream (of `v8.getHeapSnapshot()`, also gzip- or zstd-compressed), or the
 * bytes themselves.
 */
type HeapSource = string | URL | NodeJS.ReadableStream | Uint8Array;

/** A look at a snapshot that needs nothing but a number of rows. */
type HeapLook = 'summary' | 'largest' | 'duplicates' | 'closures' | 'collections' | 'detached';
/** A place; the function is `null` where it has no name. */
type HeapPlace = Omit<SourcePlace, 'function'> & {
    function: string | null;
};
/** An object of a snapshot. */
interface HeapObject {
    id: number;
    /** V8's: `object`, `closure`, `string`, … */
    kind: string;
    class: string;
    /** Up to 80 characters. */
    name: string;
    selfSize: number;
    retainedSize: number;
    /** Steps from the global objects; `null` where they do not lead. */
    distance: number | null;
    edges: number;
    place: HeapPlace | null;
}
/** A step of a path. `id` is `null` where it stands for the steps that were left out. */
interface HeapStep {
    /** How the object before refers to this: `.list`, `[3]`, `variable bus`, `entry`. */
    edge: string;
    node: string;
    id: number | null;
    place: HeapPlace | null;
}
/** All objects of a class. */
interface HeapClass {
    class: string;
    place: HeapPlace | null;
    count: number;
    selfSize: number;
    retainedSize: number;
    distance: number | null;
}
/** What a heap consists of. */
interface HeapSummary {
    objects: number;
    references: number;
    bytes: number;
    /** Native memory that no object stands for. */
    extraNativeBytes: number;
    parts: Array<{
        part: 'objects' | 'strings' | 'functions' | 'native' | 'code' | 'system';
        count: number;
        bytes: number;
    }>;
    /** By what their objects retain. */
    classes: HeapClass[];
    moreClasses: number;
    /** V8's own. */
    own: HeapClass[];
}
/** The objects that keep most. */
interface LargestObjects {
    bytes: number;
    objects: Array<{
        object: HeapObject;
        /** Objects. */
        keeps: number;
        shares: Array<{
            class: string;
            count: number;
            selfSize: number;
        }>;
        path: HeapStep[];
    }>;
}
/** Values that are there more than once. */
interface DuplicateGroups {
    groups: number;
    wasted: number;
    list: Array<{
        content: string;
        count: number;
        selfSize: number;
        wasted: number;
        /** An id. */
        example: number;
        path: HeapStep[];
        /** There may be more of the text than can be compared. */
        cut: boolean;
    }>;
}
/** Functions by where they stand. */
interface ClosureSites {
    count: number;
    selfSize: number;
    sites: number;
    list: Array<{
        function: string;
        place: HeapPlace | null;
        count: number;
        selfSize: number;
        retainedSize: number;
        /** An id. */
        example: number;
        contextRetainedSize: number;
        variables: Array<{
            name: string;
            value: HeapObject;
        }>;
    }>;
}
/** Collections by their sizes. */
interface CollectionSizes {
    kinds: Array<{
        kind: 'map' | 'set' | 'array' | 'dictionary';
        count: number;
        entries: number;
        selfSize: number;
        emptySelfSize: number;
        buckets: Array<{
            from: number;
            to: number | null;
            count: number;
            selfSize: number;
        }>;
    }>;
    biggest: Array<{
        kind: 'map' | 'set' | 'array' | 'dictionary';
        object: HeapObject;
        entries: number;
        exact: boolean;
        /** The class of most values. */
        of: string | null;
        path: HeapStep[];
    }>;
}
/** What is in no page any more, and handles that only their own object keeps. */
interface DetachedObjects {
    /** Whether the snapshot says it of anything. */
    known: boolean;
    count: number;
    retainedSize: number;
    classes: Array<{
        class: string;
        count: number;
        selfSize: number;
        retainedSize: number;
        example: HeapObject;
        path: HeapStep[];
    }>;
}
/** Who holds an object. */
interface HeapRetainer {
    edge: string;
    object: HeapObject;
    /** Whether it is on the path that explains most. */
    onPath: boolean;
    state: 'shown' | 'root' | 'elsewhere' | 'too-deep';
    heldBy: HeapRetainer[];
    more: number;
}
/** Who holds objects of a class: holders that are alike are one. */
interface HeapHolder {
    edge: string;
    node: string;
    holders: number;
    objects: number;
    /** Whether the step leads through more of its like, as in a list. */
    chain: boolean;
    /** An id. */
    example: number;
    distance: number | null;
    place: HeapPlace | null;
    heldBy: HeapHolder[];
    more: number;
}
/** What {@link analyzeHeap} answers: what was asked for, by its name. */
interface HeapAnalysis {
    /** The version of this form. */
    schema: 1;
    summary?: HeapSummary;
    largest?: LargestObjects;
    duplicates?: {
        strings: DuplicateGroups;
        arrays: DuplicateGroups;
    };
    closures?: ClosureSites;
    collections?: CollectionSizes;
    detached?: DetachedObjects;
    query?: {
        query: string;
        count: number;
        selfSize: number;
        retainedSize: number;
        objects: HeapObject[];
    };
    /** Of an object. */
    retainers?: {
        object: HeapObject;
        path: HeapStep[];
        heldBy: HeapRetainer[];
        more: number;
    }
    /** Of a class. */
     | {
        class: string;
        count: number;
        selfSize: number;
        retainedSize: number;
        largest: HeapObject[];
        heldBy: HeapHolder[];
        more: number;
    };
}
/** Options of {@link analyzeHeap}. */
interface AnalyzeHeapOptions extends HeapReadOptions {
    /**
     * Which looks.
     * @defaultValue `['summary', 'largest']`, or none where `query` or `retainers` is given
     */
    looks?: HeapLook[];
    /**
     * Rows of each list, 1 to 100,000.
     * @defaultValue 20
     */
    limit?: number;
    /** Objects that a query describes, in the language of `docs/heap.md`: `class = "Session" and retained > 1MB`. */
    query?: string;
    /** Who holds this: an object, `@1234`, or the objects of a class, `Session`. */
    retainers?: string;
}

/**
 * Looks at a snapshot: what it consists of, what is largest, who holds what. Sizes are those of Chrome's developer tools.
 *
 * Works on other threads; the event loop only hands over the pieces of a stream. Time and memory are linear: about 0.4 s and
 * 100 MB for each million objects, and as much again for some looks.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION` (also for a query that cannot be understood),
 * RangeError `PLATEAU_OUT_OF_RANGE` (thrown at once)
 * @throws Error `PLATEAU_SNAPSHOT` for a file that cannot be read, or where there is no such object or class as `retainers`
 * names; `PLATEAU_NOT_A_SNAPSHOT` for one that is no snapshot, or not a whole one (the promise rejects); with the signal's
 * reason when it aborts
 */
declare function analyzeHeap(snapshot: HeapSource, options?: AnalyzeHeapOptions): Promise<HeapAnalysis>;

/** Options of {@link captureHeap}. */
interface CaptureHeapOptions {
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
interface HeapCapture {
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
await captureHeap({ dir: '/var/tmp/heaps', maxFiles: 3, cooldown: 600_000, compress: 'gzip' });
 * ```
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION` (thrown at once)
 * @throws Error `PLATEAU_NOT_ENOUGH_MEMORY`, or `PLATEAU_SNAPSHOT` where the file cannot be written or is there already, the
 * disk has no room, or `cooldown` has not passed (the promise rejects); with the signal's reason when it aborts
 */
declare function captureHeap(target: string | CaptureHeapOptions): Promise<HeapCapture>;

/**
 * Compares two or three snapshots of one process, in the order in which they were taken: where objects have come to stay,
 * which pattern that is, and what holds them.
 *
 * Three are better than two: what was made between the first and the second and still is in the third has outlived what it
 * was made for, while of two nobody knows what is only passing. Take them after equal loads, each after a garbage collection.
 *
 * Works on other threads; the event loop only hands over the pieces of streams. Time and memory are linear: about 0.5 s and
 * 100 MB for each million objects of the last snapshot, less for the others, of which only ids are kept.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION`, RangeError `PLATEAU_OUT_OF_RANGE` (thrown at once)
 * @throws Error `PLATEAU_SNAPSHOT` for a file that cannot be read, `PLATEAU_NOT_A_SNAPSHOT` for one that is no snapshot, or
 * not a whole one (the promise rejects); with the signal's reason when it aborts
 */
declare function compareHeaps(snapshots: HeapSource[], options?: CompareHeapsOptions): Promise<HeapComparison>;

/** Node's emitters, as little of them as is needed. */
interface EmitterLike {
    on(event: any, listener: (...args: any[]) => void): unknown;
    removeListener(event: any, listener: (...args: any[]) => void): unknown;
}
/** The web's. */
interface TargetLike {
    addEventListener(type: any, listener: (event: any) => void): void;
    removeEventListener(type: any, listener: (event: any) => void): void;
}

/** Things of plateau that end: what `until` takes besides Node's. */
interface Ends {
    /** Whether it has ended. */
    readonly disposed: boolean;
}
/** What can end a tracker or a scope. */
type Until = Ends | AbortSignal | (EmitterLike & ({
    destroyed: boolean;
} | {
    writableEnded: boolean;
} | {
    readyState: number;
} | {
    closed: boolean;
})) | (TargetLike & {
    readyState: number;
}) | {
    readonly raw: Until;
};

/** A verdict on a row, in the order of its numbers. */
type Verdict = 'stable' | 'growing' | 'burst';

/** One call site that adds listeners. Counts are estimates where `sampled`. */
interface ListenerSite {
    /** Where, as `src/server.ts:42`. */
    site: string;
    /** The file of that, source maps applied. */
    file: string;
    /** From 1; 0 where it is not known. */
    line: number;
    /** The same. */
    column: number;
    /** The function that adds them. */
    caller: string | undefined;
    /** The name of the event; `(other events)` stands for those beyond the first 64 of an emitter. */
    event: string;
    /** The emitter's name or class. */
    emitter: string;
    /** A request on whose behalf listeners were added, such as `GET /subscribe`: the last that was noted. */
    request: string | undefined;
    /** Listeners that were added. */
    added: number;
    /** Those of them that are gone. */
    removed: number;
    /** Those that are still there, at the last look: a report looks first. */
    live: number;
    /** The least that was live in the last eight seconds or so. */
    floor: number;
    /** Age of the oldest live listener in ms, or undefined when none is. */
    oldest: number | undefined;
    /** Whether the floor rises: see `docs/design/listeners.md`. */
    verdict: Verdict;
    /** Whether some additions were counted without being looked at, so that the counts are estimates. */
    sampled: boolean;
}
/** What the ledger knows. Prints as a table. */
interface ListenerReport {
    /** The call sites: growing ones first, then those with the most live listeners. */
    sites: ListenerSite[];
    /** Additions seen in all, and how many of those were looked at. */
    additions: number;
    /** Call sites that lost their place in the ledger, and what they had added and have live. */
    evicted: {
        sites: number;
        added: number;
        live: number;
    };
}
/**
 * The report on all emitters that are observed in this thread. Looks at each of their listeners, so it is linear in
 * those: about 10 ms for 100,000.
 *
 * @example
 * console.log(String(listenerReport()));
 */
declare function listenerReport(): ListenerReport;

/**
 * Calls back with every call site, of any observed emitter, that begins to grow: once, and again only if it has been
 * stable in between. Returns what ends that. What `callback` throws becomes a process warning (`PLATEAU_ON_GROWTH`).
 *
 * @example
 * onListenerGrowth(({ site, event, live }) => log.warn({ site, event, live }, 'listeners accumulate'));
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `callback` is not a function
 */
declare function onListenerGrowth(callback: (site: ListenerSite) => void): () => void;

/** What {@link trackAllListeners} returns. */
interface Restorable extends Disposable {
    /** Ends the observation. */
    restore(): void;
}
/**
 * From now on notes, for every EventEmitter and EventTarget, where listeners are added to it; `listenerReport` shows
 * them. For tests and diagnosis: each addition costs a look-up more, and every emitter in use some memory. May be called
 * several times; the last `restore` undoes it.
 *
 * @example
 * const all = trackAllListeners();
 * await runTheSuspect();
 * console.log(String(listenerReport()));
 * all.restore();
 */
declare function trackAllListeners(): Restorable;

/** What can be tracked: Node's emitters and whatever has their methods, and event targets. */
type Trackable = {
    on(...args: never[]): unknown;
    removeListener(...args: never[]): unknown;
    emit(...args: never[]): unknown;
} | EventTarget;
/** Options of {@link trackListeners}. */
interface TrackListenersOptions {
    /**
     * The tracker's listeners are removed when this ends: a response (finished, or the connection gone), a request (as
     * long as its response), a socket, a stream, a WebSocket, an `AbortSignal`, another tracker or a scope. If it has
     * ended already, the tracker adds nothing, and warns of that once per call site (`PLATEAU_DISPOSED`).
     */
    until?: Until | undefined;
    /**
     * What the emitter is called in reports.
     * @default the name of its class
     */
    name?: string | undefined;
    /**
     * Called when a call site that adds listeners to this emitter begins to grow. The last one given for an emitter
     * counts. What it throws becomes a process warning.
     */
    onGrowth?: ((site: ListenerSite) => void) | undefined;
}
type EmitterMethod = 'on' | 'once' | 'addListener' | 'prependListener' | 'prependOnceListener' | 'off' | 'removeListener' | 'removeAllListeners' | 'emit' | 'eventNames' | 'listenerCount' | 'listeners' | 'rawListeners' | 'setMaxListeners' | 'getMaxListeners';
type TargetMethod = 'addEventListener' | 'removeEventListener' | 'dispatchEvent';
/** The end of a tracker, and its report. */
interface TrackerControls extends Disposable {
    /** Whether the tracker has ended. */
    readonly disposed: boolean;
    /** Listeners added through this tracker and not yet removed, as far as it knows. */
    readonly size: number;
    /**
     * Removes the listeners that were added through this tracker, and only those. The tracker adds none after that.
     * Linear in their number.
     */
    dispose(): void;
    /** The call sites that add listeners to this emitter, this tracker's and all others. See {@link listenerReport}. */
    report(): ListenerReport;
}
/** The methods of an emitter that every tracker of an event target has as well. */
interface TargetConvenience {
    on(type: string, listener: (event: Event) => void): this;
    once(type: string, listener: (event: Event) => void): this;
    off(type: string, listener: (event: Event) => void): this;
}
/**
 * An emitter's own interface with a lifetime. All of it works on the emitter itself, with two differences: `dispose`
 * and `removeAllListeners` remove only what came through the tracker, and after its end nothing can be added.
 */
type ListenerTracker<T> = TrackerControls & Methods<T>;
type Methods<T> = 0 extends 1 & T ? Record<EmitterMethod | TargetMethod, any> : Pick<T, Extract<keyof T, EmitterMethod | TargetMethod>> & (T extends {
    on: unknown;
} ? unknown : TargetConvenience);
/**
 * Tracks the listeners of an emitter: gives those that are added through the returned tracker a lifetime, and notes
 * where listeners come from, whoever adds them.
 *
 * @example
 * app.get('/prices', (req, res) => {
 *   const events = trackListeners(bus, { until: res });   // was: bus
 *   events.on('price', (price) => res.write(`data: ${price}\n\n`));
 * });
 *
 * Observing an emitter costs it one `newListener` listener, once; an emitter that is observed already costs a look-up.
 * Neither the emitter nor any listener is kept alive. Additions to an `EventTarget` are only seen through trackers.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when it is neither an emitter nor an event target;
 * `PLATEAU_INVALID_OPTION` when an option is unknown or of the wrong type
 */
declare function trackListeners<T extends Trackable>(emitter: T, options?: TrackListenersOptions): ListenerTracker<T>;

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

/** The sampler of this thread, if one runs. */
declare function memorySampler(): MemorySampler | undefined;

/** Options of {@link createScope}. */
interface ScopeOptions {
    /**
     * The scope ends when this does: a response, request, socket, stream, WebSocket, AbortSignal, or a tracker or another
     * scope of plateau. Without it somebody has to call `dispose()`.
     */
    until?: Until | undefined;
    /** Names the scope in {@link scopeReport}, warnings and errors. */
    name?: string | undefined;
    /**
     * Called for every leak of this scope, instead of a process warning per place in the program. Should it refer to the
     * scope itself, then the scope is never collected, and `scopeReport()` alone finds it.
     */
    onLeak?: ((leak: ScopeLeak) => void) | undefined;
    /**
     * Called when resources could not be released, with all that they threw. Without it `dispose()` rejects with the same
     * error, and there is a process warning (`PLATEAU_RELEASE_FAILED`) for each.
     */
    onError?: ((error: AggregateError) => void) | undefined;
}
/** The options of `requestScope`. */
interface RequestScopeOptions {
    /**
     * For how long after the response a handler may go on, in milliseconds: what it adds to the scope meanwhile is
     * released at once and in silence, and only what comes later, or is pending still, is reported. 0 or more.
     * @default 1000
     */
    grace?: number | undefined;
    /** Called for every leak, instead of a process warning per place in the program. */
    onLeak?: ((leak: ScopeLeak) => void) | undefined;
    /** Called when resources of a request could not be released. Without it there is a process warning for each. */
    onError?: ((error: AggregateError) => void) | undefined;
}

/** Why something is reported as a leak. */
type ScopeLeakReason = 
/** The scope was garbage-collected while it held something; that has been released. */
'collected'
/** Something was added after the end, and released at once. */
 | 'late'
/** Work that was tracked, or a release, was not done when the grace period after the end was over. */
 | 'outlived';
/** One leak, as `onLeak` gets it. */
interface ScopeLeak {
    /** Why it is one. */
    readonly reason: ScopeLeakReason;
    /** What it is about: where the scope was made or first used, or where something was added late, or tracked. */
    readonly site: string;
    /** The scope's name. */
    readonly name: string | undefined;
    /** Resources by kind. */
    readonly resources: Readonly<Record<string, number>>;
    /** Milliseconds: the age of a scope that was collected, or the time since the end. */
    readonly age: number;
}
/** The live scopes of one place in the program. */
interface ScopeSite {
    /** `src/feed.ts:42`; `(not sampled)` for scopes made too fast for each to be looked at. */
    site: string;
    /** Scopes that live. */
    live: number;
    /** What they hold, by kind. */
    resources: Record<string, number>;
    /** The age of the oldest in milliseconds. */
    oldestAge: number;
    /** Names of the oldest, up to five different ones. */
    names: string[];
}
/** What {@link scopeReport} returns. Its `toString()` is a table. */
interface ScopeReport {
    /** Scopes that live. */
    live: number;
    /** Live scopes whose place is not known, since they were made too fast for each to be looked at. */
    notSampled: number;
    /** By place, the one with the most scopes first. */
    sites: ScopeSite[];
    toString(): string;
}
/**
 * The scopes of this thread that live, by the place in the program where they were made (a request's: first used).
 * Listed are scopes that hold something, and empty ones that only a call can end.
 *
 * The places of the first 200 scopes are looked for, and after that as many as take 0.2 % of the time: the scopes in
 * between are counted under `(not sampled)`. A thousand places are listed, the scopes of others are counted together.
 * Takes time proportional to the number of places, and reads the source maps of their files once.
 *
 * @example
 * console.log(`${scopeReport()}`);
 */
declare function scopeReport(): ScopeReport;

/** What the floor, in the end, says about a process. */
type MemoryVerdictKind = 
/** The sampler has not seen enough collections to judge. */
'not-enough-data'
/** The process starts, or its growth after the start is still decaying. */
 | 'warming-up'
/** No growth that matters. */
 | 'healthy'
/** Growth that has a bound: it is decaying, or a known bounded cache is filling. */
 | 'filling'
/** The collector takes a large share of the time, without growth of the floor. */
 | 'gc-pressure'
/** Steady growth that does not decay. */
 | 'leak';
/** Where a leak is. */
type LeakPlace = 
/** JavaScript objects. */
'heap'
/** Memory outside the heap that objects of it keep: `Buffer`s, `ArrayBuffer`s. */
 | 'external'
/** Memory of the process that is neither: native add-ons, allocators. */
 | 'native'
/** Open descriptors: files, sockets. */
 | 'descriptors'
/** Timers, sockets and other active resources of the event loop. */
 | 'handles';
/** A slope with its interval (95 %). */
interface Slope {
    value: number;
    low: number;
    high: number;
}
/** How one signal has moved over the time that was judged. */
interface MemoryTrend {
    place: LeakPlace;
    /** Whether it grows steadily, more than by chance and more than matters, without decaying. */
    growing: boolean;
    /** First and last level of the time judged: bytes, or a count for descriptors and handles. */
    from: number;
    to: number;
    /** Seconds judged, and points (collections or samples) in it. */
    seconds: number;
    points: number;
    /** Per second. */
    perSecond: Slope;
    /** Per HTTP request; absent without requests. */
    perRequest: Slope | undefined;
    /** One-sided probability of such a rise without a trend (Mann–Kendall, corrected for autocorrelation). */
    p: number;
    /** The slope of the second half as a share of the first half's: below 0.6 growth decays. `NaN` with too few points. */
    decay: number;
}
/** What is wrong, how sure that is, and what to do next. */
interface MemoryVerdict {
    verdict: MemoryVerdictKind;
    /** For a leak: where. */
    place: LeakPlace | undefined;
    /** Since when the verdict has been this one; ms since the Unix epoch. */
    since: number;
    /** For a leak: when the growth began. */
    onset: number | undefined;
    /** 0 to 1. */
    confidence: number;
    /** Of the place of a leak or of what is filling. Bytes, or a count, per second. */
    perSecond: Slope | undefined;
    perRequest: Slope | undefined;
    /** Until the heap limit is reached, if it goes on like this. */
    secondsToHeapLimit: number | undefined;
    /** Until the memory limit of the container is reached. */
    secondsToCgroupLimit: number | undefined;
    /** Why, with numbers, in one sentence. */
    evidence: string;
    /** What to do next, in one sentence. */
    next: string;
    /** Every signal that was judged. */
    trends: MemoryTrend[];
}
/** One look at the isolate and its process. */
interface MemorySample {
    /** ms since the Unix epoch. */
    at: number;
    heap: {
        /** Old and large-object space right after the newest major collection; 0 before the first. */
        floor: number;
        used: number;
        committed: number;
        limit: number;
    };
    external: {
        bytes: number;
        arrayBuffers: number;
        /** After the newest major collection. */
        floor: number;
    };
    /**
     * Memory of the process that no isolate's heap or buffers explain; what `malloc` has given out, where that is known;
     * and what shared caches hold of it, which is bounded and no part of what is judged.
     */
    native: {
        bytes: number;
        mallocUsed: number | undefined;
        sharedCaches: number;
    };
    process: {
        rss: number;
        anonymous: number;
        /** Processor time since the start of the process, in seconds. */
        cpu: number;
        descriptors: number;
        minorFaults: number;
        majorFaults: number;
    };
    /** Of the container; absent without a memory limit. */
    cgroup: {
        limit: number;
        used: number;
        limitHits: number;
        oomKills: number;
    } | undefined;
    /** Since the sampler started; `share` is the share of time spent collecting in the last minute, 0 to 1. */
    gc: {
        major: number;
        minor: number;
        majorMs: number;
        minorMs: number;
        share: number;
    };
    loop: {
        delay: number;
        utilization: number;
    };
    /** Since the sampler started; `rate` per second over the last ten. */
    requests: {
        count: number;
        rate: number;
    };
    handles: {
        count: number;
        timers: number;
    };
    /** Of the named caches. */
    caches: {
        bytes: number;
        entries: number;
    };
}
/** A stretch of the history, with the extremes of what was sampled in it. */
interface MemoryBucket {
    /** Its end; ms since the Unix epoch. */
    at: number;
    seconds: number;
    floor: Extremes;
    used: Extremes;
    external: Extremes;
    native: Extremes;
    rss: Extremes;
    descriptors: Extremes;
    handles: Extremes;
    loopDelay: Extremes;
    gcShare: Extremes;
    /** Received in it. */
    requests: number;
}
/** 0 in all three where there was nothing to see, as a floor without a collection. */
interface Extremes {
    min: number;
    max: number;
    last: number;
}
/** Memory runs short. */
interface MemoryPressure {
    /** What runs short: the heap of the isolate, or the memory of the container. */
    limit: 'heap' | 'cgroup';
    /** Bytes in use; of the heap, by old objects. */
    used: number;
    /** Bytes that may be; of the heap, V8's limit less what only young objects can use: where the process would end. */
    bytes: number;
    /** `used` as a share of `bytes`. */
    share: number;
    /** Entries that were released from named caches because of it. */
    relieved: number;
}
/** A leak was found: what is known of it at that moment. Everything in it is bounded. */
interface MemoryAlarm {
    verdict: MemoryVerdict;
    /** Call sites whose listeners accumulate, at most ten; only of emitters that are observed. */
    listeners: ListenerSite[];
    /** Where scopes are opened that are not closed, at most ten, those with the most open ones first. */
    scopes: ScopeSite[];
    /** The named caches with the most entries, at most ten; shared ones, which are the whole process's, among them. */
    caches: {
        name: string;
        entries: number;
        /** `Infinity` without such a bound. */
        maxEntries: number;
        bytes: number;
        /** Whether it is a `SharedCache`. */
        shared: boolean;
    }[];
}
/** Options of `startMemorySampler`. */
interface MemorySamplerOptions {
    /**
     * A directory for the black box: one file of fixed size per isolate, readable after any kind of death. Made if
     * missing, 0700; the files are 0600. Default: none.
     */
    recorder?: string;
    /** Size of that file, in bytes, from 64 KiB to 1 GiB. Default 4 MiB: twelve hours and more. */
    recorderBytes?: number;
    /**
     * From which share of a limit on there is pressure, 0 to 1. Default 0.85 of what old objects may take of the heap, and
     * of the container's limit.
     */
    pressureAt?: number;
    /** Under pressure, named caches are shrunk to this share of what they hold; 1 leaves them alone. Default 1. */
    relieveTo?: number;
    /** Least time between two alarms, and between two pressure events, in ms. Default 600,000 and a tenth of it. */
    cooldown?: number;
    /**
     * Whether V8 is asked for a major collection (an ordinary, incremental one) when it has made none for twelve seconds or
     * longer while requests came or memory grew; without collections there is no floor to judge. Its pauses take less than
     * a four-hundredth of the time. Default true.
     */
    askForCollections?: boolean;
    /**
     * Whether `npx plateau profile <pid>` may ask this process: a socket that only its user can reach is opened, in
     * `plateau-<uid>` in the directory for temporary files. In the main thread only. Default false.
     */
    control?: boolean;
}

/** The events of a sampler, and what their listeners are given. */
interface MemoryEvents {
    /** The verdict, or the place of a leak, has changed. */
    verdict: MemoryVerdict;
    /** A leak was found. */
    alarm: MemoryAlarm;
    /** Memory runs short. */
    pressure: MemoryPressure;
}
/** Watches the memory of one thread and of the process. Made by `startMemorySampler`. */
declare class MemorySampler {
    #private;
    /** The newest look, at most a second old; `undefined` in the first moment. O(1). */
    sample(): MemorySample | undefined;
    /** What the samples say. Judged anew every five seconds; asking costs some microseconds. */
    verdict(): MemoryVerdict;
    /**
     * The history, oldest first: the last ten minutes second by second, two hours in steps of ten seconds, a day in minutes.
     *
     * @param options.seconds how far back; default 600
     * @param options.resolution the least seconds per bucket; default 1. What the history does not know as finely, comes
     * coarser
     * @throws TypeError | RangeError when one of them is not a positive number
     */
    history(options?: {
        seconds?: number;
        resolution?: number;
    }): MemoryBucket[];
    /**
     * Calls `listener` at each event: `verdict` when the verdict changes, `alarm` when a leak was found, `pressure` when
     * memory runs short. What it throws becomes a process warning (`PLATEAU_LISTENER`).
     *
     * @throws TypeError `PLATEAU_INVALID_ARGUMENT` for an unknown event, or a listener that is no function
     */
    on<Name extends keyof MemoryEvents>(event: Name, listener: (value: MemoryEvents[Name]) => void): this;
    /** Ends that. */
    off<Name extends keyof MemoryEvents>(event: Name, listener: (value: MemoryEvents[Name]) => void): this;
    /** The file of the black box; `undefined` without one, or where it could not be made. */
    get recorderFile(): string | undefined;
    /** Whether it still looks. */
    get running(): boolean;
    /** Ends sampling. What was seen can still be asked for. */
    stop(): void;
    [Symbol.dispose](): void;
}
/**
 * Starts to watch the memory of this thread, and returns its sampler: the one that runs already, if there is one, whose
 * options then stay. Every thread has its own; figures of the process are the same in all. It keeps no process alive.
 *
 * Once a second it costs some 0.1 ms of the event loop, and 0.1 ms of another thread.
 *
 * @example
 * const sampler = startMemorySampler();
 * sampler.on('alarm', ({ verdict }) => log.error({ place: verdict.place }, verdict.evidence));
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` for options that are wrong
 */
declare function startMemorySampler(options?: MemorySamplerOptions): MemorySampler;

/** Options of `profileGrowth`. */
interface ProfileGrowthOptions {
    /**
     * How long to look, in ms, from 1,000 to 3,600,000. What is allocated in the first half and still there at the end has
     * survived: so half of it should be longer than anything lives that is meant to end, such as an entry of a cache.
     * @default 30000
     */
    duration?: number | undefined;
    /**
     * Bytes from one sample to the next, on average, from 1,024 to 1,048,576. Fewer see smaller leaks and cost more: see
     * `docs/profile.md`.
     * @default 131072
     */
    interval?: number | undefined;
    /** Stacks that are reported, 1 to 1,000. The others are summed up. @default 20 */
    limit?: number | undefined;
    /**
     * Collects garbage at the beginning and at the end. Both stop the event loop, for about a tenth of a second for
     * 100 MB of small objects. The first makes the growth of the heap as a whole exact; the second one V8 makes in any
     * case where it cannot be asked not to, which is before Node 26 (see `pause`).
     * @default false
     */
    gc?: boolean | undefined;
    /** Aborts: sampling ends at once, and the promise rejects with the signal's reason. */
    signal?: AbortSignal | undefined;
}
/** Whose code a frame is. */
type GrowthFrameKind = 
/** The program's own. */
'program'
/** In `node_modules`, or plateau. */
 | 'dependency'
/** Node's own. */
 | 'node'
/** V8's own, such as `set` of a Map, or `(GC)`. */
 | 'v8';
/** One function on a stack, with source maps applied. */
interface GrowthFrame {
    /** Its name; `(anonymous)` where it has none. */
    function: string;
    /** Its file; empty for V8's own. */
    file: string;
    /** Where the *function* begins, from 1; 0 where it is not known. */
    line: number;
    column: number;
    kind: GrowthFrameKind;
}
/** Whether what a stack allocates becomes more and more. */
type GrowthVerdict = 
/** It survived from all of the time: each part of it has left something. */
'growing'
/** It survived from one part of the time only: a pool that was filled, a module that was loaded. */
 | 'once'
/** Too few samples to tell. */
 | 'few samples';
/**
 * What was allocated by stacks with the same functions of the program on them, and survived: which functions of frameworks,
 * Node and V8 are in between does not matter. Bytes are estimates from samples.
 */
interface GrowthStack {
    /** The first frame that is the program's, as `src/cart.ts:41`; or else a dependency's, or Node's; `(V8)` without any. */
    place: string;
    /** The function there. */
    function: string;
    file: string;
    line: number;
    column: number;
    verdict: GrowthVerdict;
    /** Bytes that survived. */
    bytes: number;
    /** Of all that survived, 0 to 1. */
    share: number;
    perSecond: number;
    /** Bytes per HTTP request; `undefined` where none came. */
    perRequest: number | undefined;
    /** Samples that it is estimated from: `n` of them are off by about 1/√n. */
    samples: number;
    /** How many different stacks that are. */
    stacks: number;
    /** The one of them that allocated most, innermost first, at most 48; Node's own outermost frames left out. */
    frames: GrowthFrame[];
    /**
     * The program's functions that were called from the innermost of its functions here whose allocations survived as well, and have rows of their own. V8 compiles small
     * ones into their caller, and from then on what they allocate is told as the caller's: so one of these may be meant.
     */
    callees: GrowthFrame[];
}
/** What `profileGrowth` finds. Plain data, which also prints as a table. */
interface GrowthProfile {
    /** The version of this form. */
    schema: 1;
    /** Milliseconds for which samples were taken, and those of them, the first half, that what is told was allocated in. */
    duration: number;
    window: number;
    /** Bytes between samples. */
    interval: number;
    /** HTTP requests that came in the window. */
    requests: number;
    /** Bytes that survived, of all stacks. */
    bytes: number;
    perSecond: number;
    perRequest: number | undefined;
    /** Growing ones first, then by bytes. */
    stacks: GrowthStack[];
    /** Those beyond `limit`. */
    others: {
        stacks: number;
        bytes: number;
    };
    /**
     * Whether a whole collection has looked at all that is told. If not, some of it may be garbage that V8 has not noticed.
     */
    collected: boolean;
    /** What the heap keeps after a collection, before and after; `before` is known with `gc`, or from the memory sampler. */
    heap: {
        before: number | undefined;
        after: number;
    };
    /** Memory outside the heap that objects keep, as of buffers: the profile does not see who made it. */
    external: {
        before: number;
        after: number;
    };
    /** For how many ms the event loop was stopped, to begin and to end. */
    pause: {
        start: number;
        end: number;
    };
    /** What to know when reading this, in words. */
    notes: string[];
}

/**
 * Samples what this thread allocates, and tells which stacks allocate what stays: each with its function and line, the bytes
 * that survived, per second and per request. No snapshot is taken; with the default interval a busy service answers about
 * three percent fewer requests meanwhile (`docs/profile.md` has the measurements).
 *
 * The thread is stopped once, at the end, while V8 collects garbage: about a tenth of a second for 100 MB of small
 * objects. From Node 26 on it is not, unless `gc` asks for it.
 *
 * A line is where a *function* begins, and a function that V8 has compiled into its caller is told as that. Memory outside the
 * heap, as of buffers, has no stack. One at a time in a thread; a worker thread is profiled from within. It keeps no process
 * alive: if nothing else does, the process ends and the promise stays open.
 *
 * @example
 * const profile = await profileGrowth({ duration: 60_000 });
 * console.log(String(profile));
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` for options that are wrong (thrown at once)
 * @throws Error `PLATEAU_PROFILE_BUSY` while another profile is made in this thread, by plateau or another tool;
 * `PLATEAU_PROFILE_UNAVAILABLE` where the runtime has no sampling heap profiler (the promise rejects); with the signal's
 * reason when it aborts
 */
declare function profileGrowth(options?: ProfileGrowthOptions): Promise<GrowthProfile>;

/** What events come from. */
type EventSource = EmitterLike | TargetLike;
type Listener = (this: any, ...args: any[]) => void;

/**
 * Makes a callback that is called as `fn(context, ...args)`, for registering with something that lives long.
 *
 * It replaces the pattern of the closure. A function written inside a handler keeps everything that any function in that
 * handler uses, since they share one context: here `req` with its body and socket, for as long as `bus` has the
 * listener, though only an id is needed.
 *
 * ```js
 * app.get('/prices', (req, res) => {
 *   audit(() => req.body);                                      // another closure that uses req
 *   bus.on('price', (price) => notify(req.user.id, price));     // keeps req, and all of its own
 * });
 * ```
 *
 * With `keepContext` the function is written outside the handler, and gets what it needs as values:
 *
 * ```js
 * const onPrice = ({ userId }, price) => notify(userId, price);
 *
 * app.get('/prices', (req, res) => {
 *   req.scope.on(bus, 'price', keepContext(onPrice, { userId: req.user.id }));
 * });
 * ```
 *
 * Unless `NODE_ENV` is `production`, `pick` is searched for requests and responses (up to 1,000 values, six deep), and
 * one that is found is a process warning, `PLATEAU_KEPT_REQUEST`, once for each place in the program. What functions have
 * closed over, or were bound to, cannot be seen.
 *
 * @param fn called with `pick` before its other arguments, and the same `this`
 * @param pick the values that `fn` needs: an object of them, or one value
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `fn` is not a function, or `pick` is one or `undefined`
 */
declare function keepContext<C, Args extends unknown[], R>(fn: (context: C, ...args: Args) => R, pick: C): (...args: Args) => R;

/** The well-known symbols of `using` and `await using`, for the runtimes of the Node 20 line that lack them. */
declare const dispose: typeof Symbol.dispose;
declare const asyncDispose: typeof Symbol.asyncDispose;

/** A stream, as little of it as is needed. */
interface StreamLike {
    readonly destroyed: boolean;
    destroy(error?: Error): unknown;
    on(event: any, listener: (...args: any[]) => void): unknown;
    removeListener(event: any, listener: (...args: any[]) => void): unknown;
}
/** What `use` takes. */
type AnyDisposable = Disposable | AsyncDisposable;

/** Options of {@link waitForEvent}. */
interface WaitOptions<Args extends unknown[] = any[]> {
    /**
     * Rejects with `PLATEAU_WAIT_TIMEOUT` after this many milliseconds, at most 2,147,483,647. `Infinity` only with a
     * `signal` or in a scope: else it might never settle.
     * @default 30_000
     */
    timeout?: number | undefined;
    /** Rejects with the signal's reason when it is aborted. */
    signal?: AbortSignal | undefined;
    /** Takes the event's arguments and says whether it is the one that is waited for. What it throws rejects. */
    filter?: ((...args: Args) => unknown) | undefined;
}
/**
 * Resolves with the arguments of the next `event`, as an array like that of `events.once` (an EventTarget's has the event
 * object alone). However it settles, its listeners, its timer and its hold on the signal are gone.
 *
 * It rejects on `'error'` (unless that is the event), when a stream or a WebSocket closes first (`PLATEAU_WAIT_CLOSED`),
 * after `timeout` (`PLATEAU_WAIT_TIMEOUT`), and when `signal` is aborted. While it waits its timer keeps the process
 * alive, since otherwise it would not settle.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `emitter` is not an EventEmitter or EventTarget; as all that is wrong
 * with the arguments, as a rejection
 *
 * @example
 * const [message] = await waitForEvent(bus, 'reply', { timeout: 5000, filter: (reply) => reply.id === id });
 */
declare function waitForEvent<Args extends unknown[] = any[]>(emitter: EventSource, event: string | symbol, options?: WaitOptions<Args>): Promise<Args>;

/**
 * Owns listeners, timers, streams, requests and whatever else is started in it, and lets go of all of it, in the reverse
 * order of acquisition and each once, when its `until` ends or it is disposed of. What ends by itself (a timer that has
 * fired, a stream that has closed, a request whose body has been read) leaves at once: a scope that lives long does not
 * grow. Made by {@link createScope}.
 *
 * Adding to a scope that has ended releases at once what is added: no listener, no timer, streams are destroyed,
 * `use` and `defer` release, `fetch` and `waitFor` reject with an `AbortError` (`PLATEAU_DISPOSED`). There is a process
 * warning, or a call of `onLeak`, once for each place in the program.
 *
 * Adding and letting go take constant time.
 */
declare class Scope implements Ends, AsyncDisposable {
    #private;
    private constructor();
    /** The name it was given. */
    get name(): string | undefined;
    /** Whether it has ended, or begun to. */
    get disposed(): boolean;
    /** How many resources it holds, tracked promises included. Looks at each. */
    get size(): number;
    /**
     * Aborted when the scope ends, before anything is released; its reason is an `AbortError` with the code
     * `PLATEAU_DISPOSED`. Made when first asked for.
     */
    get signal(): AbortSignal;
    /**
     * Ends the scope. What comes before the first release that takes time is released when this returns; the promise
     * settles when everything is. Further calls return the same.
     *
     * When a release threw, the others were still done, and `onError` is called with an AggregateError
     * (`PLATEAU_RELEASE_FAILED`); without `onError`, the promise rejects with it and there is a process warning for each.
     * Nobody has to wait for the promise: it is never an unhandled rejection.
     */
    dispose(): Promise<void>;
    /** The same as {@link Scope.dispose}, for `await using`. */
    [asyncDispose](): Promise<void>;
    /**
     * Adds a listener to an EventEmitter or EventTarget. Returns what removes it.
     *
     * The scope keeps neither the emitter nor the function alive. A listener that is removed by other means counts until
     * the event has no listener any more.
     */
    on(emitter: EventSource, event: string | symbol, fn: Listener): () => void;
    /** Adds a listener for one event; then it has left the scope. Returns what removes it before. */
    once(emitter: EventSource, event: string | symbol, fn: Listener): () => void;
    /**
     * As the global `setTimeout`; returns the same object, to give to `clearTimeout` or {@link Scope.release}. In a scope
     * that has ended, one that is cleared.
     */
    setTimeout<Args extends unknown[]>(fn: (...args: Args) => void, delay?: number, ...args: Args): NodeJS.Timeout;
    /** As the global `setInterval`; as {@link Scope.setTimeout} else. */
    setInterval<Args extends unknown[]>(fn: (...args: Args) => void, delay?: number, ...args: Args): NodeJS.Timeout;
    /** As the global `setImmediate`; as {@link Scope.setTimeout} else. */
    setImmediate<Args extends unknown[]>(fn: (...args: Args) => void, ...args: Args): NodeJS.Immediate;
    /**
     * Owns a stream of Node's: it is destroyed with the scope, and errors that this causes are nobody's. Its descriptor is
     * closed soon after, which is not waited for. Returns the stream.
     *
     * Streams are joined by `pipeline` of `node:stream`, which destroys all of them when one fails.
     */
    stream<S extends StreamLike>(stream: S): S;
    /**
     * As the global `fetch`, aborted with the scope until the body has been read, cancelled or has failed. A `signal` in
     * `init` works as well, and is left when the request is done.
     */
    fetch(...[input, init]: Parameters<typeof globalThis.fetch>): Promise<Response>;
    /**
     * Owns something with `[Symbol.asyncDispose]()`, which is preferred and waited for, or `[Symbol.dispose]()`.
     * Returns it; {@link Scope.release} disposes of it before the end. Something that is owned already is not owned twice.
     */
    use<T extends AnyDisposable>(disposable: T): T;
    /**
     * Calls `fn` when the scope ends; a promise that it returns is waited for before what is older is released. Returns
     * what calls it now instead, once, and returns what it returned. In a scope that has ended `fn` is called at once.
     */
    defer<R>(fn: () => R): () => R | undefined;
    /**
     * {@link waitForEvent} that the end of the scope rejects, with an `AbortError` (`PLATEAU_DISPOSED`). `timeout` may be
     * `Infinity`.
     */
    waitFor<Args extends unknown[] = any[]>(emitter: EventSource, event: string | symbol, options?: WaitOptions<Args>): Promise<Args>;
    /**
     * Watches a promise without being able to stop it: it counts as held while it is pending. In a request's scope, one
     * that is pending when the grace period after the response is over is reported. Nothing waits for it. Returns it.
     */
    track<P extends PromiseLike<unknown>>(promise: P): P;
    /**
     * A scope that ends with this one, in its turn among the resources, or before. What goes wrong in it is part of this
     * one's AggregateError, unless it has an `onError` of its own; `onLeak` is this one's unless it has its own.
     */
    child(options?: ScopeOptions): Scope;
    /**
     * Releases one resource now: what `setTimeout`, `setInterval`, `setImmediate`, `stream` or `use` returned. Resolves
     * to whether it was held; rejects with what its release threw. What can be done at once is done when this returns.
     */
    release(resource: object): Promise<boolean>;
    get [Symbol.toStringTag](): string;
}
/**
 * Makes a {@link Scope}: an owner of listeners, timers, streams and whatever else has to be let go of, which ends with
 * `until` or by `dispose()`.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` for an option of the wrong kind, or one that there is not;
 * `PLATEAU_INVALID_ARGUMENT` when `options` is not an object
 *
 * @example
 * const scope = createScope({ until: res });
 * scope.on(bus, 'price', (price) => res.write(`data: ${price}\n\n`));
 * scope.setInterval(() => res.write(':\n\n'), 15_000);
 */
declare function createScope(options?: ScopeOptions): Scope;

/**
 * The scope of any request: that of the integrations where there is one, and else one that ends with the response, or,
 * after an upgrade or CONNECT, with the socket.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` when `request` is not a request
 *
 * @example
 * server.on('upgrade', (request, socket, head) => {
 *   requestScopeOf(request).setInterval(() => ping(socket), 30_000);
 * });
 */
declare function requestScopeOf(request: Until): Scope;

/** The codecs that come with {@link SharedCache}. */
type SharedCodecName = 'utf8' | 'bytes' | 'json' | 'structured';
/** A codec of your own. */
interface SharedCodec<V> {
    /** Tells it from others: a cache that is open with one codec cannot be opened with another. */
    readonly name: string;
    /** The value as a string or as bytes. What it throws reaches the caller of `set`, as the cause of `PLATEAU_CODEC`. */
    encode(value: V): string | Uint8Array;
    /** The value again. A `Buffer` it is given is a copy of its own. */
    decode(data: string | Uint8Array): V;
}

/** Fetches the value of a key. The signal is aborted when every caller has given up. */
type SharedLoader<V> = (key: string | Uint8Array, context: {
    signal: AbortSignal;
}) => V | PromiseLike<V>;
/** Options of {@link SharedCache.getOrLoad}; all times in milliseconds. */
interface SharedLoadOptions {
    /** Time to live of the loaded entry, instead of the cache's. */
    ttl?: number | undefined;
    /** Rejects this caller with the signal's reason. The load goes on while others wait for it. */
    signal?: AbortSignal | undefined;
    /** Rejects this caller with `PLATEAU_LOAD_TIMEOUT` after so long, at most 24.8 days. */
    timeout?: number | undefined;
    /**
     * For so long other threads wait for a load before one of them loads itself, at most 24.8 days.
     * @default 30_000
     */
    lease?: number | undefined;
}

/** Options of {@link SharedCache}. */
interface SharedCacheOptions<V> {
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
interface SharedSetOptions {
    /** Time to live of this entry in milliseconds, instead of the cache's. */
    ttl?: number | undefined;
}

/** What `stats()` returns: counters of all threads since the start or the last `resetStats()`, and the state now. */
interface SharedCacheStats {
    /** Look-ups (`get`, `getMany`, `take`, `getOrLoad`) that found a value. */
    hits: number;
    /** Look-ups that did not. */
    misses: number;
    /** `hits / (hits + misses)`, from 0 to 1; 0 before the first. */
    hitRatio: number;
    /** Values stored. */
    sets: number;
    /** Values that were not stored for want of memory. */
    rejected: number;
    /** Entries that left, by reason. */
    removals: {
        evicted: number;
        expired: number;
        deleted: number;
        replaced: number;
        cleared: number;
    };
    /** Loads started by `getOrLoad` in this thread. */
    loads: number;
    /** Of these, those that failed. */
    loadFailures: number;
    /** Of these, those whose value was not stored: too large, or written or deleted by others meanwhile. */
    unstoredLoads: number;
    /** Loads in this thread that run or wait for another thread's. */
    loadsInFlight: number;
    /** Keys that any thread is loading. */
    leases: number;
    /** Entries held. */
    entries: number;
    /** Bytes taken, everything included; at most `maxBytes`. */
    bytes: number;
    /** Of these, bytes of keys and values as they are stored. */
    payloadBytes: number;
    /** Bytes of compressed values as stored divided by what they were; 1 where nothing is compressed. */
    compressionRatio: number;
    /** Handles that are open, in all threads. */
    handles: number;
    /** The bounds. */
    maxBytes: number;
    /** `Infinity` without one. */
    maxEntries: number;
    /** Bytes of key and value of one entry. */
    maxEntryBytes: number;
}

/** A key: a string, whatever its characters, or bytes. A string and bytes are never the same key. */
type SharedKey = string | Uint8Array;
/**
 * A cache of bytes that all threads of the process share, with a bound on everything it takes. The first who opens a
 * `name` makes it, the others attach; it is gone when the last has closed it or let go of it.
 *
 * A value is encoded when it is stored and decoded when it is read: what you get is yours, changing it changes
 * nothing in the cache. All methods but `getOrLoad`, `snapshotTo` and `restoreFrom` are synchronous. Each is atomic.
 *
 * @example
 * const cache = new SharedCache({ name: 'users', maxBytes: 256 * 2 ** 20, ttl: 60_000, codec: 'json' });
 * const user = await cache.getOrLoad(id, () => db.users.find(id)); // once in the process, however many workers ask
 *
 * @typeParam V what the codec makes of a value: `string` unless another `codec` is given
 */
declare class SharedCache<V = string> implements Iterable<[SharedKey, V]> {
    #private;
    /**
     * @throws TypeError | RangeError for an option of the wrong kind or size
     * @throws Error `PLATEAU_SHARED_CONFLICT` when the name is open with another value of an option,
     * `PLATEAU_SHARED_NOT_OPEN` when it is not open and there is no `maxBytes`
     */
    constructor(options: SharedCacheOptions<V>);
    /** The name it was opened with. */
    get name(): string;
    /** Whether this handle has been closed. */
    get closed(): boolean;
    /** Entries held, including those that have expired and are not removed yet. */
    get size(): number;
    /**
     * The value of a key, `undefined` where there is none; counts as a use. About two cache misses and one copy.
     *
     * @throws TypeError when the key is no string and no bytes, or longer than 65,536 bytes (a character beyond
     * Latin-1 makes a string two bytes a character)
     */
    get(key: SharedKey): V | undefined;
    /** The value of a key, without counting as a use, a hit or a miss. */
    peek(key: SharedKey): V | undefined;
    /** Whether a key has a value that has not expired; no use. */
    has(key: SharedKey): boolean;
    /** Milliseconds until a key's entry expires: `Infinity` for never, `undefined` where there is none. */
    remainingTtl(key: SharedKey): number | undefined;
    /**
     * Stores a value, in place of the one that is there. What has no room evicts others.
     *
     * @throws TypeError when the codec does not take the value, or the key is none
     * @throws RangeError `PLATEAU_ENTRY_TOO_LARGE` when key and value are larger than `maxEntryBytes`; the old value stays
     */
    set(key: SharedKey, value: V, options?: SharedSetOptions): this;
    /** Stores a value if the key has none; whether it was stored. Errors as `set`. */
    setIfAbsent(key: SharedKey, value: V, options?: SharedSetOptions): boolean;
    /**
     * Stores a value if the one that is there is `expected`, compared as the codec encodes them; `undefined` stands for no
     * value. Whether it was stored. Errors as `set`.
     */
    compareAndSet(key: SharedKey, expected: V | undefined, value: V, options?: SharedSetOptions): boolean;
    /**
     * Replaces a value by what `fn` makes of it (`undefined` where there is none), and returns that. When another thread
     * changes the value meanwhile, `fn` is called again with the new one, so it should do nothing else. What returns
     * `undefined` leaves everything as it is.
     *
     * @throws Error `PLATEAU_WRONG_VALUE` when others change the value faster than `fn` can, 10,000 times in a row
     */
    update(key: SharedKey, fn: (value: V | undefined) => V | undefined, options?: SharedSetOptions): V | undefined;
    /**
     * Adds a whole number, which may be negative, to the one that a key has (0 where it has none), and returns the sum.
     * The time to live of an existing entry stays. For codecs `'utf8'` and `'json'`.
     *
     * @throws TypeError when `by` is no whole number
     * @throws Error `PLATEAU_WRONG_VALUE` when the value is no whole number, the sum beyond 2^53, or the codec another one
     */
    incr(key: SharedKey, by?: number, options?: SharedSetOptions): number;
    /** Removes a key's entry; whether there was one. */
    delete(key: SharedKey): boolean;
    /** Removes a key's entry and returns its value; counts as a hit or a miss. */
    take(key: SharedKey): V | undefined;
    /** Removes everything and returns the memory. */
    clear(): void;
    /** The values of keys, in their order, `undefined` where there is none. One crossing into the addon. */
    getMany(keys: Iterable<SharedKey>): (V | undefined)[];
    /** Stores entries: all, or, when one cannot be, none. One crossing into the addon. Errors as `set`. */
    setMany(entries: Iterable<readonly [SharedKey, V]>, options?: SharedSetOptions): this;
    /**
     * The value of a key, loaded where there is none: by one caller in the whole process, while the others, in whatever
     * thread, wait. A failed load is tried again by the next thread that waits, and rejects those of its own thread.
     * What is written or deleted while a load is under way wins: the loaded value is returned but not stored. Nor is one
     * stored that is too large (`stats().unstoredLoads`).
     *
     * Keeps the thread alive while it waits for another.
     *
     * @throws (rejects) what the loader throws; the signal's reason; `PLATEAU_LOAD_TIMEOUT`; `PLATEAU_TOO_MANY_LOADS`
     * beyond 10,000 in flight in a thread
     */
    getOrLoad(key: SharedKey, loader: SharedLoader<V>, options?: SharedLoadOptions): Promise<V>;
    /** Removes what has expired, now, and returns how many entries that were. Happens by itself within about a second. */
    purgeExpired(): number;
    /**
     * Changes bounds, for all threads, and evicts what is over them.
     *
     * @throws RangeError when a bound is out of range; nothing has changed then
     */
    resize(bounds: {
        maxBytes?: number;
        maxEntries?: number;
        maxEntryBytes?: number;
    }): void;
    /** Counters of all threads since the start or the last `resetStats`, and the state now. */
    stats(): SharedCacheStats;
    /** Starts the counters anew, for all threads; those of loads for this one. */
    resetStats(): void;
    /**
     * The content as plain data, the first to be evicted first, for `restore` here or in a `BoundedCache`. Linear in the
     * content and on this thread: `snapshotTo` is for large ones.
     */
    dump(): CacheDump<SharedKey, V>;
    /**
     * Stores the entries of a dump, less the time since it was made; what has expired is left out. Returns how many were
     * stored.
     *
     * @throws TypeError when it is not a dump, or has an entry that the cache does not take; nothing has changed then
     */
    restore(dump: CacheDump<SharedKey, V>): number;
    /**
     * Writes the entries to a file, on another thread: 0600, checksummed, and in place of an older one only when it is
     * whole. Resolves with their number. Writers of the cache are held up for well under a millisecond at a time, but for
     * one look at the order of eviction.
     *
     * @throws (rejects) Error `PLATEAU_SNAPSHOT` when it cannot be written
     */
    snapshotTo(file: string): Promise<number>;
    /**
     * Stores the entries of a file, less the time since it was written, on another thread; entries there already stay.
     * The file is checked whole before anything is stored. Resolves with the number of entries stored.
     *
     * @throws (rejects) Error `PLATEAU_NOT_A_SNAPSHOT` when it is damaged, cut, or of another codec: then nothing was
     * stored; `PLATEAU_SNAPSHOT` when it cannot be read
     */
    restoreFrom(file: string): Promise<number>;
    /**
     * Keys. Iteration is weakly consistent: an entry that is there throughout is met exactly once, one that comes or goes
     * meanwhile perhaps. In no particular order.
     */
    keys(): Generator<SharedKey, void, undefined>;
    /** Values, as `keys`. */
    values(): Generator<V, void, undefined>;
    /** Keys with their values, as `keys`. */
    entries(): Generator<[SharedKey, V], void, undefined>;
    /** Calls a function for each entry, as `keys`. */
    forEach(callback: (value: V, key: SharedKey, cache: this) => void, thisArg?: unknown): void;
    /** As `entries`. */
    [Symbol.iterator](): Generator<[SharedKey, V], void, undefined>;
    /** Lets go of the cache in this thread; other handles go on. With the last the content is gone. Twice is once. */
    close(): void;
    /** As `close`. */
    [dispose](): void;
    get [Symbol.toStringTag](): string;
}
/** The names that are open in this process, in any thread. */
declare function sharedCaches(): string[];

/**
 * The local tier: what is used of a `BoundedCache` or a `SharedCache`. It should be used for nothing else. A
 * `SharedCache` needs the codec `'json'` or `'structured'`, as each value is stored inside a {@link TieredEntry}.
 */
interface LocalTier {
    get(key: string): unknown;
    set(key: string, value: never, options?: {
        ttl?: number | undefined;
    }): unknown;
    delete(key: string): unknown;
    clear(): unknown;
}
/**
 * How a value lies in the local tier: plain data, if the value is. Times are milliseconds on the monotonic clock that
 * the threads of a process share, so an entry means nothing to another process.
 */
interface TieredEntry<V> {
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
interface TieredCodec<V> {
    encode(value: V): string;
    decode(text: string): V;
}
/** What could not be done, for {@link TieredCacheOptions.onError}. */
interface TieredErrorContext {
    /** What failed. */
    operation: 'read' | 'lock' | 'load' | 'set' | 'delete' | 'deleteByTag' | 'clear' | 'publish' | 'subscribe' | 'encode' | 'decode' | 'local';
    /** The key concerned, where it is about one. */
    key?: string | undefined;
    /** Errors of this kind that were not reported since the last one: no more than one a second is. */
    suppressed: number;
}
/** Where the circuit breaker stands: `'open'` means that Redis is left alone for a while. */
type BreakerState = 'closed' | 'open' | 'half-open';
/** How the instance hears of writes elsewhere; `'none'` while it does not. */
type CoherenceLink = 'tracking' | 'pubsub' | 'none';
/** What a tiered cache has done since it was made, and where it stands. */
interface TieredCacheStats {
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

/** Options of {@link TieredCache}; all times in milliseconds. */
interface TieredCacheOptions<V> {
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

/** Options of {@link TieredCache.set}. */
interface TieredSetOptions {
    /** Time to live of this entry in milliseconds, instead of the cache's. */
    ttl?: number | undefined;
    /** Names by which {@link TieredCache.deleteByTag} finds the entry; at most 16. */
    tags?: readonly string[] | undefined;
}
/** Options of {@link TieredCache.getOrLoad}; all times in milliseconds. */
interface TieredLoadOptions extends TieredSetOptions {
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

/**
 * A local cache in front of Redis: instances share values, hear of each other's writes, load each value once, and go on
 * without Redis when it fails.
 *
 * All methods are asynchronous. Reads never reject because of Redis: what it cannot answer is a miss, and `getOrLoad`
 * loads. Writes never reject because of Redis either; they tell whether it has confirmed them.
 *
 * `undefined` cannot be stored; `null` can, for what is known not to exist.
 *
 * @example
 * const users = new TieredCache<User>({
 *   local: new BoundedCache({ maxEntries: 10_000 }),
 *   remote: redis, // your own client, of redis or ioredis
 *   namespace: 'users',
 *   ttl: 60_000,
 * });
 * const user = await users.getOrLoad(id, (id) => db.users.find(id));
 * await users.delete(id); // after a change: gone in every instance
 */
declare class TieredCache<V = unknown> {
    #private;
    /** @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable */
    constructor(options: TieredCacheOptions<V>);
    /** What its keys in Redis begin with: prefix and namespace. */
    get namespace(): string;
    /** The value of `key`, or `undefined`. */
    get(key: string): Promise<V | undefined>;
    /** Whether `key` has a fresh value in either tier. */
    has(key: string): Promise<boolean>;
    /** Milliseconds until the value of `key` expires here; `undefined` if there is none. */
    remainingTtl(key: string): Promise<number | undefined>;
    /** The values of several keys, in their order, `undefined` where there is none. Asks Redis for many at a time. */
    getMany(keys: Iterable<string>): Promise<(V | undefined)[]>;
    /**
     * Stores a value in both tiers and tells the other instances. It is here at once, before the promise resolves.
     *
     * @returns whether Redis has it and the others have been told. If not, it is only in the local tier; the key is deleted
     * in Redis, and announced, as soon as that can be reached
     */
    set(key: string, value: V, options?: TieredSetOptions): Promise<boolean>;
    /**
     * Stores several values, all with the same options. Keys and options are checked first.
     *
     * @returns whether all of them are confirmed, as by `set`
     */
    setMany(entries: Iterable<readonly [string, V]>, options?: TieredSetOptions): Promise<boolean>;
    /**
     * Deletes a value everywhere. A load of it under way, in any instance, is not stored.
     *
     * @returns whether Redis has confirmed it and the others have been told. If not, that is done as soon as Redis can be
     * reached, and until then others may serve the value for as long as it lives
     */
    delete(key: string): Promise<boolean>;
    /**
     * Deletes, everywhere, the values that were stored with a tag.
     *
     * @returns whether that is confirmed, as by `delete`
     */
    deleteByTag(tag: string): Promise<boolean>;
    /**
     * Empties the namespace, in every instance. Takes constant time: what is in Redis is no longer found, and expires.
     *
     * @returns whether that is confirmed, as by `delete`
     */
    clear(): Promise<boolean>;
    /**
     * The value of `key`; where there is none, what `loader` returns, which is stored. However many callers ask in however
     * many instances, `loader` runs once, as long as Redis can be reached; else once per instance. Each caller may have
     * its own `signal` and `timeout`. A failure is not stored. If the key is set or deleted anywhere during the load, the
     * callers get the loaded value and the cache does not.
     *
     * @returns a promise; it rejects with what the loader threw, the signal's reason, `PLATEAU_LOAD_TIMEOUT` or
     * `PLATEAU_TOO_MANY_LOADS`
     */
    getOrLoad(key: string, loader: Loader<string, V>, options?: TieredLoadOptions): Promise<V>;
    /**
     * Memoises a function: calls with the same key share one result, in all instances.
     *
     * @param keyOf the key of a call; without it, the first argument
     */
    wrap<A extends unknown[]>(fn: (...args: A) => V | PromiseLike<V>, keyOf?: (...args: A) => string, options?: TieredLoadOptions): (...args: A) => Promise<V>;
    /** Counters since the cache was made, and how it stands with Redis. */
    stats(): TieredCacheStats;
    /**
     * Ends the connection for invalidations and all work in the background. The client and the local tier are left as they
     * are. What is called later rejects with `PLATEAU_DISPOSED`; what is under way ends.
     */
    close(): Promise<void>;
    /** As `close`. */
    [asyncDispose](): Promise<void>;
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

/** Why a client was terminated. */
type TerminationReason = 
/** It sent nothing at all for a whole heartbeat, not even the answer to a ping. */
'vanished'
/** More than `maxBuffered` bytes waited for it for at least `slowFor`. Also where it had vanished as well. */
 | 'slow';
/** Options of {@link superviseWebSockets}. */
interface SuperviseWebSocketsOptions<Client = unknown> {
    /**
     * Milliseconds between two pings to a client, 1 to 2,147,483,647. Who has sent nothing since the last one is
     * terminated, so that a client whose network is cut is gone within two heartbeats. Must be longer than the slowest
     * client's round trip. Socket.IO has pings of its own (`pingInterval`, `pingTimeout`), which this does not change:
     * there it is how often the buffers are looked at.
     * @default 30_000
     */
    heartbeat?: number | undefined;
    /**
     * Bytes that may wait in this process for one client, a positive number; `Infinity` for no bound. A client with more
     * for `slowFor` is terminated. Between two looks more than this can gather: see `slowFor`.
     * @default 1_048_576
     */
    maxBuffered?: number | undefined;
    /**
     * Milliseconds for which more than `maxBuffered` bytes must wait, at every look and without having been sent off
     * completely in between, 1 to 2,147,483,647. Where it is shorter than the heartbeat, buffers are looked at this
     * often. So a client is terminated for it at the latest `2 * slowFor` (or `slowFor + heartbeat`) after it fell behind.
     * @default the heartbeat
     */
    slowFor?: number | undefined;
    /**
     * Called just before a client is terminated, when it can still be asked. What it throws, or rejects with, becomes
     * a process warning, `PLATEAU_ON_TERMINATE`; the client is terminated all the same. Of a Socket.IO connection with
     * several namespaces, one socket is reported.
     */
    onTerminate?: ((client: Client, reason: TerminationReason) => void) | undefined;
}

type ClientScope = Scope;

/** Counts of a {@link WebSocketSupervisor}, since it began. */
interface WebSocketStats {
    /** Clients now. */
    clients: number;
    /** Heartbeats begun: walks over all clients in which each is pinged. */
    heartbeats: number;
    /** Clients seen, those of now included. */
    connected: number;
    /** Clients seen that have ended, for whatever reason. */
    ended: number;
    /** Those of them that the supervisor has terminated. */
    terminated: Record<TerminationReason, number>;
    /** Clients that had more than `maxBuffered` bytes waiting when last looked at. */
    slow: number;
}
/** What {@link superviseWebSockets} returns. */
interface WebSocketSupervisor<Client = unknown> {
    /** Clients now. */
    readonly clients: number;
    /** Whether the supervision has been ended. */
    readonly disposed: boolean;
    /**
     * The scope of a client, made on first use: what it is given is cleaned up once, on any end of the client. Already
     * ended for a client that has ended. A Socket.IO socket is a client from `connection` on, not yet in a middleware.
     * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when it is no client of this server
     */
    scopeOf(client: Client): ClientScope;
    /** Counts; O(1). */
    stats(): WebSocketStats;
    /** Ends the supervision. The clients live on, and their scopes still end with them. */
    dispose(): void;
    [Symbol.dispose](): void;
}
/** As much of an emitter as is needed. */
interface WebSocketServerEvents {
    on(event: any, listener: (...args: any[]) => void): unknown;
    removeListener(event: any, listener: (...args: any[]) => void): unknown;
}
/** `WebSocketServer` of `ws`. */
interface WsServerLike<Client> extends WebSocketServerEvents {
    readonly clients?: ReadonlySet<Client>;
    handleUpgrade(...args: any[]): void;
}
/** A namespace of Socket.IO. */
interface SocketIoNamespaceLike<Client> extends WebSocketServerEvents {
    readonly sockets: ReadonlyMap<string, Client>;
}
/** `Server` of Socket.IO. */
interface SocketIoServerLike<Client> extends WebSocketServerEvents {
    readonly sockets: {
        readonly sockets: ReadonlyMap<string, Client>;
    };
    of(...args: any[]): unknown;
}

/**
 * Supervises all clients of a WebSocket server, those there are and those to come: pings them, terminates who has
 * vanished and who does not take his data, and cleans up each client's scope when it ends.
 *
 * All servers share one timer, which is set only while there are clients and keeps no process alive. A server that is
 * supervised already with the same options gets the same supervisor. A look at a client is O(1); a heartbeat over
 * many clients is spread over turns of the event loop of about two milliseconds.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `server` is none, `PLATEAU_INVALID_OPTION` for an option of the
 * wrong type or an unknown one, and when the server is supervised with other options
 * @throws RangeError `PLATEAU_OUT_OF_RANGE` for a number that is not accepted
 *
 * @example
 * const wss = new WebSocketServer({ port: 8080 });
 * const supervisor = superviseWebSockets(wss, { heartbeat: 30_000, onTerminate: (ws, why) => log.info(why) });
 * wss.on('connection', (ws) => {
 *   const feed = subscribe((price) => ws.send(price));
 *   supervisor.scopeOf(ws).defer(() => feed.unsubscribe());
 * });
 */
declare function superviseWebSockets<Client extends object>(server: WsServerLike<Client> | SocketIoServerLike<Client> | SocketIoNamespaceLike<Client>, options?: SuperviseWebSocketsOptions<Client>): WebSocketSupervisor<Client>;

export { BoundedCache, BoundedLog, MemorySampler, Scope, SharedCache, TieredCache, WeakCache, analyzeHeap, caches, captureHeap, compareHeaps, createScope, debugEndpoint, inspectAgents, keepContext, listenerReport, memorySampler, onListenerGrowth, profileGrowth, relieve, requestScopeOf, scopeReport, sharedCaches, startMemorySampler, superviseWebSockets, trackAllListeners, trackListeners, version, waitForEvent };
export type { AgentFinding, AgentFindingCode, AgentLike, AgentOrigin, AgentSummary, AgentsReport, AnalyzeHeapOptions, AnyDisposable, BoundedCacheOptions, BoundedLogOptions, BreakerState, CacheDump, CacheStats, CaptureHeapOptions, ClassGrowth, ClockSource, ClosureSites, CoherenceLink, CollectionSizes, CompareHeapsOptions, DebugEndpointOptions, DetachedObjects, DispatcherLike, DumpEntry, DuplicateGroups, EmitterLike, Ends, EventSource, EvictionPolicy, Extremes, GrowthFrame, GrowthFrameKind, GrowthProfile, GrowthStack, GrowthVerdict, HeapAnalysis, HeapCapture, HeapClass, HeapComparison, HeapFinding, HeapHolder, HeapLook, HeapObject, HeapPlace, HeapReadOptions, HeapRetainer, HeapSource, HeapStep, HeapSummary, InspectAgentsOptions, LargestObjects, LeakPattern, LeakPlace, ListenerReport, ListenerSite, ListenerTracker, LoadContext, LoadOptions, Loader, LocalTier, LogBounds, LogStats, MemoryAlarm, MemoryBucket, MemoryEvents, MemoryPressure, MemorySample, MemorySamplerOptions, MemoryTrend, MemoryVerdict, MemoryVerdictKind, PathPattern, ProfileGrowthOptions, RecentRequestsOptions, RemovalReason, RequestRecord, RequestScopeOptions, Restorable, ScopeLeak, ScopeLeakReason, ScopeOptions, ScopeReport, ScopeSite, SetOptions, SharedCacheOptions, SharedCacheStats, SharedCodec, SharedCodecName, SharedKey, SharedLoadOptions, SharedLoader, SharedSetOptions, Slope, SocketIoNamespaceLike, SocketIoServerLike, SourcePlace, StreamLike, SuperviseWebSocketsOptions, TargetLike, TerminationReason, TieredCacheOptions, TieredCacheStats, TieredCodec, TieredEntry, TieredErrorContext, TieredLoadOptions, TieredSetOptions, TraceStep, TrackListenersOptions, Trackable, TrackerControls, Until, WaitOptions, WeakCacheOptions, WeakCacheStats, WebSocketServerEvents, WebSocketStats, WebSocketSupervisor, WsServerLike };
