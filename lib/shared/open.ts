/** The shared caches that are open in this process, in whatever threads, for metrics, dashboards and memory alarms. */

import { native } from '../native';
import { type StoreStats, storeStats } from './stats';

/** A shared cache and its numbers. */
export interface OpenStore extends StoreStats {
  name: string;
}

/** All that are open. The writers of each are held up for as long as its counters are copied. */
export function openStores(): OpenStore[] {
  return native.sharedFigures().map(({ name, numbers }) => ({ name, ...storeStats(numbers) }));
}

/** Bytes that they take, in sum. */
export function openBytes(): number {
  return openStores().reduce((sum, { bytes }) => sum + bytes, 0);
}
