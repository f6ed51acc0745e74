/** Does a number of things, so many at a time, perhaps at a certain rate. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Pace } from './types';

export class Lanes {
  readonly #pace: Pace;
  /** Things done since the beginning: what comes around goes on where it was, round after round. */
  #next = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Calls `each` with growing numbers, `count` times. Rejects when the signal aborts, after those under way. */
  async run(count: number, signal: AbortSignal, each: (index: number) => Promise<void>): Promise<void> {
    const { connections, rate } = this.#pace;
    const began = performance.now();
    let begun = 0;
    const lane = async (): Promise<void> => {
      while (begun < count && !signal.aborted) {
        const place = begun++;
        const index = this.#next++;
        if (rate !== undefined) {
          const wait = began + (place * 1000) / rate - performance.now();
          if (wait > 1) await sleep(wait, undefined, { signal }).catch(() => {});
          if (signal.aborted) break;
        }
        await each(index);
      }
    };
    await Promise.all(Array.from({ length: Math.min(connections, count) }, lane));
    signal.throwIfAborted();
  }

  /** Whether this one is among the share that is cut: evenly spread, the same in each run. */
  isCut(index: number): boolean {
    const { abortRatio } = this.#pace;
    return Math.floor((index + 1) * abortRatio) > Math.floor(index * abortRatio);
  }
}
