/** The lock of one load in Redis: taken, renewed while the load goes on, and let go of. */

import { clearBackgroundTimeout, setBackgroundTimeout } from '../background';
import { now } from './clock';
import type { Core } from './core';
import type { Reading, Storable } from './remote';
import { newId } from './wire';

/** Between looks at a lock that another instance has, ms: longer from the first to the last. */
const FIRST_LOOK = 10;
const LAST_LOOK = 100;

export class Lock<V> {
  readonly #core: Core<V>;
  readonly #key: string;
  readonly #token = newId();
  readonly #until: number;
  #isHeld = false;
  #generation = '';
  #timer: NodeJS.Timeout | undefined;
  /** What another instance has stored meanwhile, after `take` has said no. */
  seen: Reading<V> | undefined;
  /** Whether another instance had it. */
  hasWaited = false;

  constructor(core: Core<V>, key: string) {
    this.#core = core;
    this.#key = key;
    this.#until = now() + core.settings.lockWait;
  }

  /**
   * Takes the lock; whether it is held. If not, another value is there than the one with `line`, or somebody has it and
   * this is not to wait. After `lockWait` it is taken by force.
   */
  async take(line: string, signal: AbortSignal, waits: boolean): Promise<boolean> {
    this.seen = undefined;
    for (let look = FIRST_LOOK; ; look = Math.min(look * 1.5, LAST_LOOK)) {
      const isLate = waits && now() >= this.#until;
      const answer = await this.#core.remote.acquire(this.#key, line, this.#token, isLate);
      if (typeof answer === 'object' && 'generation' in answer) {
        this.#isHeld = true;
        this.#generation = answer.generation;
        this.#renewLater();
        return true;
      }
      if (answer !== 'busy') {
        this.seen = answer;
        return false;
      }
      if (!waits) return false;
      this.hasWaited = true;
      await pause(look * (0.75 + Math.random() / 2), signal);
    }
  }

  /** Stores what was loaded; whether the lock was still whole, that is, nobody has written the key since. */
  async commit(storable: Storable): Promise<boolean> {
    const isStored = await this.#core.remote.commit(this.#key, this.#token, storable, this.#generation);
    this.#isHeld = false;
    return isStored;
  }

  /** Lets go of it, if it is held. */
  release(): void {
    clearBackgroundTimeout(this.#timer);
    if (!this.#isHeld) return;
    this.#isHeld = false;
    // Else it expires.
    this.#core.remote.release(this.#key, this.#token).catch(() => {});
  }

  #renewLater(): void {
    this.#timer = setBackgroundTimeout(() => {
      if (!this.#isHeld) return;
      // Without it the load goes on, and others may begin one of their own.
      this.#core.remote.renew(this.#key, this.#token).catch(() => {});
      this.#renewLater();
    }, this.#core.settings.lockTtl / 3);
  }
}

/** Waits; rejects with the signal's reason when that is aborted. */
function pause(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearBackgroundTimeout(timer);
      reject(signal.reason);
    };
    const timer = setBackgroundTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delay);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
