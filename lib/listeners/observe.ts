/**
 * Observing emitters: who adds a listener, and where.
 *
 * An emitter of Node's says so itself (`newListener`): nothing is patched. It gets one listener for that event, however
 * often it is observed. Removals are not listened for, since an emitter that has two listeners more is up to twice as
 * slow to add and remove; what is gone is seen at the next look. An EventTarget says nothing, so there only what is
 * added through a tracker is known.
 */

import { EventEmitter } from 'node:events';
import { assignKind, type EventName, type Kind, type Watched } from './kinds';
import { note, whenVisited } from './ledger';
import { enrichWarnings } from './warnings';

type Observer = (event: EventName, listener: unknown) => void;

/** What is known of one emitter. It refers to the emitter nowhere. */
export class Observed {
  readonly kind: Kind;
  /** Set while the emitter announces its listeners. */
  onNewListener: Observer | undefined;

  constructor(kind: Kind) {
    this.kind = kind;
  }

  /** Has the emitter announce its listeners; `target` is not kept. */
  attach(target: EventEmitter): void {
    // In the closure and not in fields: this runs for every addition.
    const { kind } = this;
    let lastEvent: EventName | undefined;
    let last: Watched | undefined;
    const observer = (event: EventName, listener: unknown): void => {
      if (event !== lastEvent) {
        last = kind.watch(event);
        lastEvent = event;
      }
      const watched = last as Watched;
      if (watched.skip > 0) watched.skip--;
      else note(watched, listener, observer);
    };
    target.on('newListener', observer);
    this.onNewListener = observer;
  }

  /** Notes an addition that the emitter does not announce. */
  noteUnannounced(event: EventName, listener: unknown, above: (...args: never[]) => unknown): void {
    if (this.onNewListener === undefined) note(this.kind.watch(event), listener, above);
  }
}

const observed = new WeakMap<object, Observed>();

/** What is known of `target`, if anything. */
export function observationOf(target: object): Observed | undefined {
  return observed.get(target);
}

/** Observes `target` from now on, once. */
export function observe(target: object, name?: string): Observed {
  const known = observed.get(target);
  if (known?.onNewListener !== undefined) return known;
  const created = known ?? observeSilently(target, name);
  if (announcesListeners(target)) created.attach(target as EventEmitter);
  return created;
}

/** The same without a listener of ours: whoever calls this notes what is added. */
export function observeSilently(target: object, name?: string): Observed {
  const known = observed.get(target);
  if (known !== undefined) return known;
  const created = new Observed(assignKind(target, name));
  observed.set(target, created);
  enrichWarnings(observationOf);
  return created;
}

/** Whether it has Node's `newListener`: an EventEmitter, or a class of its own with the same methods. */
function announcesListeners(target: object): boolean {
  const it = target as Partial<EventEmitter>;
  return target instanceof EventEmitter || typeof it.rawListeners === 'function';
}

// `removeAllListeners` takes plateau's listener along.
whenVisited((target) => {
  const observer = observed.get(target)?.onNewListener;
  if (observer === undefined) return;
  const emitter = target as EventEmitter;
  if (!emitter.listeners('newListener').includes(observer)) emitter.on('newListener', observer);
});
