/** Iterators over a store: what `keys()`, `values()`, `entries()` and `entriesByRecency()` return. */

import type { Store } from './store';

/** What the iterators of the language have in common: `Symbol.iterator`, and `map`, `filter` … where they exist. */
const iteratorPrototype: object = Object.getPrototypeOf(Object.getPrototypeOf([].values()));

/** Walks the entries that may be returned, in insertion order. */
export function walk<K, V, T>(store: Store<K, V>, take: (slot: number) => T): MapIterator<T> {
  const slots = store.fresh();
  return iteratorOf(() => {
    const { done, value } = slots.next();
    return done ? { done, value: undefined } : { done: false, value: take(value) };
  });
}

/** Walks the entries by rank; each is looked up again when its turn comes. */
export function present<K, V>(store: Store<K, V>): MapIterator<[K, V]> {
  const keys = store.byRank().map((slot) => store.keys[slot] as K);
  let at = 0;
  return iteratorOf(() => {
    while (at < keys.length) {
      const key = keys[at++] as K;
      const slot = store.findFresh(key);
      if (slot !== 0) return { done: false, value: [key, store.values[slot] as V] };
    }
    return { done: true, value: undefined };
  });
}

/** An iterator like a `Map`'s: unlike a generator, it goes on where it was after a `break`. */
export function iteratorOf<T>(next: () => IteratorResult<T, undefined>): MapIterator<T> {
  return Object.assign(Object.create(iteratorPrototype), { next });
}
