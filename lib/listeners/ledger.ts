/**
 * The ledger of this thread: notes additions, and looks about once a second at what is live.
 *
 * Noting is a few nanoseconds; one addition in so many costs the 3 µs of finding its call site. What has been removed is
 * not noted at all but seen at the next look: the emitter knows best what it still has. Looks are made in slices of at
 * most 2 ms, by a timer that keeps no process alive and rests when nothing changes.
 */

import { EventEmitter } from 'node:events';
import { setBackgroundTimeout, workInTurns } from '../background';
import { guarded, reportError } from '../lifetime/report-error';
import type { CallSite } from '../sites/call-site';
import { type EventName, type Kind, kinds, OTHER_EVENTS, type Watched } from './kinds';
import { requestOf } from './request';
import { type Row, Rows } from './rows';

/** Between two looks, in ms. */
const PAUSE = 1000;
/** The longest work per turn of the event loop, in ms, and after how many listeners the time is read. */
const SLICE = 2;
const CHECK = 1024;
/** Looks after the last addition, so that all windows see that nothing comes any more. */
const LINGER = 70;

export const rows: Rows = new Rows();

/** Those who want to know of every site that begins to grow. */
const growthListeners = new Set<(row: Row) => void>();

let timer: NodeJS.Timeout | undefined;
let idleLooks = 0;
/** On whose behalf listeners are added just now: a request or a response. */
let cause: unknown;

/** Sets that, and returns what it was. */
export function causedBy(next: unknown): unknown {
  const before = cause;
  cause = next;
  return before;
}

/** Notes that a listener is added; `above` is plateau's function that the program called. */
export function note(watched: Watched, listener: unknown, above: (...args: never[]) => unknown): void {
  if (watched.skip > 0) watched.skip--;
  else {
    const site = watched.sites.capture(above);
    if (site === undefined) watched.pass();
    else take(watched, listener, site);
  }
}

/** Takes one addition into the ledger, for itself and for those that were passed over. */
function take(watched: Watched, listener: unknown, site: CallSite): void {
  const weight = watched.take();
  const row = rows.obtain(watched, site);
  rows.add(row, weight);
  if (weight > 1) row.sampled = true;
  if (cause !== undefined) row.request = requestOf(cause) ?? row.request;
  if ((typeof listener === 'function' || typeof listener === 'object') && listener !== null) {
    const { entries } = watched;
    const known = entries.get(listener);
    // A function that is added again and again is found each time it is live, so it stands for itself alone.
    if (known === undefined) entries.set(listener, { row, at: performance.now(), weight });
    else {
      known.row = row;
      known.weight = 1;
    }
  }
  idleLooks = 0;
  schedule();
}

function schedule(): void {
  if (timer !== undefined) return;
  timer = setBackgroundTimeout(onTimer, PAUSE);
}

/** A look under way. */
let underWay: Iterator<void, void> | undefined;

function onTimer(): void {
  underWay = lookAtAll();
  workInTurns(takeStep, SLICE);
}

/** Goes on with the look; whether there is more of it. */
function takeStep(): boolean {
  try {
    if (underWay?.next().done === false) return true;
  } catch (error) {
    // An emitter of the program whose methods throw.
    reportError(error, 'while listeners were counted', 'PLATEAU_LISTENERS');
  }
  underWay = undefined;
  // Not before: there is one look at a time.
  timer = undefined;
  let busy = false;
  for (const kind of kinds) for (const watched of kind.events.values()) busy = watched.relax() || busy;
  idleLooks = busy ? 0 : idleLooks + 1;
  announce();
  if (idleLooks <= LINGER) schedule();
  return false;
}

/** Looks at everything now, in one go: for reports. Linear in the listeners of all emitters that are observed. */
export function lookNow(): void {
  underWay = undefined;
  const all = lookAtAll();
  while (!all.next().done);
}

/** Pauses after every {@link CHECK} listeners. */
function* lookAtAll(): Generator<void, void> {
  rows.beginLook();
  for (const kind of kinds) {
    for (const watched of kind.events.values()) watched.beginLook();
    for (const target of kind.members()) {
      onVisit(target);
      for (const [watched, listeners] of listenersOf(kind, target)) yield* count(watched, listeners);
      yield;
    }
    if (!kind.populated) kinds.delete(kind);
  }
  rows.endLook(performance.now());
}

let onVisit: (target: object) => void = () => {};

/** Called with every emitter that is looked at. */
export function whenVisited(visit: (target: object) => void): void {
  onVisit = visit;
}

/** How to ask a kind of emitter for its listeners. */
interface Countable {
  listeners?(event: EventName): unknown;
  eventNames?(): EventName[];
}

function* listenersOf(kind: Kind, target: object): Generator<[Watched, readonly unknown[]]> {
  const emitter = target as Countable;
  const listeners = (event: EventName): readonly unknown[] => {
    const found =
      typeof emitter.listeners === 'function'
        ? emitter.listeners(event)
        : typeof event === 'string'
          ? // Not in every runtime.
            EventEmitter.getEventListeners?.(target as EventTarget, event)
          : undefined;
    return Array.isArray(found) ? found : [];
  };
  for (const [event, watched] of kind.events) {
    if (event !== OTHER_EVENTS) yield [watched, listeners(event)];
  }
  const others = kind.events.get(OTHER_EVENTS);
  if (others === undefined || typeof emitter.eventNames !== 'function') return;
  // All in one: what stands for several is weighed against all of them.
  const names = emitter.eventNames().filter((event) => !kind.events.has(event));
  yield [others, names.flatMap(listeners)];
}

/** Attributes live listeners to the rows that added them. */
function* count(watched: Watched, listeners: readonly unknown[]): Generator<void, void> {
  const { entries } = watched;
  watched.live += listeners.length;
  for (let i = 0; i < listeners.length; i++) {
    const entry = entries.get(listeners[i] as object);
    if (entry !== undefined) {
      watched.claimed += entry.weight;
      rows.countLive(entry.row, entry.weight, entry.at);
    }
    if (i % CHECK === CHECK - 1) yield;
  }
}

/** Tells of every site that has begun to grow; returns what ends that. */
export function onGrowing(callback: (row: Row) => void): () => void {
  // Its own function, so that the same callback can be given twice.
  const entry = (row: Row): void => callback(row);
  growthListeners.add(entry);
  return () => void growthListeners.delete(entry);
}

function announce(): void {
  for (const row of rows) {
    const growing = rows.figures(row).verdict === 'growing';
    if (growing === row.announced) continue;
    row.announced = growing;
    if (!growing) continue;
    for (const callback of [row.watched.kind.onGrowth, ...growthListeners]) {
      guarded(() => callback?.(row), 'by an onGrowth callback', 'PLATEAU_ON_GROWTH');
    }
  }
}
