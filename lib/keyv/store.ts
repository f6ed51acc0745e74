/**
 * A storage adapter of Keyv over a cache of plateau's. A key is stored as namespace, NUL and key, and no namespace has a
 * NUL: so whatever the names, no namespace meets the keys of another.
 */

import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { invalidArgument, invalidOption } from '../errors';
import { BoundedCache, SharedCache } from '../index';
import { readKnown } from '../options';

/** A cache that a {@link KeyvStore} can store in, made with any options; of a `SharedCache`, see there for the codec. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the values are, Keyv puts in what it got out of its serializer
export type KeyvStoreCache = SharedCache<any> | BoundedCache<any, any>;

/** Options of {@link KeyvStore}. */
export interface KeyvStoreOptions {
  /**
   * What the keys belong to. A `Keyv` sets its own, which is `'keyv'` where its options name none.
   * @default none, which is a namespace like any other: it has its own keys
   */
  namespace?: string | undefined;
}

/** What `setMany` stores. */
export interface KeyvStoreEntry {
  key: string;
  value: unknown;
  /** Time to live in milliseconds; without it, the cache's. */
  ttl?: number | undefined;
}

/** Whether each entry was stored. Keyv 5 declares that `setMany` tells nothing, and counts on it to tell. */
// biome-ignore lint/suspicious/noConfusingVoidType: what is assignable to both
export type KeyvStored = boolean[] & void;

/** What both caches have. */
interface Backing {
  get(key: string): unknown;
  peek(key: string): unknown;
  has(key: string): boolean;
  set(key: string, value: unknown, options?: { ttl: number }): unknown;
  delete(key: string): boolean;
  getMany(keys: string[]): unknown[];
  setMany(entries: [string, unknown][], options?: { ttl: number }): unknown;
  keys(): Iterable<unknown>;
}

/** Between namespace and key. */
const SEPARATOR = '\0';
/** Keys looked at before others have a turn of the event loop: about a millisecond. */
const SLICE = 2048;
const NAMESPACE = 'a string without NUL characters';
const TTL = 'a number of milliseconds';

/**
 * A storage adapter for Keyv 5 and 6 over a `SharedCache` or a `BoundedCache` that the application has made. The bounds,
 * the policy and the time to live of entries without one of their own are the cache's.
 *
 * Keyv makes strings of values, so a `SharedCache` needs the codec `'utf8'`, its default; with Keyv's serialization turned
 * off, it is `'json'` or `'structured'`. A `BoundedCache` takes either, and without serialization returns the very objects.
 *
 * Give each `Keyv` an adapter of its own, as it tells the adapter its namespace; the cache behind may be the same.
 *
 * Operations on keys take constant time, each. `clear` and `iterator` look at all keys of the cache, of whatever
 * namespace: linear in its entries, in slices of 2,048 keys between which the event loop turns. They are weakly
 * consistent: what comes or goes meanwhile is met or not.
 *
 * What goes wrong (a value beyond `maxEntryBytes`, a closed cache, ...) rejects with the cache's error. As Keyv makes a
 * miss of a `get` that fails, and tells nobody, reads that fail are also told to listeners of `'error'`, of which Keyv is one.
 *
 * @example
 * const cache = new SharedCache({ name: 'pages', maxBytes: 64 * 2 ** 20 });
 * const keyv = new Keyv({ store: new KeyvStore(cache), namespace: 'pages', ttl: 60_000 });
 */
export class KeyvStore extends EventEmitter {
  /**
   * What Keyv keeps with an adapter. Keyv 5 has an `iterator` only over adapters whose dialect it knows: this one says
   * that it iterates as Redis's does.
   */
  readonly opts: Record<string, unknown> = { dialect: 'redis', url: 'plateau:' };
  readonly #cache: Backing;
  #namespace: string | undefined;

  /** @throws TypeError when `cache` is no cache of plateau's, or the namespace none */
  constructor(cache: KeyvStoreCache, options: KeyvStoreOptions = {}) {
    super();
    if (!(cache instanceof SharedCache || cache instanceof BoundedCache)) {
      throw invalidArgument('cache', 'a SharedCache or a BoundedCache', cache);
    }
    const { namespace } = readKnown(options, ['namespace']);
    this.#cache = cache as unknown as Backing;
    this.#namespace = readNamespace(namespace);
  }

  /** What the keys belong to. Keyv sets it. */
  get namespace(): string | undefined {
    return this.#namespace;
  }

  set namespace(namespace: string | undefined) {
    this.#namespace = readNamespace(namespace);
  }

  /** The value of a key, `undefined` where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: Keyv's type of an adapter
  async get<Value = any>(key: string): Promise<Value | undefined> {
    return this.#reading(() => this.#cache.get(this.#inside(key)) as Value | undefined);
  }

  /** The values of keys in their order, `undefined` where there is none. One call of the cache. */
  // biome-ignore lint/suspicious/noExplicitAny: as `get`
  async getMany<Value = any>(keys: string[]): Promise<(Value | undefined)[]> {
    return this.#reading(
      () => this.#cache.getMany(readKeys(keys).map((key) => this.#inside(key))) as (Value | undefined)[],
    );
  }

  /** Whether a key has a value. */
  async has(key: string): Promise<boolean> {
    return this.#reading(() => this.#cache.has(this.#inside(key)));
  }

  /** Whether keys have values, in their order. */
  async hasMany(keys: string[]): Promise<boolean[]> {
    return this.#reading(() => readKeys(keys).map((key) => this.#cache.has(this.#inside(key))));
  }

  /**
   * Stores a value; whether the cache has it now, which it has not where a `BoundedCache` refuses it for its size.
   *
   * @param ttl milliseconds; without it, the cache's; 0 or less has expired already, and only removes the old value
   */
  async set(key: string, value: unknown, ttl?: number): Promise<boolean> {
    return this.#put(key, value, readTtl(ttl));
  }

  /**
   * Stores values; whether, each. Runs of entries with the same time to live go into the cache in one call; where it does
   * not take one of a run, the others are stored and that one is told to listeners of `'error'`.
   */
  async setMany(entries: KeyvStoreEntry[]): Promise<KeyvStored> {
    if (!Array.isArray(entries))
      throw invalidArgument('entries', 'an array of { key, value, ttl? }', entries);
    const checked = entries.map((entry) => {
      if (typeof entry !== 'object' || entry === null) {
        throw invalidArgument('each of the entries', 'an object with key and value', entry);
      }
      return { key: readKey(entry.key), value: entry.value, ttl: readTtl(entry.ttl) };
    });
    const done: boolean[] = [];
    for (let at = 0; at < checked.length; ) {
      const { ttl } = checked[at] as (typeof checked)[0];
      let end = at + 1;
      while (end < checked.length && checked[end]?.ttl === ttl) end++;
      done.push(...this.#putRun(checked.slice(at, end), ttl));
      at = end;
    }
    return done as KeyvStored;
  }

  /** Removes a key's value; whether there was one. */
  async delete(key: string): Promise<boolean> {
    return this.#cache.delete(this.#inside(key));
  }

  /** Removes the values of keys; whether all of them had one. */
  async deleteMany(keys: string[]): Promise<boolean> {
    const inside = readKeys(keys).map((key) => this.#inside(key));
    let all = true;
    for (const key of inside) all = this.#cache.delete(key) && all;
    return all;
  }

  /** Removes the values of the namespace, and nothing else. Linear in the entries of the cache. */
  async clear(): Promise<void> {
    for await (const key of this.#walk(this.#prefix(this.#namespace))) this.#cache.delete(key);
  }

  /**
   * Keys with their values, as the cache has them; no use. Linear in the entries of the cache.
   *
   * @param namespace whose; without it, the adapter's
   */
  // biome-ignore lint/suspicious/noExplicitAny: as `get`
  async *iterator<Value = any>(namespace = this.#namespace): AsyncGenerator<[string, Value], void> {
    const prefix = this.#prefix(readNamespace(namespace));
    for await (const key of this.#walk(prefix)) {
      const value = this.#cache.peek(key) as Value | undefined;
      if (value !== undefined) yield [key.slice(prefix.length), value];
    }
  }

  /** Does nothing: the cache is the application's, which closes a `SharedCache` when it is done with it. */
  async disconnect(): Promise<void> {}

  #prefix(namespace: string | undefined): string {
    return (namespace ?? '') + SEPARATOR;
  }

  #inside(key: string): string {
    return this.#prefix(this.#namespace) + readKey(key);
  }

  #put(key: string, value: unknown, ttl: number | undefined): boolean {
    const inside = this.#inside(key);
    if (ttl !== undefined && ttl <= 0) {
      this.#cache.delete(inside);
      return true;
    }
    this.#cache.set(inside, value, ttl === undefined ? undefined : { ttl });
    return this.#cache.has(inside);
  }

  #putRun(run: KeyvStoreEntry[], ttl: number | undefined): boolean[] {
    const one = (entry: KeyvStoreEntry): boolean => {
      try {
        return this.#put(entry.key, entry.value, ttl);
      } catch (error) {
        this.#tell(error);
        return false;
      }
    };
    if (run.length === 1 || (ttl !== undefined && ttl <= 0)) return run.map(one);
    const pairs = run.map(({ key, value }): [string, unknown] => [this.#inside(key), value]);
    try {
      this.#cache.setMany(pairs, ttl === undefined ? undefined : { ttl });
    } catch {
      // All or none: now those that can be.
      return run.map(one);
    }
    return pairs.map(([key]) => this.#cache.has(key));
  }

  /** The stored keys that begin with `prefix`. */
  async *#walk(prefix: string): AsyncGenerator<string, void> {
    let seen = 0;
    for (const key of this.#cache.keys()) {
      if (++seen % SLICE === 0) await nextTurn();
      if (typeof key === 'string' && key.startsWith(prefix)) yield key;
    }
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      this.#tell(error);
      throw error;
    }
  }

  /** Without a listener an emitter would throw the error. */
  #tell(error: unknown): void {
    if (this.listenerCount('error') > 0) this.emit('error', error);
  }
}

function readNamespace(namespace: unknown): string | undefined {
  if (namespace === undefined || namespace === '') return undefined;
  if (typeof namespace !== 'string' || namespace.includes(SEPARATOR)) {
    throw invalidOption('namespace', NAMESPACE, namespace);
  }
  return namespace;
}

function readKey(key: unknown): string {
  if (typeof key !== 'string') throw invalidArgument('key', 'a string', key);
  return key;
}

function readKeys(keys: unknown): string[] {
  if (!Array.isArray(keys)) throw invalidArgument('keys', 'an array of strings', keys);
  return keys;
}

/** `undefined` for the cache's. */
function readTtl(ttl: unknown): number | undefined {
  if (ttl === undefined || ttl === null) return undefined;
  if (typeof ttl !== 'number' || Number.isNaN(ttl)) throw invalidArgument('ttl', TTL, ttl);
  return ttl;
}
