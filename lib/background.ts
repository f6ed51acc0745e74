/**
 * Timers for plateau's own work in the background. They are real ones, taken at import, whatever a test fakes later;
 * they keep no process alive; and they hold on to no request: a timer that is set while a request is handled has its
 * AsyncLocalStorage stores, and one that sets itself again would hand them on for ever.
 */

import { AsyncResource } from 'node:async_hooks';

const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
const context = new AsyncResource('Plateau');

/** Milliseconds since some moment, on a clock that is never faked and does not go back. */
export const realNow: () => number = performance.now.bind(performance);

/** Calls back after `delay` ms. */
export function setBackgroundTimeout(callback: () => void, delay: number): NodeJS.Timeout {
  const timer = context.runInAsyncScope(
    realSetTimeout,
    undefined,
    callback,
    delay,
  ) as unknown as NodeJS.Timeout;
  timer.unref?.();
  return timer;
}

/** Takes that back. */
export function clearBackgroundTimeout(timer: NodeJS.Timeout | undefined): void {
  realClearTimeout(timer);
}

/** Pause between two turns, in ms. A timer: an immediate that is not referenced does not wake an idle event loop. */
const PAUSE = 1;

/**
 * Calls `step` again and again until it returns false, for no more than `slice` ms per turn of the event loop, beginning
 * now. A step may go over it. `step` must not throw.
 */
export function workInTurns(step: () => boolean, slice: number): void {
  const until = realNow() + slice;
  do {
    if (!step()) return;
  } while (realNow() < until);
  setBackgroundTimeout(() => workInTurns(step, slice), PAUSE);
}
