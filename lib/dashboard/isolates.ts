/**
 * The isolates that the dashboard lists: this one, the other threads of this process in which a sampler runs, and those
 * of other processes that record into the same directory, whose black boxes are read on another thread.
 */

import { dirname } from 'node:path';
import { threadId } from 'node:worker_threads';
import { realNow } from '../background';
import { toSample, toVerdict } from '../memory/read';
import type { MemorySampler } from '../memory/sampler';
import type { MemorySample, MemoryVerdict, MemoryVerdictKind } from '../memory/types';
import { native } from '../native';
import type { DashboardIsolate } from './types';

/** Between two readings of the directory, in ms, and what share of the time they may take on the other thread. */
const PACE = 2000;
const SHARE = 0.1;
const MOST_ISOLATES = 200;

export class Isolates {
  /** Of other processes. */
  #recorded: DashboardIsolate[] = [];
  #reading: Promise<void> | undefined;
  #due = Number.NEGATIVE_INFINITY;

  /** Reads the directory, if it has not been read lately. Resolves when there is something to show; never rejects. */
  refresh(sampler: MemorySampler): Promise<void> {
    const { recorderFile } = sampler;
    if (recorderFile === undefined || realNow() < this.#due) return Promise.resolve();
    this.#reading ??= this.#read(dirname(recorderFile));
    return this.#reading;
  }

  async #read(directory: string): Promise<void> {
    const began = realNow();
    try {
      const rows = await native.recordedIsolates(directory, MOST_ISOLATES);
      this.#recorded = rows
        .filter(({ pid }) => pid !== process.pid)
        .map((row) => ({ ...row, self: false, verdict: row.verdict as MemoryVerdictKind }));
    } catch {
      // The directory is gone, or may not be read any more: what is known of this isolate is still shown.
      this.#recorded = [];
    }
    const done = realNow();
    this.#due = done + Math.max(PACE, (done - began) / SHARE);
    this.#reading = undefined;
  }

  /** All that are known, this one first. */
  rows(sampler: MemorySampler, sample: MemorySample | undefined, verdict: MemoryVerdict): DashboardIsolate[] {
    const threads = native
      .memoryIsolates()
      .filter(({ thread }) => thread !== threadId)
      .map((each) => rowOf(each.thread, true, toSample(each.sample), toVerdict(each.verdict)));
    const own = { ...rowOf(threadId, sampler.running, sample, verdict), self: true };
    return [own, ...threads, ...this.#recorded].slice(0, MOST_ISOLATES);
  }
}

/** An isolate of this process. */
function rowOf(
  thread: number,
  running: boolean,
  sample: MemorySample | undefined,
  { verdict, place, perSecond }: MemoryVerdict,
): DashboardIsolate {
  return {
    ...{ pid: process.pid, thread, self: false, running, at: sample?.at ?? Date.now() },
    ...{ verdict, place, floor: sample?.heap.floor ?? 0, perSecond: perSecond?.value },
    ...{ rss: sample?.process.rss ?? 0, gcShare: sample?.gc.share ?? 0, loopDelay: sample?.loop.delay ?? 0 },
    uneven: undefined,
  };
}
