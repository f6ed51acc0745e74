/**
 * The sampler of this thread: a turn a second publishes what JavaScript sees, the keeper thread adds what the system
 * says and judges, and changes of the verdict come back as events.
 *
 * @see docs/design/memory.md
 */

import { isMainThread, threadId } from 'node:worker_threads';
import { clearBackgroundTimeout, realNow, setBackgroundTimeout } from '../background';
import { relieve } from '../cache/registry';
import { openCommands } from '../control/commands';
import type { Control } from '../control/server';
import { guarded } from '../lifetime/report-error';
import { listenerReport } from '../listeners/report';
import { type MemoryWatch, native } from '../native';
import { readDuration } from '../options';
import { scopeReport } from '../scope/report';
import { Asking } from './asking';
import { type BlackBox, openBlackBox } from './black-box';
import { Word } from './board';
import { largestCaches } from './caches';
import { memorySampler, setMemorySampler } from './current';
import { Events } from './events';
import { type ReadSamplerOptions, readSamplerOptions } from './options';
import { Publisher } from './publisher';
import { toBuckets, toSample, toVerdict } from './read';
import type {
  MemoryAlarm,
  MemoryBucket,
  MemoryPressure,
  MemorySample,
  MemorySamplerOptions,
  MemoryVerdict,
} from './types';
import { youngBytes } from './young';

/** Between two turns, in ms. */
const PACE = 1000;
const MOST_SITES = 10;
/** The share of `cooldown` that lies at least between two events of pressure. */
const PRESSURE_COOLDOWN = 0.1;

export { memorySampler };

/** The events of a sampler, and what their listeners are given. */
export interface MemoryEvents {
  /** The verdict, or the place of a leak, has changed. */
  verdict: MemoryVerdict;
  /** A leak was found. */
  alarm: MemoryAlarm;
  /** Memory runs short. */
  pressure: MemoryPressure;
}

/** Watches the memory of one thread and of the process. Made by `startMemorySampler`. */
export class MemorySampler {
  readonly #options: ReadSamplerOptions;
  readonly #publisher = new Publisher();
  readonly #asking: Asking | undefined;
  readonly #watch: MemoryWatch;
  readonly #blackBox: BlackBox | undefined;
  readonly #control: Control | undefined;
  readonly #events = new Events<MemoryEvents>(['verdict', 'alarm', 'pressure']);
  #timer: NodeJS.Timeout | undefined;
  #told = 0;
  #stopped = false;
  /** Whether the verdict is a healthy one. */
  #calm = false;
  #lastAlarm = Number.NEGATIVE_INFINITY;
  #lastPressure = Number.NEGATIVE_INFINITY;

  /** @internal */
  constructor(options: ReadSamplerOptions) {
    this.#options = options;
    this.#asking = options.askForCollections ? new Asking() : undefined;
    this.#publisher.turn();
    this.#watch = new native.MemoryWatch(this.#publisher.words, this.#publisher.collections.exact, threadId);
    if (options.recorder !== undefined) this.#blackBox = openBlackBox(this.#watch, options, options.recorder);
    // The socket has the name of the process: one thread of it can have it.
    if (options.control && isMainThread) this.#control = openCommands();
    this.#schedule();
  }

  /** The newest look, at most a second old; `undefined` in the first moment. O(1). */
  sample(): MemorySample | undefined {
    const sample = this.#watch.sample();
    return sample === null ? undefined : toSample(sample);
  }

  /** What the samples say. Judged anew every five seconds; asking costs some microseconds. */
  verdict(): MemoryVerdict {
    return toVerdict(this.#watch.verdict());
  }

  /**
   * The history, oldest first: the last ten minutes second by second, two hours in steps of ten seconds, a day in minutes.
   *
   * @param options.seconds how far back; default 600
   * @param options.resolution the least seconds per bucket; default 1. What the history does not know as finely, comes
   * coarser
   * @throws TypeError | RangeError when one of them is not a positive number
   */
  history(options: { seconds?: number; resolution?: number } = {}): MemoryBucket[] {
    const { seconds = 600, resolution = 1 } = options;
    readDuration('seconds', seconds);
    readDuration('resolution', resolution);
    return toBuckets(this.#watch.history(seconds, resolution));
  }

  /**
   * Calls `listener` at each event: `verdict` when the verdict changes, `alarm` when a leak was found, `pressure` when
   * memory runs short. What it throws becomes a process warning (`PLATEAU_LISTENER`).
   *
   * @throws TypeError `PLATEAU_INVALID_ARGUMENT` for an unknown event, or a listener that is no function
   */
  on<Name extends keyof MemoryEvents>(event: Name, listener: (value: MemoryEvents[Name]) => void): this {
    this.#events.add(event, listener);
    return this;
  }

  /** Ends that. */
  off<Name extends keyof MemoryEvents>(event: Name, listener: (value: MemoryEvents[Name]) => void): this {
    this.#events.remove(event, listener);
    return this;
  }

  /** The file of the black box; `undefined` without one, or where it could not be made. */
  get recorderFile(): string | undefined {
    return this.#blackBox?.file;
  }

  /** Whether it still looks. */
  get running(): boolean {
    return !this.#stopped;
  }

  /** Ends sampling. What was seen can still be asked for. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (memorySampler() === this) setMemorySampler(undefined);
    clearBackgroundTimeout(this.#timer);
    this.#publisher.stop();
    this.#blackBox?.close();
    this.#control?.close();
    this.#watch.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #schedule(): void {
    this.#timer = setBackgroundTimeout(() => {
      if (this.#stopped) return;
      this.#schedule();
      guarded(() => this.#turn(), 'by the memory sampler', 'PLATEAU_SAMPLER');
    }, PACE);
  }

  #turn(): void {
    this.#publisher.turn();
    const { words } = this.#publisher;
    const told = words[Word.told] as number;
    if (told !== this.#told) {
      this.#told = told;
      const verdict = this.verdict();
      this.#calm = verdict.verdict === 'healthy';
      this.#events.emit('verdict', verdict);
      if (verdict.verdict === 'leak') this.#alarm(verdict);
    }
    this.#blackBox?.turn();
    this.#asking?.turn(this.#publisher.collections, {
      requests: words[Word.requests] as number,
      bytes: (words[Word.heapUsed] as number) + (words[Word.external] as number),
      limit: words[Word.heapLimit] as number,
      calm: this.#calm,
    });
    this.#checkHeap(
      words[Word.heapUsed] as number,
      (words[Word.heapLimit] as number) - (words[Word.heapYoung] as number),
    );
    this.#checkPressure('cgroup', words[Word.cgroupUsed] as number, words[Word.cgroupLimit] as number);
  }

  #alarm(verdict: MemoryVerdict): void {
    const now = realNow();
    if (now - this.#lastAlarm < this.#options.cooldown) return;
    this.#lastAlarm = now;
    const listeners = listenerReport().sites.filter((site) => site.verdict === 'growing');
    const scopes = scopeReport().sites.toSorted((a, b) => b.live - a.live);
    const alarm: MemoryAlarm = {
      verdict,
      listeners: listeners.slice(0, MOST_SITES),
      scopes: scopes.slice(0, MOST_SITES),
      caches: largestCaches(),
    };
    this.#blackBox?.alarm(alarm);
    this.#events.emit('alarm', alarm);
  }

  /** Of old objects: the young ones have a share of the limit to themselves, and most are garbage. */
  #checkHeap(used: number, room: number): void {
    if (room > 0 && used / room >= this.#options.pressureAt) {
      this.#checkPressure('heap', Math.max(0, used - youngBytes()), room);
    }
  }

  #checkPressure(limit: MemoryPressure['limit'], used: number, bytes: number): void {
    if (!(bytes > 0) || used / bytes < this.#options.pressureAt) return;
    const now = realNow();
    if (now - this.#lastPressure < this.#options.cooldown * PRESSURE_COOLDOWN) return;
    this.#lastPressure = now;
    const { relieveTo } = this.#options;
    const relieved = relieveTo < 1 ? relieve(relieveTo) : 0;
    const pressure: MemoryPressure = { limit, used, bytes, share: used / bytes, relieved };
    this.#blackBox?.pressure(pressure);
    this.#events.emit('pressure', pressure);
  }
}

/**
 * Starts to watch the memory of this thread, and returns its sampler: the one that runs already, if there is one, whose
 * options then stay. Every thread has its own; figures of the process are the same in all. It keeps no process alive.
 *
 * Once a second it costs some 0.1 ms of the event loop, and 0.1 ms of another thread.
 *
 * @example
 * const sampler = startMemorySampler();
 * sampler.on('alarm', ({ verdict }) => log.error({ place: verdict.place }, verdict.evidence));
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` for options that are wrong
 */
export function startMemorySampler(options: MemorySamplerOptions = {}): MemorySampler {
  const read = readSamplerOptions(options);
  const running = memorySampler() ?? new MemorySampler(read);
  setMemorySampler(running);
  return running;
}
