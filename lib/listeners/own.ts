/**
 * The listeners that one tracker has added and that are still there, as far as it knows.
 *
 * The newest has a place of its own: most trackers have one listener, and most listeners that are removed by hand were
 * the last to be added. Others may remove listeners behind the tracker's back (`emitter.off`, `removeAllListeners`, an
 * aborted `signal`), so each list is compared with the emitter's own whenever it has doubled: what is held never
 * exceeds twice what is live, and some.
 */

import type { EventName } from './kinds';

/** Listeners of one event before a list is first compared. */
const FIRST_COMPARISON = 32;

interface List {
  listeners: unknown[];
  /** The length at which it is compared with what is live. */
  limit: number;
}

/** All listeners that `target` has for an event as they were added, in any order. */
export type LiveOf = (target: never, event: EventName) => readonly unknown[];

export class Own {
  /** Those of each event but the newest of all, oldest first. */
  #lists: Map<EventName, List> | undefined;
  readonly #target: object;
  readonly #liveOf: LiveOf;
  /** How many of them `once` has made. */
  #wrappers = 0;
  #newestEvent: EventName | undefined;
  #newest: unknown;

  /** One function for all targets, and no closure for each. */
  constructor(target: object, liveOf: LiveOf) {
    this.#target = target;
    this.#liveOf = liveOf;
  }

  add(event: EventName, listener: unknown): void {
    if (this.#newest !== undefined) this.#file();
    this.#newestEvent = event;
    this.#newest = listener;
  }

  /**
   * Forgets the one that the emitter is about to remove: this very one or what `once` has made of it. Before and not
   * after, as a `removeListener` listener may add it again. Returns false when it could be one of several; then
   * {@link compare} has to follow.
   */
  remove(event: EventName, listener: unknown): boolean {
    if (this.#newest !== listener || this.#newestEvent !== event || this.#lists?.has(event)) {
      return this.#removeAny(event, listener);
    }
    this.#newest = undefined;
    return true;
  }

  /** Forgets what the emitter does not have any more. */
  compare(event: EventName): void {
    const list = this.#lists?.get(event);
    if (list !== undefined) this.#compare(event, list);
  }

  /** Forgets this very one, the newest first; whether there was one. */
  removeExactly(event: EventName, listener: unknown): boolean {
    if (this.#newest !== undefined) this.#file();
    const list = this.#lists?.get(event);
    const at = list?.listeners.lastIndexOf(listener) ?? -1;
    if (list === undefined || at < 0) return false;
    this.#removeAt(event, list, at);
    return true;
  }

  has(event: EventName, listener: unknown): boolean {
    if (this.#newest === listener && this.#newestEvent === event) return true;
    return this.#lists?.get(event)?.listeners.includes(listener) ?? false;
  }

  /** Takes the one listener that there is; undefined when there is none, or more. */
  takeOnly(): { event: EventName; listener: unknown } | undefined {
    if (this.#newest === undefined || (this.#lists !== undefined && this.#lists.size > 0)) return undefined;
    const only = { event: this.#newestEvent as EventName, listener: this.#newest };
    this.#newest = undefined;
    return only;
  }

  /** The events of which there are some. */
  events(): EventName[] {
    if (this.#newest !== undefined) this.#file();
    return this.#lists === undefined ? [] : [...this.#lists.keys()];
  }

  /** Those of one event that are still there, newest first. */
  of(event: EventName): unknown[] {
    if (this.#newest !== undefined) this.#file();
    const list = this.#lists?.get(event);
    if (list === undefined) return [];
    // One alone is removed without asking whether it is there.
    if (list.listeners.length > 1) this.#compare(event, list);
    return list.listeners.toReversed();
  }

  /** How many there are. */
  get size(): number {
    let size = this.#newest === undefined ? 0 : 1;
    for (const { listeners } of this.#lists?.values() ?? []) size += listeners.length;
    return size;
  }

  /** Puts the newest with the others. */
  #file(): void {
    const event = this.#newestEvent as EventName;
    this.#lists ??= new Map();
    let list = this.#lists.get(event);
    if (list === undefined) {
      list = { listeners: [], limit: FIRST_COMPARISON };
      this.#lists.set(event, list);
    }
    list.listeners.push(this.#newest);
    if (isWrapper(this.#newest)) this.#wrappers++;
    this.#newest = undefined;
    if (list.listeners.length >= list.limit) this.#compare(event, list);
  }

  #removeAny(event: EventName, listener: unknown): boolean {
    if (this.#newest !== undefined) this.#file();
    const list = this.#lists?.get(event);
    if (list === undefined) return true;
    const { listeners } = list;
    // Usually the newest, and then there is nothing to search for.
    const last = listeners.length - 1;
    const at = listeners[last] === listener ? last : listeners.lastIndexOf(listener);
    if (this.#wrappers === 0) {
      if (at >= 0) this.#removeAt(event, list, at);
      return true;
    }
    const wrappers = listeners.flatMap((each, index) => (isWrapperOf(each, listener) ? [index] : []));
    // Which of several it is depends on where each stands, and that only the emitter knows.
    if (wrappers.length + (at >= 0 ? 1 : 0) > 1) return false;
    if (at >= 0 || wrappers.length > 0) this.#removeAt(event, list, wrappers[0] ?? at);
    return true;
  }

  #removeAt(event: EventName, { listeners }: List, at: number): void {
    if (isWrapper(listeners[at])) this.#wrappers--;
    if (at === listeners.length - 1) listeners.pop();
    else listeners.splice(at, 1);
    if (listeners.length === 0) this.#lists?.delete(event);
  }

  #compare(event: EventName, list: List): void {
    const live = new Map<unknown, number>();
    for (const listener of this.#liveOf(this.#target as never, event))
      live.set(listener, (live.get(listener) ?? 0) + 1);
    list.listeners = list.listeners.filter((listener) => {
      const left = live.get(listener) ?? 0;
      live.set(listener, left - 1);
      if (left <= 0 && isWrapper(listener)) this.#wrappers--;
      return left > 0;
    });
    if (list.listeners.length === 0) this.#lists?.delete(event);
    list.limit = Math.max(FIRST_COMPARISON, 2 * list.listeners.length);
  }
}

/** Whether it is what `once` has made of some listener, or of this one. */
function isWrapper(listener: unknown): boolean {
  return typeof listener === 'function' && (listener as { listener?: unknown }).listener !== undefined;
}

function isWrapperOf(wrapper: unknown, listener: unknown): boolean {
  return typeof wrapper === 'function' && (wrapper as { listener?: unknown }).listener === listener;
}
