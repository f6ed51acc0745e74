/**
 * Listeners that a scope holds, without keeping their emitters alive.
 *
 * What a scope needs to remove a listener hangs on the emitter (a WeakMap), and the scope refers to that weakly: one
 * WeakRef for an emitter, whatever the number of listeners. So a scope that lives as long as the process keeps neither a
 * connection that has gone nor the functions that listened to it.
 */

import { invalidArgument } from '../errors';
import { type EmitterLike, isEmitter, isObject, isTarget, type TargetLike } from '../lifetime/shapes';
import { readCallable } from '../options';
import { Resource } from './holdings';
import { readEvent } from './options';

/** What events come from. */
export type EventSource = EmitterLike | TargetLike;

// biome-ignore lint/suspicious/noExplicitAny: a listener of whatever arguments
export type Listener = (this: any, ...args: any[]) => void;

type Event = string | symbol;

const ACCEPTED = 'an EventEmitter or an EventTarget';

/** Checks the three arguments of `on` and `once`. */
export function readListener(source: unknown, event: unknown, fn: unknown): void {
  readSource(source);
  readEvent(event);
  readCallable('fn', fn);
}

/** Checks that events can come from it. */
export function readSource(source: unknown): void {
  if (!isObject(source) || !(isEmitter(source) || isTarget(source))) {
    throw invalidArgument('emitter', ACCEPTED, source);
  }
}

/** Adds a listener to either kind. */
export function add(source: EventSource, event: Event, fn: Listener): void {
  if (isEmitter(source)) source.on(event, fn);
  else source.addEventListener(event, fn);
}

/** Removes it. */
export function remove(source: EventSource, event: Event, fn: Listener): void {
  if (isEmitter(source)) source.removeListener(event, fn);
  else source.removeEventListener(event, fn);
}

/** What one emitter's listeners in scopes are. */
interface Group {
  readonly source: EventSource;
  readonly functions: Map<ListenerResource, Listener>;
}

/** A group and a reference to it by which it is found while its emitter lives. */
const groups = new WeakMap<object, { group: Group; ref: WeakRef<Group> }>();

export class ListenerResource extends Resource {
  readonly kind = 'listener';
  readonly #event: Event;
  readonly #group: WeakRef<Group>;

  constructor(source: EventSource, event: Event, fn: Listener) {
    super();
    let found = groups.get(source);
    if (found === undefined) {
      const group: Group = { source, functions: new Map() };
      found = { group, ref: new WeakRef(group) };
      groups.set(source, found);
    }
    this.#event = event;
    this.#group = found.ref;
    found.group.functions.set(this, fn);
  }

  /** Begins to listen. */
  listen(): void {
    const group = this.#group.deref();
    const fn = group?.functions.get(this);
    if (group !== undefined && fn !== undefined) add(group.source, this.#event, fn);
  }

  release(): void {
    const group = this.#group.deref();
    const fn = group?.functions.get(this);
    if (group === undefined || fn === undefined) return;
    group.functions.delete(this);
    remove(group.source, this.#event, fn);
  }

  /** The emitter is no more, or all its listeners were removed. */
  override isGone(): boolean {
    const group = this.#group.deref();
    if (group === undefined) return true;
    const { source } = group as { source: { listenerCount?: (event: Event) => unknown } };
    if (typeof source.listenerCount !== 'function' || source.listenerCount(this.#event) !== 0) return false;
    group.functions.delete(this);
    return true;
  }
}

/**
 * A listener that stays. An EventTarget knows a function once, so one of its own is added there: the scope must not
 * remove what was added without it.
 */
export function listener(source: EventSource, event: Event, fn: Listener): ListenerResource {
  if (isEmitter(source)) return new ListenerResource(source, event, fn);
  return new ListenerResource(source, event, function (this: unknown, ...args) {
    return fn.apply(this, args);
  });
}

/** A listener that goes, and leaves its scope, before it is first called. */
export function onceListener(source: EventSource, event: Event, fn: Listener): ListenerResource {
  const wrapper: Listener & { listener?: Listener } = function (this: unknown, ...args) {
    resource.drop();
    return fn.apply(this, args);
  };
  // As Node's `once` does: `removeListener(event, fn)` and `listeners(event)` know it by this.
  wrapper.listener = fn;
  const resource = new ListenerResource(source, event, wrapper);
  return resource;
}
