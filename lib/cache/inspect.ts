/** What `console.log` shows of a cache: its bounds and a few entries. */

import { type InspectOptions, inspect } from 'node:util';
import type { BoundedCache } from './bounded-cache';
import { MAX_SLOTS } from './rows';

/** Entries shown; a cache may hold millions. */
const SHOWN = 3;

/** The text for `util.inspect`; `depth` below 0 asks for the head alone. */
export function inspectCache<K, V>(
  cache: BoundedCache<K, V>,
  depth: number,
  options: InspectOptions,
): string {
  const { name, size, maxEntries, maxBytes } = cache;
  const counted = maxBytes === Number.POSITIVE_INFINITY || maxEntries < MAX_SLOTS - 1;
  const bounds = [
    counted ? `${size}/${maxEntries} entries` : `${size} entries`,
    ...(maxBytes === Number.POSITIVE_INFINITY
      ? []
      : [`${Math.round(cache.stats().bytes)}/${maxBytes} bytes`]),
  ].join(', ');
  const head = `BoundedCache${name === undefined ? '' : ` ${JSON.stringify(name)}`} (${bounds})`;
  if (depth < 0) return `[${head}]`;
  const shown: string[] = [];
  for (const [key, value] of cache) {
    if (shown.length === SHOWN) break;
    // A nested cache shows its head alone, so that one that holds itself comes to an end.
    const inner = { ...options, depth: depth === 0 ? -1 : 0 };
    shown.push(`${inspect(key, inner)} => ${inspect(value, inner)}`);
  }
  if (size > shown.length) shown.push(`... ${size - shown.length} more`);
  return `${head} {${shown.length === 0 ? '' : ` ${shown.join(', ')} `}}`;
}
