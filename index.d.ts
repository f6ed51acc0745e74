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
 * The places of the first 2,000 scopes are looked for, then of 100 in a second, and beyond that of one in 64: the scopes
 * in between are counted under `(not sampled)`. A thousand places are listed, the scopes of others are counted together. Takes time proportional to
 * the number of places, and reads the source maps of their files once.
 *
 * @example
 * console.log(`${scopeReport()}`);
 */
declare function scopeReport(): ScopeReport;

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

/** A stream, as little of it as is needed. */
interface StreamLike {
    readonly destroyed: boolean;
    destroy(error?: Error): unknown;
    on(event: any, listener: (...args: any[]) => void): unknown;
    removeListener(event: any, listener: (...args: any[]) => void): unknown;
}
/** What `use` takes. */
type AnyDisposable = Disposable | AsyncDisposable;

declare const asyncDispose: typeof Symbol.asyncDispose;

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

/**
 * The version of the package. Written by `scripts/sync-version.mjs`, which keeps it equal to the
 * one in package.json, Cargo.toml and every platform package.
 */
declare const version: string;

export { BoundedCache, Scope, caches, createScope, keepContext, relieve, requestScopeOf, scopeReport, version, waitForEvent };
export type { AnyDisposable, BoundedCacheOptions, CacheDump, CacheStats, ClockSource, DumpEntry, EmitterLike, Ends, EventSource, EvictionPolicy, LoadContext, LoadOptions, Loader, RemovalReason, RequestScopeOptions, ScopeLeak, ScopeLeakReason, ScopeOptions, ScopeReport, ScopeSite, SetOptions, StreamLike, TargetLike, Until, WaitOptions };
