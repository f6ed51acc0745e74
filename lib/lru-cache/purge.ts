/** `purgeStale`: everything that is stale leaves, in one go. */

import type { Core } from './core';

type Defined = NonNullable<unknown>;

/** Removes what is stale, the least recently used first; whether there was anything. */
export function purgeStale<K extends Defined, V extends Defined, FC>(core: Core<K, V, FC>): boolean {
  const { store, age } = core;
  if (age === undefined) return false;
  const { hot, keys, used } = store;
  const stale: number[] = [];
  // Free slots never get stale.
  for (let slot = 1; slot < used; slot++) if (age.isStale(slot)) stale.push(slot);
  stale.sort((a, b) => (hot[2 * a] as number) - (hot[2 * b] as number));
  // By key, as slots are renumbered when many leave.
  for (const key of stale.map((slot) => keys[slot] as K)) {
    const slot = store.index.find(key);
    if (slot !== 0 && age.isStale(slot)) core.delete(key, 'expire');
  }
  return stale.length > 0;
}
