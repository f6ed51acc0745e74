/** What trackers of emitters and of event targets share: their end. */

import { onDispose } from '../lifetime/ending';
import { warnOnce } from '../lifetime/report-error';
import { dispose } from '../lifetime/symbols';
import { ended, type Waited, type Waiter, Waiters } from '../lifetime/waiters';
import { SiteSampler } from '../sites/call-site';
import { showSite } from '../sites/show';
import { observationOf } from './observe';
import { type ListenerReport, reportOn } from './report';

/** Where trackers that have ended are used. */
const refused = new SiteSampler(64);

export abstract class TrackerBase implements Waiter {
  /** What the listeners are added for: a request or a response, of which reports say the route. */
  protected cause: unknown;
  #disposed = false;
  /** Where it waits for its end. */
  #waited: Waited | undefined = undefined;
  /** Those that end with it. */
  #waiters: Waiters | undefined = undefined;

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
    const waited = this.#waited;
    if (waited !== undefined) {
      this.#waited = undefined;
      waited.remove(this);
    }
    try {
      this.release();
    } finally {
      if (this.#waiters !== undefined) this.#waiters.end(performance.now());
    }
  }

  /** @internal What it was to live until has ended. */
  [ended](): void {
    this.#waited = undefined;
    this.dispose();
  }

  /** Ends with something else; with `undefined` it is born ended: what it was to live until has ended already. */
  endsWith(waited: Waited | undefined): void {
    this.#waited = waited;
    if (waited !== undefined) return;
    this.#disposed = true;
    this.cause = undefined;
  }

  [dispose](): void {
    this.dispose();
  }

  /** What is known of the emitter's listeners, whoever added them. */
  report(): ListenerReport {
    return reportOn(observationOf(this.target)?.kind);
  }

  /** @internal */
  [onDispose](waiter: Waiter): Waited {
    this.#waiters ??= new Waiters();
    this.#waiters.add(waiter);
    return this.#waiters;
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
