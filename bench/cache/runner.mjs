/** Drives a measured loop: warms it up, runs it for a while, and lets the event loop turn in between. */

import { setImmediate as turn } from 'node:timers/promises';
import { undisturbedNow } from '../harness/child.mjs';

/** Milliseconds of work between two turns of the event loop. */
const TURN = 1;
/** The largest number of operations between two turns, whatever they cost. */
const MAX_CHUNK = 2 ** 16;

/**
 * Goes round the sequence in chunks of about a millisecond, with a turn of the event loop after each: caches
 * that read the clock once per turn, or finish their work in timers, pay for it as in a server. The turns are
 * part of the measured time, here and for the cache that does nothing.
 */
export class Runner {
  #ids;
  #advance;
  #position = 0;
  chunk = 64;

  constructor(ids, advance) {
    this.#ids = ids;
    this.#advance = advance;
  }

  /** Runs for at least `milliseconds`, and for `operations` unless that takes far longer; finds the chunk size. */
  async warmUp(milliseconds, operations) {
    const start = performance.now();
    const enough = start + milliseconds;
    const tooLong = start + milliseconds * 8;
    let done = 0;
    for (let now = start; now < enough || (done < operations && now < tooLong); ) {
      this.#run(this.chunk);
      done += this.chunk;
      const end = performance.now();
      if (end - now < TURN / 2) this.chunk = Math.min(this.chunk * 2, MAX_CHUNK);
      else if (end - now > TURN * 8) this.chunk = Math.max(this.chunk >> 1, 16);
      await turn();
      now = performance.now();
    }
  }

  /** Runs for about `milliseconds`; time that other processes took is not counted. */
  async run(milliseconds) {
    let operations = 0;
    let result = 0;
    const start = performance.now();
    const undisturbed = undisturbedNow();
    while (performance.now() - start < milliseconds) {
      result += this.#run(this.chunk);
      operations += this.chunk;
      await turn();
    }
    const nanoseconds = (undisturbedNow() - undisturbed) * 1e6;
    return { nanoseconds, wall: (performance.now() - start) * 1e6, operations, result };
  }

  #run(operations) {
    let result = 0;
    while (operations > 0) {
      const count = Math.min(operations, this.#ids.length - this.#position);
      result += this.#advance(this.#position, this.#position + count);
      this.#position = (this.#position + count) % this.#ids.length;
      operations -= count;
    }
    return result;
  }
}
