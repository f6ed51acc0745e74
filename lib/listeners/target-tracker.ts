/**
 * The tracker of an EventTarget, such as an AbortSignal: its own interface, with a lifetime. `on`, `once` and `off` are
 * there as well, for code that takes either kind.
 */

import { EventEmitter } from 'node:events';
import { causedBy } from './ledger';
import type { Observed } from './observe';
import { Own } from './own';
import { TrackerBase } from './tracker-base';

type Callback = ((event: Event) => void) | { handleEvent(event: Event): void };
type Options = boolean | { capture?: boolean; once?: boolean; passive?: boolean; signal?: AbortSignal };

/** Node's own targets, such as MessagePort, have an emitter's methods, which hand listeners the value itself. */
interface NodeTarget extends EventTarget {
  on?(type: string, listener: unknown): unknown;
  once?(type: string, listener: unknown): unknown;
  off?(type: string, listener: unknown): unknown;
}

export class TargetTracker extends TrackerBase {
  readonly #target: NodeTarget;
  readonly #observed: Observed;
  #own: Own | undefined;
  /** Those for the capturing phase, which a target tells apart. */
  #capturing: Own | undefined;

  constructor(target: EventTarget, observed: Observed, cause: unknown) {
    super(cause);
    this.#target = target;
    this.#observed = observed;
  }

  addEventListener(type: string, callback: Callback | null, options?: Options): void {
    if (this.disposed) return void this.refuse(this.addEventListener);
    this.#target.addEventListener(type, callback as Callback, options);
    this.#remember(type, callback, options, this.addEventListener);
  }

  removeEventListener(
    type: string,
    callback: Callback | null,
    options?: boolean | { capture?: boolean },
  ): void {
    this.#target.removeEventListener(type, callback as Callback, options);
    // Node takes `true` for no capturing here, against the standard: what was removed is not known then.
    if (options !== true) this.#listFor(options)?.remove(type, callback);
  }

  dispatchEvent(event: Event): boolean {
    return this.#target.dispatchEvent(event);
  }

  on(type: string, listener: Callback): this {
    if (this.disposed) return this.refuse(this.on);
    if (typeof this.#target.on === 'function') this.#target.on(type, listener);
    else this.#target.addEventListener(type, listener);
    this.#remember(type, listener, undefined, this.on);
    return this;
  }

  addListener(type: string, listener: Callback): this {
    return this.on(type, listener);
  }

  once(type: string, listener: Callback): this {
    if (this.disposed) return this.refuse(this.once);
    if (typeof this.#target.once === 'function') this.#target.once(type, listener);
    else this.#target.addEventListener(type, listener, { once: true });
    this.#remember(type, listener, { once: true }, this.once);
    return this;
  }

  off(type: string, listener: Callback): this {
    if (typeof this.#target.off === 'function') this.#target.off(type, listener);
    else this.#target.removeEventListener(type, listener);
    this.#own?.remove(type, listener);
    return this;
  }

  removeListener(type: string, listener: Callback): this {
    return this.off(type, listener);
  }

  /** Those that came through this tracker. */
  removeAllListeners(type?: string): this {
    this.#removeOwn(type);
    return this;
  }

  /** Listeners added through this tracker, as far as it knows that they are still there. */
  get size(): number {
    return (this.#own?.size ?? 0) + (this.#capturing?.size ?? 0);
  }

  protected release(): void {
    this.#removeOwn(undefined);
  }

  protected get target(): object {
    return this.#target;
  }

  #remember(
    type: string,
    callback: Callback | null,
    options: Options | undefined,
    above: (...args: never[]) => unknown,
  ): void {
    // A target ignores null, a second time, and what comes with a signal that is aborted.
    if (callback === null || callback === undefined) return;
    if (typeof options === 'object' && options?.signal?.aborted) return;
    let own: Own;
    if (isCapturing(options)) own = this.#capturing ??= new Own(this.#target, EventEmitter.getEventListeners);
    else own = this.#own ??= new Own(this.#target, EventEmitter.getEventListeners);
    if (own.has(type, callback)) return;
    own.add(type, callback);
    const before = causedBy(this.cause);
    this.#observed.noteUnannounced(type, callback, above);
    causedBy(before);
  }

  #listFor(options: Options | undefined): Own | undefined {
    return isCapturing(options) ? this.#capturing : this.#own;
  }

  #removeOwn(type: string | undefined): void {
    const take = (own: Own | undefined): [string, Callback][] => {
      const names = type === undefined ? (own?.events() ?? []) : [type];
      return names.flatMap((name) =>
        (own?.of(name) ?? []).map((each) => {
          own?.removeExactly(name, each);
          return [name, each] as [string, Callback];
        }),
      );
    };
    for (const [name, listener] of take(this.#own)) {
      if (typeof this.#target.off === 'function') this.#target.off(name, listener);
      else this.#target.removeEventListener(name, listener);
    }
    for (const [name, listener] of take(this.#capturing)) {
      this.#target.removeEventListener(name, listener, { capture: true });
    }
  }
}

function isCapturing(options: Options | undefined): boolean {
  return typeof options === 'object' && options !== null ? options.capture === true : options === true;
}
