/**
 * Adding and removing an event's only listener by what an emitter of Node's keeps, `_events`, for speed: a listener added and
 * removed through a tracker is measured against a bare emitter's. Emitters on which this is not surely the same do it
 * themselves: where the methods are not Node's (what a class, an application or a tool has put in their place), where others
 * listen for additions or removals, where the event has other listeners, and streams, whose account has a form of its own.
 */

import { EventEmitter } from 'node:events';
import type { EventName } from './kinds';
import type { Observed } from './observe';

// biome-ignore lint/suspicious/noExplicitAny: listeners of any signature
export type Listener = (...args: any[]) => void;

/** An emitter's own account of its listeners: a function where an event has one, and lists, which versions treat differently. */
interface Internals {
  readonly _events?: Partial<Record<EventName, unknown>> | undefined;
  _eventsCount: number;
}

/** Whether somebody alone listens, as the observer of an emitter that is not used yet, so that {@link addAsNode} is worth trying. */
export function isUnused(emitter: EventEmitter): boolean {
  const { _events: events, _eventsCount: count } = emitter as unknown as Internals;
  return count === 1 && events !== undefined && Object.getPrototypeOf(events) === null;
}

/**
 * Adds an event's only listener as Node's `on` does, but has the observer told by a call: that the emitter tells it takes
 * longer than all the rest. False where something else is to be done. That the emitter's account has the observer in it
 * says that it is what it is taken for, and that nobody else is told of additions.
 */
export function addAsNode(
  emitter: EventEmitter,
  observed: Observed,
  event: EventName,
  listener: Listener,
): boolean {
  const { onNewListener: observer } = observed;
  const internals = emitter as unknown as Internals;
  const { _events: events } = internals;
  if (observer === undefined || events === undefined || events[event] !== undefined) return false;
  if (events.newListener !== observer || typeof listener !== 'function' || emitter.on !== nodesOn)
    return false;
  observer(event, unwrapped(listener));
  events[event] = listener;
  internals._eventsCount++;
  return true;
}

/** Removes an event's only listener as Node's `removeListener` does. False where something else is to be done. */
export function removeAsNode(emitter: EventEmitter, event: EventName, listener: Listener): boolean {
  const internals = emitter as unknown as Internals;
  const { _events: events } = internals;
  // When no event is left, Node has one more thing to do.
  if (events === undefined || !(internals._eventsCount > 1) || events[event] !== listener) return false;
  if (events.removeListener !== undefined || emitter.removeListener !== nodesRemoveListener) return false;
  internals._eventsCount--;
  delete events[event];
  return true;
}

/** Node's own methods, of which two are one; what somebody has put in their place before plateau was loaded is called. */
const nodesOn = ifNodes('on', 'addListener');
const nodesRemoveListener = ifNodes('off', 'removeListener');

function ifNodes(alias: 'on' | 'off', name: 'addListener' | 'removeListener'): unknown {
  const { [alias]: method, [name]: same } = EventEmitter.prototype;
  return method === same && method.name === name ? method : undefined;
}

/** What was given to `once`, of what it has made of it. */
export function unwrapped(listener: Listener & { listener?: Listener }): Listener {
  return listener.listener ?? listener;
}
