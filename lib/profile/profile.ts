/** The growth profile: who allocates what stays, by samples, without a snapshot. See `docs/design/profile.md`. */

import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { clearBackgroundTimeout, realNow, setBackgroundTimeout } from '../background';
import { plateauError } from '../errors';
import { survived } from '../memory/collections';
import { memorySampler } from '../memory/current';
import { RequestCount } from '../memory/requests';
import { native } from '../native';
import { CollectedSince } from './collected';
import { type ReadProfileOptions, readProfileOptions } from './options';
import { type Found, reportOf } from './report';
import { Sampling } from './sampling';
import { plateauProfileMark, survivorsOf } from './survivors';
import type { GrowthProfile, ProfileGrowthOptions } from './types';

/** When V8 is asked for a collection, if it has made none since the mark: a share of the duration. */
const ASK_AT = 0.75;
/** More than V8 lets external memory grow by before it begins one, and the heap limit below which that stops the program. */
const ANNOUNCED = 65 * 1024 * 1024;
const LEAST_LIMIT = 3 * ANNOUNCED;

let busy = false;

/**
 * Samples what this thread allocates, and tells which stacks allocate what stays: each with its function and line, the bytes
 * that survived, per second and per request. No snapshot is taken; with the default interval a busy service answers about
 * three percent fewer requests meanwhile (`docs/profile.md` has the measurements).
 *
 * The thread is stopped once, at the end, while V8 collects garbage: about a tenth of a second for 100 MB of small
 * objects. From Node 26 on it is not, unless `gc` asks for it.
 *
 * A line is where a *function* begins, and a function that V8 has compiled into its caller is told as that. Memory outside the
 * heap, as of buffers, has no stack. One at a time in a thread; a worker thread is profiled from within. It keeps no process
 * alive: if nothing else does, the process ends and the promise stays open.
 *
 * @example
 * const profile = await profileGrowth({ duration: 60_000 });
 * console.log(String(profile));
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` for options that are wrong (thrown at once)
 * @throws Error `PLATEAU_PROFILE_BUSY` while another profile is made in this thread, by plateau or another tool;
 * `PLATEAU_PROFILE_UNAVAILABLE` where the runtime has no sampling heap profiler (the promise rejects); with the signal's
 * reason when it aborts
 */
export function profileGrowth(options: ProfileGrowthOptions = {}): Promise<GrowthProfile> {
  return profile(readProfileOptions(options));
}

async function profile(options: ReadProfileOptions): Promise<GrowthProfile> {
  options.signal?.throwIfAborted();
  if (busy) {
    throw plateauError('PLATEAU_PROFILE_BUSY', 'a growth profile is being made in this thread already');
  }
  busy = true;
  try {
    return await profileAlone(options);
  } finally {
    busy = false;
  }
}

async function profileAlone(options: ReadProfileOptions): Promise<GrowthProfile> {
  const { duration, interval, gc, signal } = options;
  const sampling = await Sampling.start(interval, !gc);
  const collections = new CollectedSince();
  const requests = new RequestCount();
  try {
    signal?.throwIfAborted();
    const began = realNow();
    if (gc) await sampling.collect();
    const heapBefore = gc ? heapKept() : floorKnown();
    const start = realNow();
    const externalBefore = external();
    await pause(duration / 2, signal);
    const mark = plateauProfileMark(interval);
    const window = realNow() - start;
    const came = requests.count;
    collections.mark();
    await pause(duration * (ASK_AT - 0.5), signal);
    if (!sampling.forcesCollection && !collections.collected) askForCollection();
    await pause(Math.max(0, start + duration - realNow()), signal);
    const collected = sampling.forcesCollection || gc || (await toldOf(collections));
    const ending = realNow();
    if (gc && !sampling.forcesCollection) await sampling.collect();
    const externalAfter = external();
    const raw = sampling.read();
    const heapAfter = heapKept();
    // Until here it had to be there.
    mark.length = 0;
    const took = sampling.end() + realNow() - ending;
    const survivors = survivorsOf(raw);
    if (survivors === undefined) {
      throw plateauError('PLATEAU_PROFILE_BUSY', 'another tool has ended the sampling, and begun it anew');
    }
    const found: Found = {
      ...{ survivors, duration: ending - start, window, requests: came, collected },
      heap: { before: heapBefore, after: heapAfter },
      external: { before: externalBefore, after: externalAfter },
      pause: { start: start - began, end: took },
    };
    return reportOf(found, options);
  } finally {
    sampling.end();
    collections.stop();
    requests.stop();
  }
}

/** Waits without keeping the process alive. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const aborted = (): void => {
      clearBackgroundTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setBackgroundTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** Collections are told of in a later turn. */
async function toldOf(collections: CollectedSince): Promise<boolean> {
  if (!collections.collected) await pause(1, undefined);
  return collections.collected;
}

function askForCollection(): void {
  if (getHeapStatistics().heap_size_limit >= LEAST_LIMIT) native.askForCollection(ANNOUNCED);
}

/** What the heap keeps, where there has just been a collection. */
function heapKept(): number {
  const heapSpaceStatistics = getHeapSpaceStatistics().map(({ space_name, space_used_size }) => ({
    spaceName: space_name,
    spaceUsedSize: space_used_size,
  }));
  return survived({ heapSpaceStatistics });
}

function floorKnown(): number | undefined {
  return memorySampler()?.sample()?.heap.floor || undefined;
}

function external(): number {
  return process.memoryUsage().external;
}
