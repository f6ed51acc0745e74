/**
 * Once a second: what only JavaScript can see of its isolate, into the words that the keeper thread reads.
 *
 * What a turn costs and allocates is measured by bench/sampler.
 */

import { getHeapStatistics } from 'node:v8';
import { realNow } from '../background';
import { WORDS, Word } from './board';
import { CacheWatch } from './caches';
import { CollectionWatch } from './collections';
import { LoopWatch } from './loop';
import { RequestCount } from './requests';
import { youngShare } from './young';

/** Turns between two counts of active resources, each of which makes an array of all their names. */
const COUNT_EVERY = 5;
/** Where that takes longer than this, in ms, it is done as many times more rarely. */
const LONG = 1;

export class Publisher {
  readonly words: Float64Array = new Float64Array(
    new SharedArrayBuffer(WORDS * Float64Array.BYTES_PER_ELEMENT),
  );
  readonly collections: CollectionWatch = new CollectionWatch();
  readonly #loop = new LoopWatch();
  readonly #requests = new RequestCount();
  readonly #caches = new CacheWatch();
  #untilCount = 0;

  turn(): void {
    const { words } = this;
    this.collections.turn();
    const { floor, floorLow, floorExternal, major, minor, majorMs, minorMs } = this.collections;
    // A floor stays until there is another: the keeper looks when it looks, and tells by the count whether it is new.
    words[Word.floor] = floor;
    words[Word.floorLow] = floorLow;
    words[Word.floorExternal] = floorExternal;
    words[Word.minor] = minor;
    words[Word.majorMs] = majorMs;
    words[Word.minorMs] = minorMs;
    words[Word.major] = major;
    const heap = getHeapStatistics();
    words[Word.heapUsed] = heap.used_heap_size;
    words[Word.heapCommitted] = heap.total_heap_size;
    const limit = heap.heap_size_limit;
    if (words[Word.heapLimit] !== limit) words[Word.heapYoung] = youngShare(limit);
    words[Word.heapLimit] = limit;
    const { external, arrayBuffers } = process.memoryUsage();
    words[Word.external] = external;
    words[Word.arrayBuffers] = arrayBuffers;
    this.#loop.turn();
    words[Word.loopDelay] = this.#loop.delay;
    words[Word.loopUtilization] = this.#loop.utilization;
    words[Word.requests] = this.#requests.count;
    if (--this.#untilCount <= 0) this.#countResources();
    this.#caches.turn();
    words[Word.cacheBytes] = this.#caches.bytes;
    words[Word.cacheEntries] = this.#caches.entries;
    words[Word.cacheFilling] = Number(this.#caches.filling);
    words[Word.turn] = (words[Word.turn] as number) + 1;
  }

  #countResources(): void {
    const start = realNow();
    // Not in every runtime.
    const kinds = (process as { getActiveResourcesInfo?: () => string[] }).getActiveResourcesInfo?.() ?? [];
    let timers = 0;
    for (const kind of kinds) if (kind === 'Timeout' || kind === 'Immediate') timers++;
    this.words[Word.handles] = kinds.length;
    this.words[Word.timers] = timers;
    this.#untilCount = COUNT_EVERY * Math.max(1, Math.round((realNow() - start) / LONG));
  }

  stop(): void {
    this.collections.stop();
    this.#loop.stop();
    this.#requests.stop();
  }
}
