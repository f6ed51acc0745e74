/** What trackers of emitters and of event targets share: their end. */

import { onDispose } from '../lifetime/ending';
import { guarded, warnOnce } from '../lifetime/report-error';
import { dispose } from '../lifetime/symbols';
import { SiteSampler } from '../sites/call-site';
import { showSite } from '../sites/show';
import { observationOf } from './observe';
import { type ListenerReport, reportOn } from './report';

/** Where trackers that have ended are used. */
const refused = new SiteSampler(64);

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
      for (const callback of callbacks ?? []) guarded(callback, 'while a tracker ended');
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

  [dispose](): void {
    this.dispose();
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
    const site = refused.capture(above);
    if (site === undefined) return this;
    const text = `a listener was not added at ${showSite(site)}: the tracker has ended, with what it was to live until`;
    warnOnce(`tracker ${site.key}`, text, 'PLATEAU_DISPOSED');
    return this;
  }

  /** Removes the tracker's listeners. */
  protected abstract release(): void;
  /** What is tracked. */
  protected abstract get target(): object;
}
