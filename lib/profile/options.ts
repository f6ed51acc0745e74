/** The options of a growth profile, checked. */

import { outOfRange } from '../errors';
import { readBoolean, readCount, readDuration, readKnown, readSignal } from '../options';
import type { ProfileGrowthOptions } from './types';

/** Bounds: the least a half of which is more than a moment, and the most for which V8 should be keeping samples. */
export const LEAST_DURATION = 1000;
export const MOST_DURATION = 3_600_000;
/** The mark between the halves is sixteen intervals large: 16 MiB at most. */
const LEAST_INTERVAL = 1024;
const MOST_INTERVAL = 1024 * 1024;
export const MOST_STACKS = 1000;

const KNOWN = ['duration', 'interval', 'limit', 'gc', 'signal'] as const;

export interface ReadProfileOptions {
  duration: number;
  interval: number;
  limit: number;
  gc: boolean;
  signal: AbortSignal | undefined;
}

export function readProfileOptions(given: unknown): ReadProfileOptions {
  const options: Partial<Record<keyof ProfileGrowthOptions, unknown>> = readKnown(given, KNOWN);
  const { duration = 30_000, interval = 128 * 1024, limit = 20, gc, signal } = options;
  return {
    duration: within('duration', readDuration('duration', duration), LEAST_DURATION, MOST_DURATION),
    interval: within('interval', readCount('interval', interval), LEAST_INTERVAL, MOST_INTERVAL),
    limit: within('limit', readCount('limit', limit), 1, MOST_STACKS),
    gc: readBoolean('gc', gc),
    signal: readSignal(signal),
  };
}

function within(name: string, value: number, least: number, most: number): number {
  if (value < least || value > most) throw outOfRange(name, `from ${least} to ${most}`, value);
  return value;
}
