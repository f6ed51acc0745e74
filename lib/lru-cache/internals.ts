/**
 * What `unsafeExposeInternals` returns: the engine, seen as lru-cache's lists. Indexes are slots less one. The arrays
 * show the present state whenever they are read; of what is written to them, only `starts` and `ttls` take effect.
 */

import type { Core } from './core';
import { startFetch } from './fetch';
import type { BackgroundFetch, LruFetchOptions } from './types';
import { Walk } from './walk';

type Defined = NonNullable<unknown>;

declare const POSITIVE: unique symbol;
declare const INDEX: unique symbol;

/** A positive integer. */
export type PosInt = number & { [POSITIVE]: true };
/** The place of an entry. */
export type Index = number & { [INDEX]: true };
/** An array of small numbers. */
export type UintArray = Uint8Array | Uint16Array | Uint32Array;
/** An array of numbers. */
export type NumberArray = UintArray | number[];
/** An array of numbers that begin as zeros. */
export type ZeroArray = number[];
/** The places that are free. */
export interface Stack {
  /** The places. */
  heap: NumberArray;
  /** How many there are. */
  length: number;
  /** Adds one. */
  push(n: Index): void;
  /** Takes one. */
  pop(): Index;
}
/** The places that are free. */
export type StackLike = Stack | Index[];

/** The inner workings, for debugging and for tests written for lru-cache's own. */
export interface Internals<K, V, FC> {
  readonly starts: ZeroArray | undefined;
  readonly ttls: ZeroArray | undefined;
  /** There are none per entry: one timer serves the cache. */
  readonly autopurgeTimers: (NodeJS.Timeout | undefined)[] | undefined;
  readonly sizes: ZeroArray | undefined;
  readonly keyMap: Map<K, number>;
  readonly keyList: (K | undefined)[];
  readonly valList: (V | BackgroundFetch<V> | undefined)[];
  readonly next: NumberArray;
  readonly prev: NumberArray;
  readonly head: Index;
  readonly tail: Index;
  readonly free: StackLike;
  isBackgroundFetch: (p: unknown) => p is BackgroundFetch<V>;
  backgroundFetch: (
    k: K,
    index: number | undefined,
    options: LruFetchOptions<K, V, FC>,
    context: unknown,
  ) => BackgroundFetch<V>;
  moveToTail: (index: number) => void;
  indexes: (options?: { allowStale: boolean }) => Generator<Index, void, unknown>;
  rindexes: (options?: { allowStale: boolean }) => Generator<Index, void, unknown>;
  isStale: (index: number | undefined) => boolean;
}

export function exposeInternals<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
): Internals<K, V, FC> {
  const { store, owner } = core;
  // With a `max`, lru-cache's arrays have that length from the start.
  const length = (): number => owner.max || store.used - 1;
  const isLive = (index: number): boolean => index + 1 < store.used && store.hot[2 * index + 2] !== 0;
  const view = <T>(at: (slot: number) => T, free: T, put?: (slot: number, value: T) => void): T[] =>
    liveArray(length, (index) => (isLive(index) ? at(index + 1) : free), put);
  const starts = view(
    (slot) => core.age?.startOf(slot) ?? 0,
    0,
    (slot, start) => core.age?.assign(slot, core.age.ttlOf(slot), start),
  );
  const ttls = view(
    (slot) => core.age?.ttlOf(slot) ?? 0,
    0,
    (slot, ttl) => core.age?.assign(slot, ttl, core.age.startOf(slot)),
  );
  const sizes = view((slot) => store.sizeOf(slot), 0);
  const keyList = view<K | undefined>((slot) => store.keys[slot], undefined);
  const valList = view<V | BackgroundFetch<V> | undefined>((slot) => store.values[slot], undefined);

  function* indexes(newestFirst: boolean, allowStale = owner.allowStale): Generator<Index, void, unknown> {
    const walk = new Walk(store, newestFirst);
    for (let slot = walk.next(); slot !== 0; slot = walk.next()) {
      if (allowStale || !core.isStale(slot)) yield (slot - 1) as Index;
    }
  }
  const end = (newest: boolean): Index => ((new Walk(store, newest).next() || 1) - 1) as Index;
  const next: number[] = [];
  const prev: number[] = [];
  // The last entry of a list keeps the link it had: so does lru-cache's.
  const links = (to: number[], newestFirst: boolean): number[] => {
    while (to.length < length()) to.push(0);
    let from = -1;
    for (const index of indexes(newestFirst, true)) {
      if (from !== -1) to[from] = index;
      from = index;
    }
    return to;
  };

  return {
    get starts() {
      return core.age && starts;
    },
    get ttls() {
      return core.age && ttls;
    },
    autopurgeTimers: undefined,
    sizes: store.sizes && sizes,
    get keyMap() {
      return new Map(store.slots().map((slot) => [store.keys[slot] as K, slot - 1]));
    },
    keyList,
    valList,
    get next() {
      return links(next, false);
    },
    get prev() {
      return links(prev, true);
    },
    get head() {
      return end(false);
    },
    get tail() {
      return end(true);
    },
    get free() {
      return Array.from({ length: store.used - 1 }, (_, index) => index as Index).filter((i) => !isLive(i));
    },
    isBackgroundFetch: (p): p is BackgroundFetch<V> => core.isFetch(p),
    backgroundFetch: (key, _index, options, context) =>
      startFetch(core, key, { ...options, signal: options.signal }, context as FC),
    moveToTail: (index) => store.touch(index + 1),
    indexes: (options) => indexes(true, options?.allowStale),
    rindexes: (options) => indexes(false, options?.allowStale),
    isStale: (index) => index !== undefined && core.isStale(index + 1),
  };
}

/** An array whose elements are looked up when they are read. */
function liveArray<T>(
  length: () => number,
  at: (index: number) => T,
  put?: (slot: number, value: T) => void,
): T[] {
  const element = (key: string | symbol): number => {
    const index = typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : -1;
    return index < length() ? index : -1;
  };
  return new Proxy<T[]>([], {
    get(target, key, receiver) {
      if (key === 'length') return length();
      const index = element(key);
      return index === -1 ? Reflect.get(target, key, receiver) : at(index);
    },
    set(_target, key, value: T) {
      const index = element(key);
      if (index !== -1) put?.(index + 1, value);
      return true;
    },
    has: (target, key) => element(key) !== -1 || Reflect.has(target, key),
    ownKeys: () => [...Array.from({ length: length() }, (_, index) => String(index)), 'length'],
    getOwnPropertyDescriptor(target, key) {
      if (key === 'length')
        return { value: length(), writable: true, enumerable: false, configurable: false };
      const index = element(key);
      if (index === -1) return Reflect.getOwnPropertyDescriptor(target, key);
      return { value: at(index), writable: true, enumerable: true, configurable: true };
    },
  });
}
