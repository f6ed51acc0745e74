/** The figures of one floor. */

import { readdirSync, readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import type { Floor } from '../types';
import { settle } from './collect';

/** Collects garbage until the heap settles, and measures what is left. */
export async function measureFloor(): Promise<Omit<Floor, 'requests'>> {
  const heap = await settle();
  const { rss, heapTotal, external } = memoryUsage();
  const active = process.getActiveResourcesInfo();
  const count = (pattern: RegExp): number => active.filter((each) => pattern.test(each)).length;
  return {
    heap,
    external,
    native: isMainThread ? Math.max(0, rss - heapTotal - external - sharedBytes()) : 0,
    descriptors: isMainThread ? openDescriptors() : 0,
    handles: active.length,
    timers: count(/^(?:Timeout|Immediate)$/),
    sockets: count(/(?:Wrap|Socket)$/),
  };
}

function memoryUsage(): Pick<NodeJS.MemoryUsage, 'rss' | 'heapTotal' | 'external'> {
  try {
    return process.memoryUsage();
  } catch {
    // Without a free descriptor the system cannot be asked.
    const { total_heap_size: heapTotal, external_memory: external } = getHeapStatistics();
    return { rss: heapTotal + external, heapTotal, external };
  }
}

/** What plateau's shared caches take, which has a bound; the app may have another copy of plateau. */
function sharedBytes(): number {
  const { [Symbol.for('plateau.sharedBytes')]: held } = globalThis as { [held: symbol]: unknown };
  try {
    const bytes = typeof held === 'function' ? held() : 0;
    return Number.isFinite(bytes) ? bytes : 0;
  } catch {
    return 0;
  }
}

function openDescriptors(): number {
  for (const folder of ['/proc/self/fd', '/dev/fd']) {
    try {
      // The one that reads the folder is not counted.
      return readdirSync(folder).length - 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EMFILE') return descriptorLimit();
      // Not on this system.
    }
  }
  return 0;
}

/** What most systems allow without being asked for more. */
const USUAL_LIMIT = 1024;

let limit: number | undefined;

/** How many descriptors this process may have open. */
export function descriptorLimit(): number {
  try {
    limit ??= Number(
      /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1] ?? USUAL_LIMIT,
    );
  } catch {
    // Not on this system, or asked for too late.
  }
  return limit ?? USUAL_LIMIT;
}
