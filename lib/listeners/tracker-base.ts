/** What trackers of emitters and of event targets share: their end. */

import { plateauError } from '../errors';
import { onDispose } from '../lifetime/ending';
import { reportError } from '../lifetime/report-error';
import { captureSite } from '../sites/call-site';
import { showSite } from '../sites/show';
import { observationOf } from './observe';
import { type ListenerReport, reportOn } from './report';

/** Call sites that have been warned of adding through a tracker that has ended; no more are. */
const warned = new Set<string>();
const MAX_WARNED = 256;

/** `Symbol.dispose`, also where the runtime has none yet. */
const disposeSymbol: symbol = (Symbol as { dispose?: symbol }).dispose ?? Symbol.for('nodejs.dispose');

export abstract class TrackerBase {
  /** What the listeners are added for: a request or a response, of which reports say the route. */
  protected cause: unknown;
  #disposed = false;
  #stopWaiting: (() => void) | undefined;
  #callbacks: Set<() => void> | undefined;

  constructor(cause: unknown) {
    this.cause = cause;
  }

  /** Whether the tracker has ended. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Removes the listeners added through the tracker that are still there. The tracker adds none after that. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.cause = undefined;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    try {
      this.release();
    } finally {
      const callbacks = this.#callbacks;
      this.#callbacks = undefined;
      for (const callback of callbacks ?? []) {
        try {
          callback();
        } catch (error) {
          reportError(error, 'while a tracker ended');
        }
      }
    }
  }

  /** Born ended: what it was to live until has ended already. */
  endAtOnce(): void {
    this.#disposed = true;
    this.cause = undefined;
  }

  /** Ends with something else; `stop` ends the waiting for that. */
  endsWith(stop: () => void): void {
    this.#stopWaiting = stop;
  }

  /** What is known of the emitter's listeners, whoever added them. */
  report(): ListenerReport {
    return reportOn(observationOf(this.target)?.kind);
  }

  [onDispose](callback: () => void): () => void {
    this.#callbacks ??= new Set();
    const callbacks = this.#callbacks;
    const entry = (): void => callback();
    callbacks.add(entry);
    return () => void callbacks.delete(entry);
  }

  /** Adds nothing, and says so once per call site. */
  protected refuse(above: (...args: never[]) => unknown): this {
    if (warned.size >= MAX_WARNED) return this;
    const site = captureSite(above);
    if (warned.has(site.key)) return this;
    warned.add(site.key);
    const warning = plateauError(
      'PLATEAU_DISPOSED',
      `a listener was not added at ${showSite(site)}: the tracker has ended, with what it was to live until`,
    );
    warning.name = 'PlateauWarning';
    process.emitWarning(warning);
    return this;
  }

  /** Removes the tracker's listeners. */
  protected abstract release(): void;
  /** What is tracked. */
  protected abstract get target(): object;
}

Object.defineProperty(TrackerBase.prototype, disposeSymbol, {
  value(this: TrackerBase): void {
    this.dispose();
  },
  writable: true,
  configurable: true,
});
