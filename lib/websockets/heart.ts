/**
 * The one timer of all supervised servers. It is set only while one of them has clients, and does not keep the process
 * alive. Walking over clients is done in turns of about two milliseconds, which all servers share.
 *
 * Each turn begins in the check phase of the event loop, after the poll phase. So when the loop has stood still for
 * longer than a heartbeat, what clients sent meanwhile has been read before anyone is judged by his silence.
 */

import { clearBackgroundTimeout, realNow, setBackgroundTimeout } from '../background';

/** Work per turn of the event loop, in ms, for all servers together. One client may go over it. */
const SLICE = 2;
/** Pause between turns, in ms. */
const PAUSE = 1;

/** A server with clients. */
export interface Walker {
  /** When it wants to work, by {@link now}. */
  due: number;
  /** Works until then and sets `due`; whether there is anything left to be done, ever. */
  work(until: number): boolean;
}

// Taken at import: what sets them later is a fake, and real clients do not live in fake time.
const { setImmediate } = globalThis;
/** The time in milliseconds. */
export const now: () => number = realNow;

const walkers = new Set<Walker>();
let timer: NodeJS.Timeout | undefined;
let timerDue = Number.POSITIVE_INFINITY;
let inTurn = false;

/** Lets `walker` work when it is due. Harmless when it is known already. */
export function startWalking(walker: Walker): void {
  walkers.add(walker);
  setTimer();
}

/** Forgets `walker`. */
export function stopWalking(walker: Walker): void {
  walkers.delete(walker);
  setTimer();
}

function setTimer(): void {
  // The turn under way will.
  if (inTurn) return;
  let due = Number.POSITIVE_INFINITY;
  for (const walker of walkers) due = Math.min(due, walker.due);
  if (timer !== undefined) {
    if (due === timerDue) return;
    clearBackgroundTimeout(timer);
    timer = undefined;
  }
  timerDue = due;
  if (due === Number.POSITIVE_INFINITY) return;
  const delay = Math.max(PAUSE, Math.ceil(due - now()));
  timer = setBackgroundTimeout(onTimer, delay);
}

function onTimer(): void {
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
  inTurn = true;
  setImmediate(takeTurn);
}

function takeTurn(): void {
  const start = now();
  const until = start + SLICE;
  // Whoever has had a turn goes to the end, so that one large server does not starve the others.
  for (const walker of [...walkers]) {
    if (walker.due > start || !walkers.delete(walker)) continue;
    if (walker.work(until)) walkers.add(walker);
    if (now() >= until) break;
  }
  inTurn = false;
  setTimer();
}
