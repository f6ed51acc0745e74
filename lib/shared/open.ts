/** The shared caches that are open in this process, in whatever threads, for metrics, dashboards and memory alarms. */

import { native } from '../native';
import { type StoreStats, storeStats } from './stats';

/** A shared cache and its numbers. */
export interface OpenStore extends StoreStats {
  name: string;
}

/** All that are open. About a microsecond each, for which its writers are held up. */
export function openStores(): OpenStore[] {
  return native.sharedFigures().map(({ name, numbers }) => ({ name, ...storeStats(numbers) }));
}

/**
 * Where `plateau check`, which is preloaded and perhaps another copy of plateau, finds the caches: what they take is
 * native memory with a bound. Nothing is put there before a cache is opened.
 */
const HELD = Symbol.for('plateau.sharedBytes');

/** Makes the bytes of shared caches known to `plateau check`. */
export function tellCheck(): void {
  const known = globalThis as { [HELD]?: () => number };
  known[HELD] ??= () => openStores().reduce((sum, { bytes }) => sum + bytes, 0);
}
