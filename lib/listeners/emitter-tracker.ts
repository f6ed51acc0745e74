/**
 * The tracker of an EventEmitter: the emitter's own interface, with a lifetime.
 *
 * Every method does what the emitter's does, on the emitter. The tracker only remembers which listeners came through
 * it, to take them away when it ends.
 */

import type { EventEmitter } from 'node:events';
import { addAsNode, isUnused, type Listener, removeAsNode, unwrapped } from './as-node';
import type { EventName } from './kinds';
import { causedBy } from './ledger';
import type { Observed } from './observe';
import { Own } from './own';
import { TrackerBase } from './tracker-base';

type Add = 'on' | 'prependListener';

const METHOD = { configurable: true, enumerable: false, writable: true } as const;

export class EmitterTracker extends TrackerBase {
  // The same functions, as an emitter's are.
  declare readonly addListener: EmitterTracker['on'];
  declare readonly off: EmitterTracker['removeListener'];
  readonly #emitter: EventEmitter;
  readonly #observed: Observed;
  readonly #own: Own;
  /** While what is added is the first of its event. */
  #isFirst: boolean;

  constructor(emitter: EventEmitter, observed: Observed, cause: unknown) {
    super(cause);
    this.#emitter = emitter;
    this.#observed = observed;
    this.#own = new Own(emitter, liveOf);
    this.#isFirst = isUnused(emitter);
  }

  on(event: EventName, listener: Listener): this {
    if (this.#isFirst) return this.#addFirst(event, listener);
    if (this.disposed || this.cause !== undefined || this.#observed.onNewListener === undefined) {
      return this.#add('on', event, listener, this.on);
    }
    // As short as it can be.
    this.#emitter.on(event, listener);
    this.#own.add(event, listener);
    return this;
  }

  prependListener(event: EventName, listener: Listener): this {
    return this.#add('prependListener', event, listener, this.prependListener);
  }

  once(event: EventName, listener: Listener): this {
    return this.#add('on', event, this.#once(event, listener), this.once);
  }

  prependOnceListener(event: EventName, listener: Listener): this {
    return this.#add('prependListener', event, this.#once(event, listener), this.prependOnceListener);
  }

  removeListener(event: EventName, listener: Listener): this {
    const known = this.#own.remove(event, listener);
    if (this.#isFirst) this.#removeFirst(event, listener);
    else this.#emitter.removeListener(event, listener);
    if (!known) this.#own.compare(event);
    return this;
  }

  /** Those that came through this tracker: what others have added is not its to remove. */
  removeAllListeners(...events: [event?: EventName]): this {
    // As an emitter takes it, `undefined` is the name of an event.
    if (events.length > 0) this.#removeOwn([events[0] as EventName]);
    else {
      this.#removeOwn(this.#ownEvents());
      // An emitter also drops what `removeListener` listeners have added meanwhile.
      this.#removeOwn(this.#own.events());
    }
    return this;
  }

  emit(event: EventName, ...args: unknown[]): boolean {
    return this.#emitter.emit(event, ...args);
  }

  eventNames(): EventName[] {
    const names = this.#emitter.eventNames();
    const observer = this.#observed.onNewListener;
    if (observer === undefined || this.#emitter.listenerCount('newListener') > 1) return names;
    return this.#emitter.listeners('newListener')[0] === observer
      ? names.filter((name) => name !== 'newListener')
      : names;
  }

  listenerCount(event: EventName, listener?: Listener): number {
    // The second argument came with Node 18.16.
    const count = (this.#emitter.listenerCount as (event: EventName, listener?: Listener) => number).call(
      this.#emitter,
      event,
      listener,
    );
    return event === 'newListener' && listener === undefined ? this.listeners(event).length : count;
  }

  listeners(event: EventName): unknown[] {
    return this.#withoutObserver(event, this.#emitter.listeners(event));
  }

  rawListeners(event: EventName): unknown[] {
    return this.#withoutObserver(event, this.#emitter.rawListeners(event));
  }

  setMaxListeners(count: number): this {
    this.#emitter.setMaxListeners(count);
    return this;
  }

  getMaxListeners(): number {
    return this.#emitter.getMaxListeners();
  }

  /** Listeners added through this tracker that are still there. */
  get size(): number {
    return this.#own.size;
  }

  protected release(): void {
    // Most trackers have one listener.
    const only = this.#own.takeOnly();
    if (only !== undefined) {
      this.#removeFirst(only.event, only.listener as Listener);
      return;
    }
    this.#removeOwn(this.#ownEvents());
  }

  protected get target(): object {
    return this.#emitter;
  }

  #add(method: Add, event: EventName, listener: Listener, above: (...args: never[]) => unknown): this {
    if (this.disposed) return this.refuse(above);
    const before = causedBy(this.cause);
    try {
      if (this.#isFirst)
        this.#isFirst = method === 'on' && addAsNode(this.#emitter, this.#observed, event, listener);
      if (!this.#isFirst) {
        this.#emitter[method](event, listener);
        this.#observed.noteUnannounced(event, unwrapped(listener), above);
      }
    } finally {
      causedBy(before);
    }
    this.#own.add(event, listener);
    return this;
  }

  #addFirst(event: EventName, listener: Listener): this {
    if (this.disposed || this.cause !== undefined) return this.#add('on', event, listener, this.on);
    this.#isFirst = addAsNode(this.#emitter, this.#observed, event, listener);
    if (!this.#isFirst) return this.on(event, listener);
    this.#own.add(event, listener);
    return this;
  }

  #removeFirst(event: EventName, listener: Listener): void {
    if (!this.#isFirst || !removeAsNode(this.#emitter, event, listener)) {
      this.#emitter.removeListener(event, listener);
    }
  }

  /** What Node's `once` makes, except that the tracker forgets the listener as well when it is called. */
  #once(event: EventName, listener: Listener): Listener {
    // The emitter's own check, before anything is made of it.
    if (typeof listener !== 'function') return listener;
    const emitter = this.#emitter;
    const own = this.#own;
    let fired = false;
    function wrapper(this: unknown, ...args: unknown[]): unknown {
      if (fired) return undefined;
      own.removeExactly(event, wrapper);
      emitter.removeListener(event, wrapper);
      fired = true;
      return listener.apply(this, args);
    }
    wrapper.listener = listener;
    return wrapper as Listener;
  }

  /** In the order of an emitter, which has `removeListener` last, so that those who listen for removals see them all. */
  #ownEvents(): EventName[] {
    const keys = Reflect.ownKeys(Object.fromEntries(this.#own.events().map((event) => [event, true])));
    if (!keys.includes('removeListener')) return keys;
    return [...keys.filter((event) => event !== 'removeListener'), 'removeListener'];
  }

  #removeOwn(events: readonly EventName[]): void {
    const emitter = this.#emitter;
    for (const event of events) {
      const own = this.#own.of(event);
      // As the emitter has them, from the end: by name alone, a listener could be taken for its wrapper by `once`.
      const ordered = own.length > 1 ? newestFirst(own, liveOf(this.#emitter, event)) : own;
      for (const listener of ordered) {
        // Unless a `removeListener` listener was quicker.
        if (this.#own.removeExactly(event, listener)) emitter.removeListener(event, listener as Listener);
      }
    }
  }

  #withoutObserver(event: EventName, listeners: unknown[]): unknown[] {
    if (event !== 'newListener') return listeners;
    return listeners.filter((listener) => listener !== this.#observed.onNewListener);
  }
}

const { on, removeListener } = EmitterTracker.prototype;
Object.defineProperty(EmitterTracker.prototype, 'addListener', { ...METHOD, value: on });
Object.defineProperty(EmitterTracker.prototype, 'off', { ...METHOD, value: removeListener });

/** All listeners of an event as they were added. */
function liveOf(emitter: EventEmitter, event: EventName): readonly unknown[] {
  return emitter.rawListeners?.(event) ?? emitter.listeners(event);
}

/** Those of `live` that are among `own`, from the end. */
function newestFirst(own: readonly unknown[], live: readonly unknown[]): unknown[] {
  const left = new Map<unknown, number>();
  for (const listener of own) left.set(listener, (left.get(listener) ?? 0) + 1);
  return live.toReversed().filter((listener) => {
    const count = left.get(listener) ?? 0;
    left.set(listener, count - 1);
    return count > 0;
  });
}
