/**
 * The caches with a name, for dashboards, metrics and memory alarms. Weak: being listed keeps no cache alive.
 */

import { readShare } from '../options';
import type { BoundedCache } from './bounded-cache';

// biome-ignore lint/suspicious/noExplicitAny: a registry of caches of whatever keys and values
type AnyCache = BoundedCache<any, any>;

const registered = new Set<WeakRef<AnyCache>>();
const collected = new FinalizationRegistry<WeakRef<AnyCache>>((ref) => void registered.delete(ref));

/** Lists a cache for as long as it is alive. */
export function register(cache: AnyCache): void {
  const ref = new WeakRef(cache);
  registered.add(ref);
  collected.register(cache, ref);
}

/**
 * The caches of this thread that were given a `name`, in the order they were made. Names need not be unique.
 *
 * @example
 * for (const cache of caches()) gauge.set({ cache: cache.name }, cache.size);
 */
export function caches(): BoundedCache<unknown, unknown>[] {
  const alive: AnyCache[] = [];
  for (const ref of registered) {
    const cache = ref.deref();
    if (cache !== undefined) alive.push(cache);
  }
  return alive;
}

/**
 * Shrinks every named cache to `fraction` of what it holds, for when memory runs out: 0.5 keeps half, 0 nothing.
 * Returns how many entries were released. Each cache evicts by its policy. Errors of `onRemove` callbacks do not
 * stop the others: they are thrown at the end, several as an AggregateError. Shared caches are left alone: they are
 * outside the heap, and the business of all threads ({@link SharedCache.resize} shrinks one).
 *
 * @throws TypeError | RangeError when `fraction` is not a number from 0 to 1
 */
export function relieve(fraction: number): number {
  readShare('fraction', fraction);
  const errors: unknown[] = [];
  let released = 0;
  for (const cache of caches()) {
    const before = cache.size;
    try {
      cache.shrinkTo(fraction);
    } catch (error) {
      errors.push(error);
    }
    released += Math.max(0, before - cache.size);
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} caches reported errors`);
  return released;
}
