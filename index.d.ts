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
    kind: 'http' | 'undici';
    origins: number;
    sockets: number;
    free: number;
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
    code: AgentFindingCode;
    agent: string;
    /** The worst origin; `undefined` where it concerns the whole agent. */
    origin: string | undefined;
    value: number;
    bound: number;
    /** How many origins of the agent are over the bound. */
    count: number;
    message: string;
}
/** What {@link inspectAgents} returns. Plain data: `JSON.stringify` shows all of it (`Infinity` as `null`). */
interface AgentsReport {
    /** Whether nothing is over its bound. */
    ok: boolean;
    totals: {
        agents: number;
        origins: number;
        sockets: number;
        free: number;
        pending: number;
    };
    agents: AgentSummary[];
    /** The busiest first. */
    origins: AgentOrigin[];
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

/** Things of plateau that end: what `until` takes besides Node's. */
interface Ends {
    /** Whether it has ended. */
    readonly disposed: boolean;
}
/** An emitter, as little of it as is needed. */
interface Emitter {
    on(event: string, listener: () => void): unknown;
    removeListener(event: string, listener: () => void): unknown;
}
interface Target {
    addEventListener(type: string, listener: () => void): void;
    removeEventListener(type: string, listener: () => void): void;
}
/** What can end a tracker or a scope. */
type Until = Ends | AbortSignal | (Emitter & ({
    destroyed: boolean;
} | {
    writableEnded: boolean;
} | {
    readyState: number;
} | {
    closed: boolean;
})) | (Target & {
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
    /** The same in parts, source maps applied. `line` and `column` count from 1; 0 where unknown. */
    file: string;
    line: number;
    column: number;
    /** The function that adds them. */
    caller: string | undefined;
    /** The name of the event; `(other events)` stands for those beyond the first 64 of an emitter. */
    event: string;
    /** The emitter's name or class. */
    emitter: string;
    /** A request on whose behalf listeners were added, such as `GET /subscribe`: the last that was noted. */
    request: string | undefined;
    /** Listeners added, removed and live. */
    added: number;
    removed: number;
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

/**
 * The version of the package. Written by `scripts/sync-version.mjs`, which keeps it equal to the
 * one in package.json, Cargo.toml and every platform package.
 */
declare const version: string;

/** What {@link WebSocketSupervisor.scopeOf} gives: it ends with its client. */
interface ClientScope extends Ends {
    /** Aborted when the client has ended. */
    readonly signal: AbortSignal;
    /**
     * Runs `cleanup` when the client has ended, the last one first. What it throws or rejects with becomes a process
     * warning. @throws Error `PLATEAU_DISPOSED` when the client has ended already: then nobody else would run it.
     */
    defer(cleanup: () => unknown): void;
    /** Disposes of `resource` (`Symbol.dispose`, or else `Symbol.asyncDispose`) when the client has ended; returns it. */
    use<T extends object>(resource: T): T;
    /** Cleans up now. */
    dispose(): void;
    [Symbol.dispose](): void;
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

export { BoundedCache, caches, inspectAgents, listenerReport, onListenerGrowth, relieve, superviseWebSockets, trackAllListeners, trackListeners, version };
export type { AgentFinding, AgentFindingCode, AgentLike, AgentOrigin, AgentSummary, AgentsReport, BoundedCacheOptions, CacheDump, CacheStats, ClientScope, ClockSource, DispatcherLike, DumpEntry, Ends, EvictionPolicy, InspectAgentsOptions, ListenerReport, ListenerSite, ListenerTracker, LoadContext, LoadOptions, Loader, RemovalReason, Restorable, SetOptions, SocketIoNamespaceLike, SocketIoServerLike, SuperviseWebSocketsOptions, TerminationReason, TrackListenersOptions, Trackable, TrackerControls, Until, WebSocketServerEvents, WebSocketStats, WebSocketSupervisor, WsServerLike };
