/** The figures of one floor. */

import { readdirSync, readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { bytesHeld } from '../../shared/held';
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
    native: isMainThread ? Math.max(0, rss - heapTotal - external - bytesHeld()) : 0,
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

/** How many descriptors this process may have open. Asked for early: without a free one the system cannot be asked. */
export function descriptorLimit(): number {
  limit ??= readLimit();
  return limit;
}

function readLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}
