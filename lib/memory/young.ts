/**
 * How much of V8's heap limit is for young objects only. A heap of old ones, which is what a leak makes, fails that much
 * before the limit that V8 tells; V8 tells it of workers only.
 */

import { getHeapSpaceStatistics } from 'node:v8';
import { isMainThread, resourceLimits } from 'node:worker_threads';

const MIB = 2 ** 20;
/** Spaces that a young generation is counted as: two to copy between, and one for large objects. */
const SPACES = 3;
/** From this size of the old generation on, in MiB, the spaces of the young one grow no more. */
const LARGE = 2048;

/** Bytes of `limit`, V8's `heap_size_limit`, that old objects cannot use. */
export function youngShare(limit: number): number {
  const options = [...(process.env.NODE_OPTIONS ?? '').split(/\s+/), ...process.execArgv];
  const old = lastNumber(options, 'max-old-space-size') * MIB;
  if (old > 0 && old < limit) return limit - old;
  const { maxYoungGenerationSizeMb } = resourceLimits;
  if (!isMainThread && maxYoungGenerationSizeMb) return maxYoungGenerationSizeMb * MIB;
  const space = lastNumber(options, 'max-semi-space-size') * MIB;
  if (space > 0) return Math.min(SPACES * space, limit / 2);
  // In a container the old generation gets half of its memory, and each space a part of that.
  const parts = partsOfOld();
  return Math.min((SPACES * LARGE * MIB) / parts, (SPACES * limit) / (SPACES + parts));
}

/** Bytes of the heap that young objects use now. Some 20 µs. */
export function youngBytes(): number {
  let bytes = 0;
  for (const space of getHeapSpaceStatistics()) {
    if (space.space_name.startsWith('new_')) bytes += space.space_used_size;
  }
  return bytes;
}

/**
 * The old generation as a multiple of such a space, by V8's version, where no option says otherwise: asked of the workers of
 * Node 20, 22, 24 and 26 in containers of 1 to 16 GiB. In smaller ones the young generation is smaller still.
 */
function partsOfOld(): number {
  const version = Number.parseInt(process.versions.v8 ?? '', 10);
  if (version >= 14) return 64;
  return version >= 13 ? 32 : 128;
}

/** The number that an option of V8's was given last, 0 for none; V8 takes `_` for `-`. */
function lastNumber(options: readonly string[], name: string): number {
  const given = options.findLast((option) => option.replaceAll('_', '-').startsWith(`--${name}=`));
  return Number(given?.slice(name.length + 3)) || 0;
}
