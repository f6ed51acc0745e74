/**
 * A cache whose values stay only as long as somebody else has them too. `docs/design/weak.md` explains how dead keys
 * leave, and why that never takes a fresh value with it.
 */

import { type InspectOptions, inspect } from 'node:util';
import { setBackgroundTimeout, workInTurns } from '../background';
import { BoundedCache } from '../cache/bounded-cache';
import { readMaxEntries } from '../cache/options';
import type { RemovalReason } from '../cache/removals';
import { iteratorOf } from '../cache/walk';
import { invalidArgument, invalidOption, outOfRange } from '../errors';
import { readCallable, readKnown, readName } from '../options';

/** Options of {@link WeakCache}. */
export interface WeakCacheOptions {
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
export interface WeakCacheStats {
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
 * A value under its key. One is made for each value that is set, and never changes, so that who has one knows which
 * value of the key is meant.
 */
interface Entry<K, V extends object> {
  readonly key: K;
  readonly ref: WeakRef<V>;
}

/** Gives plateau's own tests the entry of a key, and the clean-up as the garbage collector calls it. */
export let weakInternals: <K, V extends object>(
  cache: WeakCache<K, V>,
) => { entryOf(key: K): unknown; collect(entry: unknown): void };

const DEFAULT_MAX_KEYS = 100_000;
/** Removing dead keys: work per turn of the event loop, in ms, and keys between looks at the time. */
const SLICE = 1;
const BATCH = 64;

const NAMES = ['maxKeys', 'maxStrong', 'name'] as const;
/** Entries that `console.log` shows. */
const SHOWN = 3;

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
export class WeakCache<K = unknown, V extends object = object> {
  readonly #index: BoundedCache<K, Entry<K, V>>;
  readonly #strong: BoundedCache<K, V> | undefined;
  readonly #name: string | undefined;
  /**
   * Of this instance: one for all would hold the keys of caches that are gone for as long as their values live. It is
   * collected together with the cache, and then calls nothing.
   */
  readonly #registry = new FinalizationRegistry<Entry<K, V>>((entry) => this.#expect(entry));
  /** Entries whose value was found dead by the garbage collector; at most as many as there were keys. */
  #dead: Entry<K, V>[] = [];
  #hits = 0;
  #misses = 0;
  #collected = 0;
  #evicted = 0;

  static {
    weakInternals = (cache) => ({
      entryOf: (key) => cache.#index.peek(key),
      collect: (entry) => cache.#expect(entry as never),
    });
  }

  /**
   * @param options the bounds; a number is short for `{ maxKeys }`
   * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable or does not exist
   */
  constructor(options: WeakCacheOptions | number = {}) {
    const given = typeof options === 'number' ? { maxKeys: options } : options;
    const { maxKeys, maxStrong, name } = readKnown(given, NAMES, 'an object, or a number of keys');
    const most = maxKeys === undefined ? DEFAULT_MAX_KEYS : readMaxEntries(maxKeys, 'maxKeys', 'keys');
    const strong = readMaxStrong(maxStrong, most);
    this.#name = readName(name);
    this.#index = new BoundedCache<K, Entry<K, V>>({
      maxEntries: most,
      onRemove: (entry, key, reason) => this.#left(entry, key, reason),
    });
    if (strong > 0) this.#strong = new BoundedCache<K, V>(strong);
  }

  /** The name given. */
  get name(): string | undefined {
    return this.#name;
  }

  /** The bound on keys. */
  get maxKeys(): number {
    return this.#index.maxEntries;
  }

  /** The bound on values kept alive; 0 for none. */
  get maxStrong(): number {
    return this.#strong?.maxEntries ?? 0;
  }

  /** Keys whose value is alive, as far as is known: a dead one counts until it is noticed. */
  get size(): number {
    return this.#index.size;
  }

  /** The value of `key`, or `undefined`. Counts as a use, and as a hit or a miss. */
  get(key: K): V | undefined {
    const entry = this.#index.get(key);
    // Asking the reference costs several times as much as the look-up of what is kept alive.
    const kept = this.#strong?.get(key);
    if (kept !== undefined) {
      this.#hits++;
      return kept;
    }
    const value = entry?.ref.deref();
    if (value === undefined) {
      if (entry !== undefined) this.#collect(entry);
      this.#misses++;
      return undefined;
    }
    this.#hits++;
    this.#strong?.set(key, value);
    return value;
  }

  /** Whether `key` has a live value. Does not count as a use, a hit or a miss. */
  has(key: K): boolean {
    return this.peek(key) !== undefined;
  }

  /** The value of `key`, or `undefined`. Does not count as a use, a hit or a miss. */
  peek(key: K): V | undefined {
    const entry = this.#index.peek(key);
    const value = entry?.ref.deref();
    if (value === undefined && entry !== undefined) this.#collect(entry);
    return value;
  }

  /**
   * Stores a value, in place of the key's old one; where there are too many keys, the least recently used leaves.
   *
   * @throws TypeError when the value is neither an object nor a function; nothing has changed then
   */
  set(key: K, value: V): this {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
      throw invalidArgument('value', 'an object or a function', value);
    }
    if (this.#index.get(key)?.ref.deref() !== value) {
      const entry: Entry<K, V> = { key, ref: new WeakRef(value) };
      // First: should it not be possible, nothing has changed. It replaces nothing: entries are their own tokens.
      this.#registry.register(value, entry, entry);
      // A key whose value died is a new one, also in the order of insertion.
      this.peek(key);
      this.#index.set(key, entry);
    }
    this.#keep(key, value);
    return this;
  }

  /**
   * The value of `key`; where there is none, what `make(key)` returns is stored and returned. `make` is called
   * synchronously, and what it throws is thrown.
   *
   * @throws TypeError when `make` is no function, or returns neither an object nor a function
   */
  getOrCreate(key: K, make: (key: K) => V): V {
    readCallable('make', make);
    const found = this.get(key);
    if (found !== undefined) return found;
    const value = make(key);
    this.set(key, value);
    return value;
  }

  /** Removes a key; whether it had a live value. */
  delete(key: K): boolean {
    const alive = this.has(key);
    this.#index.delete(key);
    return alive;
  }

  /** Removes everything, and gives the memory back. */
  clear(): void {
    this.#index.clear();
    this.#strong?.clear();
  }

  /** Keys whose value is alive, in insertion order. */
  keys(): ReturnType<Map<K, V>['keys']> {
    return this.#walk((key) => key);
  }

  /** Live values, in insertion order. */
  values(): ReturnType<Map<K, V>['values']> {
    return this.#walk((_key, value) => value);
  }

  /** Keys with their live values, in insertion order. */
  entries(): ReturnType<Map<K, V>['entries']> {
    return this.#walk((key, value): [K, V] => [key, value]);
  }

  /** Keys with their live values, in insertion order. */
  [Symbol.iterator](): ReturnType<Map<K, V>['entries']> {
    return this.entries();
  }

  /** Calls `callback` for every live value, in insertion order. */
  forEach(callback: (value: V, key: K, cache: this) => void, thisArg?: unknown): void {
    readCallable('callback', callback);
    for (const [key, value] of this) callback.call(thisArg, value, key, this);
  }

  /** Counters since the cache was made, and what it holds now. */
  stats(): WeakCacheStats {
    return {
      size: this.size,
      strong: this.#strong?.size ?? 0,
      hits: this.#hits,
      misses: this.#misses,
      collected: this.#collected,
      evicted: this.#evicted,
    };
  }

  /** The value was used: it becomes the newest of those kept alive. */
  #keep(key: K, value: V): void {
    const strong = this.#strong;
    // A `get` is enough where it is there already.
    if (strong !== undefined && strong.get(key) !== value) strong.set(key, value);
  }

  /**
   * The value of this entry is dead. V8 reports all that died in one go, be it a million: so they are only noted, and
   * their keys leave in turns of a millisecond.
   */
  #expect(entry: Entry<K, V>): void {
    if (this.#dead.push(entry) > 1) return;
    const step = (): boolean => {
      const dead = this.#dead;
      for (let i = 0; i < BATCH && dead.length > 0; i++) this.#collect(dead.pop() as Entry<K, V>);
      if (dead.length > 0) return true;
      this.#dead = [];
      return false;
    };
    setBackgroundTimeout(() => workInTurns(step, SLICE), 0);
  }

  /** The value of this entry is dead. Its key leaves, unless it has another entry by now. */
  #collect(entry: Entry<K, V>): void {
    if (this.#index.peek(entry.key) !== entry) return;
    this.#collected++;
    this.#index.delete(entry.key);
  }

  /** An entry left the index. */
  #left(entry: Entry<K, V>, key: K, reason: RemovalReason): void {
    this.#registry.unregister(entry);
    if (reason === 'evicted') this.#evicted++;
    // A replaced one's successor is kept by who set it. A callback may come late: the key may be back.
    const strong = this.#strong;
    if (strong !== undefined && reason !== 'replaced' && !this.#index.has(key)) strong.delete(key);
  }

  #walk<T>(take: (key: K, value: V) => T): MapIterator<T> {
    const entries = this.#index.values();
    return iteratorOf(() => {
      for (;;) {
        const { done, value: entry } = entries.next();
        if (done || entry === undefined) return { done: true, value: undefined };
        const value = entry.ref.deref();
        if (value !== undefined) return { done: false, value: take(entry.key, value) };
        this.#collect(entry);
      }
    });
  }

  get [Symbol.toStringTag](): string {
    return 'WeakCache';
  }

  /** @internal What `console.log` shows. Untyped, so that the types need no Node. */
  [inspect.custom](depth: number, options: import('node:util').InspectOptions): string {
    return inspectWeak(this, depth, options);
  }
}

function readMaxStrong(value: unknown, maxKeys: number): number {
  if (value === undefined) return 0;
  const accepted = `a whole number of values from 0 to maxKeys, ${maxKeys}`;
  if (typeof value !== 'number') throw invalidOption('maxStrong', accepted, value);
  if (!Number.isInteger(value) || value < 0 || value > maxKeys)
    throw outOfRange('maxStrong', accepted, value);
  return value;
}

function inspectWeak<K, V extends object>(
  cache: WeakCache<K, V>,
  depth: number,
  options: InspectOptions,
): string {
  const { name, size, maxKeys, maxStrong } = cache;
  const strong = maxStrong === 0 ? '' : `, ${cache.stats().strong}/${maxStrong} strong`;
  const head = `WeakCache${name === undefined ? '' : ` ${JSON.stringify(name)}`} (${size}/${maxKeys} keys${strong})`;
  if (depth < 0) return `[${head}]`;
  const inner = { ...options, depth: depth === 0 ? -1 : 0 };
  const shown: string[] = [];
  for (const [key, value] of cache) {
    if (shown.length === SHOWN) break;
    shown.push(`${inspect(key, inner)} => ${inspect(value, inner)}`);
  }
  if (size > shown.length) shown.push(`... ${size - shown.length} more`);
  return `${head} {${shown.length === 0 ? '' : ` ${shown.join(', ')} `}}`;
}
