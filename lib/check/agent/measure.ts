/** The figures of one floor. */

import { readdirSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import type { Floor } from '../types';
import { settle } from './collect';

/** Collects garbage until the heap settles, and measures what is left. */
export async function measureFloor(): Promise<Omit<Floor, 'requests'>> {
  const heap = await settle();
  const { rss, heapTotal, external } = process.memoryUsage();
  const active = process.getActiveResourcesInfo();
  const count = (pattern: RegExp): number => active.filter((each) => pattern.test(each)).length;
  return {
    heap,
    external,
    native: isMainThread ? Math.max(0, rss - heapTotal - external) : 0,
    descriptors: isMainThread ? openDescriptors() : 0,
    handles: active.length,
    timers: count(/^(?:Timeout|Immediate)$/),
    sockets: count(/(?:Wrap|Socket)$/),
  };
}

function openDescriptors(): number {
  for (const folder of ['/proc/self/fd', '/dev/fd']) {
    try {
      // The one that reads the folder is not counted.
      return readdirSync(folder).length - 1;
    } catch {
      // Not on this system.
    }
  }
  return 0;
}
