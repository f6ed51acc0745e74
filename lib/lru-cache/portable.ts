/** `dump`, `load` and `info`: entries as plain objects, their times on the wall clock. */

import type { Core } from './core';
import type { LruEntry } from './types';
import { Walk } from './walk';

type Defined = NonNullable<unknown>;

/** All entries, stale ones included, the least recently used first, so that loading them restores the order. */
export function dump<K extends Defined, V extends Defined, FC>(core: Core<K, V, FC>): [K, LruEntry<V>][] {
  const { store, age, settings } = core;
  const entries: [K, LruEntry<V>][] = [];
  const now = age === undefined ? 0 : settings.perf.now();
  const date = Date.now();
  const walk = new Walk(store, false);
  for (let slot = walk.next(); slot !== 0; slot = walk.next()) {
    const key = store.keys[slot];
    const value = core.shown(store.values[slot]);
    if (key === undefined || value === undefined) continue;
    const entry: LruEntry<V> = { value };
    if (age !== undefined) {
      entry.ttl = age.ttlOf(slot);
      entry.start = Math.floor(date - (now - age.startOf(slot)));
    }
    if (store.sizes !== undefined) entry.size = store.sizeOf(slot);
    entries.push([key, entry]);
  }
  return entries;
}

/** Replaces the content by that of a dump. The dump is left as it is, so that it can be loaded again. */
export function load<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  entries: Iterable<readonly [K, LruEntry<V>]>,
): void {
  core.owner.clear();
  for (const [key, entry] of entries) {
    const { start } = entry;
    const options = start ? { ...entry, start: core.settings.perf.now() - (Date.now() - start) } : entry;
    core.set(key, entry.value, options);
  }
}

/** What there is to know of an entry. */
export function info<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  key: K,
): LruEntry<V> | undefined {
  const { store, age, settings } = core;
  const slot = store.index.find(key);
  const value = slot === 0 ? undefined : core.shown(store.values[slot]);
  if (value === undefined) return undefined;
  const entry: LruEntry<V> = { value };
  if (age?.isTimed(slot)) {
    entry.ttl = age.ttlOf(slot) - (settings.perf.now() - age.startOf(slot));
    entry.start = Date.now();
  }
  if (store.sizes !== undefined) entry.size = store.sizeOf(slot);
  return entry;
}
