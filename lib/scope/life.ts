/**
 * What ties a scope to its end.
 *
 * A life is referred to by the scope that the user has, and by what will end it; by neither when it is garbage, and then
 * it was never going to end. What is held does not refer to it. So one FinalizationRegistry finds scopes that nobody
 * can end any more, and a scope that nobody refers to goes on until its request does. See `docs/design/scope.md`.
 */

import { performance } from 'node:perf_hooks';
import { onEnd } from '../lifetime/ending';
import { ended, type Waited, type Waiter, Waiters } from '../lifetime/waiters';
import type { CallSite } from '../sites/call-site';
import { Holdings, Resource, type Work } from './holdings';
import type { ScopeSettings } from './options';
import { list, reportCollected, reportOutlived, sampleSite, siteLabel, unlist } from './report';

/** The lives that wait for one thing, so that what is held can find them without keeping that thing alive. */
interface Hooks {
  readonly ref: WeakRef<object>;
  readonly lives: Map<Holdings, Life>;
}

const hooksOf = new WeakMap<object, Hooks>();

const collected = new FinalizationRegistry<Holdings>((holdings) => {
  if (holdings.state !== 'open') return;
  if (holdings.inParent !== undefined) {
    // The parent will end what it holds; it need not keep a child that holds nothing.
    holdings.orphan = true;
    if (holdings.count === 0) emptied(holdings);
    return;
  }
  if (holdings.count - holdings.hidden > 0) reportCollected(holdings, siteLabel(holdings));
  holdings.end();
});

export class Life implements Waiter, Waited {
  readonly holdings: Holdings;
  readonly until: object | undefined;
  #site: CallSite | undefined;
  /** Whether whoever made it says when it ends. */
  readonly #isTold: boolean;
  /** Where it waits for its end. */
  #waited: Waited | undefined = undefined;
  /** Those whose `until` is this scope. */
  readonly #waiters: Waiters;

  /** `waiters`: those of a request's scope, which itself waits for the end and says so. */
  constructor(
    settings: ScopeSettings,
    until: object | undefined,
    parent: Holdings | undefined,
    waiters?: Waiters,
  ) {
    this.#waiters = waiters ?? new Waiters();
    this.#isTold = waiters !== undefined;
    this.holdings = new Holdings(settings);
    this.until = until;
    if (parent !== undefined) {
      this.holdings.inParent = new Child(this);
      parent.link(this.holdings.inParent);
    }
    if (parent !== undefined || until !== undefined) this.holdings.onEmpty = emptied;
    if (parent !== undefined || until === undefined) collected.register(this, this.holdings, this.holdings);
  }

  /** Remembers where the scope was made. */
  madeAt(above: (...args: never[]) => unknown): void {
    const now = performance.now();
    this.#site = sampleSite(above);
    this.holdings.since = now;
    if (this.until === undefined && this.holdings.inParent === undefined) {
      list(this.holdings, this.#site, now);
    }
  }

  /** Whether something can be added: begins to wait for the end, where that has not begun. */
  ready(above: (...args: never[]) => unknown): boolean {
    if (this.holdings.state !== 'open') return false;
    return this.holdings.site !== undefined || this.#begin(above);
  }

  #begin(above: (...args: never[]) => unknown): boolean {
    const { holdings } = this;
    if (!this.#hook()) return false;
    if (holdings.since === 0) {
      // A request's scope: its place is where it is first used.
      holdings.since = performance.now();
      this.#site = sampleSite(above);
    }
    list(holdings, this.#site, holdings.since);
    return true;
  }

  #hook(): boolean {
    const { until, holdings } = this;
    if (until === undefined || this.#isTold || this.#waited !== undefined) return true;
    this.#waited = onEnd(until, this);
    if (this.#waited === undefined) {
      this.end();
      return false;
    }
    // A server's request is over soon, and surely: half a microsecond for each is saved. Other things may live as long
    // as the process, or be forgotten.
    if (!holdings.settings.watched) {
      if (holdings.inParent === undefined) collected.register(this, holdings, holdings);
      let hooks = hooksOf.get(until);
      if (hooks === undefined) {
        hooks = { ref: new WeakRef(until), lives: new Map() };
        hooksOf.set(until, hooks);
      }
      holdings.untilRef = hooks.ref;
      hooks.lives.set(holdings, this);
    }
    return true;
  }

  #unhookAll(): void {
    this.#waited?.remove(this);
    this.#waited = undefined;
    const { until, holdings } = this;
    if (until === undefined || holdings.settings.watched) return;
    hooksOf.get(until)?.lives.delete(holdings);
    if (holdings.inParent === undefined) collected.unregister(holdings);
  }

  /** Nothing is held any more: then nothing needs to refer to the scope. */
  rest(): void {
    if (this.#waiters.isEmpty) this.#unhookAll();
  }

  /** Tells `waiter` of the end. */
  add(waiter: Waiter): Waited {
    if (this.holdings.state === 'open' && this.#hook()) this.#waiters.add(waiter);
    else waiter[ended](performance.now());
    return this;
  }

  remove(waiter: Waiter): void {
    const { holdings } = this;
    if (this.#waiters.remove(waiter) && holdings.count === 0) holdings.emptied();
  }

  /** What ends it has ended. */
  [ended](): void {
    this.#waited = undefined;
    this.end();
  }

  /** Ends the scope. Never throws. */
  end(): void {
    const { holdings } = this;
    if (holdings.state !== 'open') return;
    this.#unhookAll();
    if (!holdings.settings.watched) collected.unregister(holdings);
    holdings.inParent?.leave();
    holdings.end(this.#waiters);
    if (holdings.settings.watched) watch(holdings, this.#site);
  }
}

/** Reports what is not done when the grace period is over. */
function watch(holdings: Holdings, site: CallSite | undefined): void {
  if (holdings.state === 'ended' && holdings.outliving === undefined) return;
  const timer = setTimeout(() => {
    if (holdings.state === 'ending')
      reportOutlived(holdings, site, { [holdings.waitingFor ?? 'callback']: 1 });
    for (const work of holdings.outliving ?? []) reportOutlived(holdings, work.site, { work: 1 });
    // Those that are older than a release that takes time are in the list still.
    for (let each = holdings.last; each !== undefined; each = each.previous) {
      if (each.kind === 'work') reportOutlived(holdings, (each as Work).site, { work: 1 });
    }
  }, holdings.settings.grace);
  timer.unref?.();
}

/** A list has become empty. */
function emptied(holdings: Holdings): void {
  const until = holdings.untilRef?.deref();
  if (until !== undefined) hooksOf.get(until)?.lives.get(holdings)?.rest();
  else if (holdings.inParent === undefined) return;
  unlist(holdings);
  if (holdings.orphan) holdings.inParent?.leave();
}

/** A scope as a resource of its parent. */
class Child extends Resource {
  readonly kind = 'scope';
  readonly #child: Holdings;
  /** Weak, so that a child that nobody has any more can be found. */
  readonly #life: WeakRef<Life>;

  constructor(life: Life) {
    super();
    this.#child = life.holdings;
    this.#life = new WeakRef(life);
  }

  release(ending: boolean): unknown {
    const child = this.#child;
    // What goes wrong is part of what goes wrong in the parent.
    child.quiet = ending;
    child.inParent = undefined;
    const life = this.#life.deref();
    if (life === undefined) child.end();
    else life.end();
    if (child.state === 'ending') return child.done;
    if (child.failure !== undefined) throw child.failure;
    return undefined;
  }
}
