/** The isolates that the dashboard lists. */

import { threadId } from 'node:worker_threads';
import type { MemorySampler } from '../memory/sampler';
import type { MemorySample, MemoryVerdict } from '../memory/types';
import type { DashboardIsolate } from './types';

/** What is known of the isolates: this one, from its sampler. */
export function isolateRows(
  sampler: MemorySampler,
  sample: MemorySample | undefined,
  verdict: MemoryVerdict,
): DashboardIsolate[] {
  return [
    {
      pid: process.pid,
      thread: threadId,
      self: true,
      running: sampler.running,
      at: sample?.at ?? Date.now(),
      verdict: verdict.verdict,
      place: verdict.place,
      floor: sample?.heap.floor ?? 0,
      perSecond: verdict.perSecond?.value,
      rss: sample?.process.rss ?? 0,
      gcShare: sample?.gc.share ?? 0,
      loopDelay: sample?.loop.delay ?? 0,
    },
  ];
}
