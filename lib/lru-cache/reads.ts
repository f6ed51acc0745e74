/** `get`, `has` and `peek`, with all their options. The class has a short cut for calls without any. */

import type { Core } from './core';
import type { LruStatus } from './status';
import type { LruGetOptions, LruHasOptions, LruPeekOptions } from './types';

type Defined = NonNullable<unknown>;

export function read<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  key: K,
  options: LruGetOptions<K, V, FC>,
  status: LruStatus<K, V, FC> | undefined,
): V | undefined {
  const { store, owner, age } = core;
  const { allowStale = owner.allowStale, updateAgeOnGet = owner.updateAgeOnGet } = options;
  const { noDeleteOnStaleGet = owner.noDeleteOnStaleGet } = options;
  const slot = store.index.find(key);
  if (slot === 0) {
    if (status) status.get = 'miss';
    return undefined;
  }
  const held = store.values[slot];
  const isFetch = core.isFetch(held);
  const value = core.shown(held);
  if (status) age?.describe(slot, status);
  if (age?.isStale(slot)) {
    // A fetch that takes longer than the time to live goes on.
    if (!isFetch && !noDeleteOnStaleGet) core.delete(key, 'expire');
    if (status) status.get = isFetch ? 'stale-fetching' : 'stale';
    if (!allowStale || value === undefined) return undefined;
    if (status) status.returnedStale = true;
    return value;
  }
  if (status) status.get = isFetch ? 'fetching' : 'hit';
  store.touch(slot);
  if (updateAgeOnGet) age?.renew(slot);
  return value;
}

export function check<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  key: K,
  options: LruHasOptions<K, V, FC>,
  status: LruStatus<K, V, FC> | undefined,
): boolean {
  const { store, owner, age } = core;
  const { updateAgeOnHas = owner.updateAgeOnHas } = options;
  const slot = store.index.find(key);
  if (slot === 0) {
    if (status) status.has = 'miss';
    return false;
  }
  const held = store.values[slot];
  // Without a value yet it is neither there nor missing: the status says nothing.
  if (core.isFetch(held) && held.__staleWhileFetching === undefined) return false;
  const isStale = core.isStale(slot);
  if (!isStale && updateAgeOnHas) age?.renew(slot);
  if (status) {
    status.has = isStale ? 'stale' : 'hit';
    age?.describe(slot, status);
  }
  return !isStale;
}

export function look<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  key: K,
  options: LruPeekOptions<K, V, FC>,
  status: LruStatus<K, V, FC> | undefined,
): V | undefined {
  const { store, owner } = core;
  const { allowStale = owner.allowStale } = options;
  const slot = store.index.find(key);
  if (slot === 0 || (!allowStale && core.isStale(slot))) {
    if (status) status.peek = slot === 0 ? 'miss' : 'stale';
    return undefined;
  }
  const value = core.shown(store.values[slot]);
  if (status) {
    status.peek = value === undefined ? 'miss' : 'hit';
    if (value !== undefined) status.value = value;
  }
  return value;
}
