/**
 * What a scope holds, and how it is let go: in the reverse order of acquisition, each once, whatever one of them throws.
 *
 * The list knows neither the scope that the user has nor what ends it (`life.ts` does): whatever holds on to a resource,
 * such as a timer or an emitter, may reach the list, and must not keep a scope or a request alive through it. See
 * `docs/design/scope.md`.
 */

import { performance } from 'node:perf_hooks';
import { type Coded, plateauError } from '../errors';
import { reportError } from '../lifetime/report-error';
import type { Waiters } from '../lifetime/waiters';
import type { CallSite } from '../sites/call-site';
import { nameOf, type ScopeSettings } from './options';
import { type SiteRecord, unlist } from './report';

/** What a resource is, as reports name it. */
export type ResourceKind =
  | 'listener'
  | 'timer'
  | 'stream'
  | 'fetch'
  | 'wait'
  | 'disposable'
  | 'callback'
  | 'scope'
  | 'work'
  /** Not a resource: `scope.signal`. */
  | 'hidden';

/** One thing that is held. It is its own node in the list, so that letting go of one of many takes no search. */
export abstract class Resource {
  holdings: Holdings | undefined = undefined;
  previous: Resource | undefined = undefined;
  next: Resource | undefined = undefined;

  abstract readonly kind: ResourceKind;

  /** Lets go. Called at most once, when it is no longer in the list; a promise is waited for. */
  abstract release(ending: boolean): unknown;

  /** Whether it has ended without telling. */
  isGone(): boolean {
    return false;
  }

  /** What {@link Holdings.find} finds it by. */
  get handle(): object | undefined {
    return undefined;
  }

  /** Takes it out of the list: it has ended by itself. Whether it was there. */
  leave(): boolean {
    const { holdings } = this;
    if (holdings === undefined) return false;
    holdings.unlink(this);
    if (holdings.last === undefined) holdings.emptied();
    return true;
  }

  /** Lets go of it before the scope ends. */
  drop(): unknown {
    return this.leave() ? this.release(false) : undefined;
  }
}

/** A promise that is tracked. */
export interface Work extends Resource {
  readonly site: CallSite | undefined;
}

/** From this many resources on, a list is looked through for those that have gone whenever it has doubled. */
const FIRST_SWEEP = 64;

export class Holdings {
  last: Resource | undefined = undefined;
  count = 0;
  hidden = 0;
  /** How many it takes for the next look at what has gone. */
  #sweepAt = FIRST_SWEEP;
  /** Resources by what the user was given for them; made when there is one such. */
  #byHandle: Map<object, Resource> | undefined = undefined;

  state: 'open' | 'ending' | 'ended' = 'open';
  /** When it ended, on the clock of `performance.now()`. */
  endedAt = 0;
  /** Made when `signal` is asked for. */
  controller: AbortController | undefined = undefined;
  /** What could not be let go, unless `onError` was told. */
  #failure: Error | undefined = undefined;
  /** Settles at the end; made when somebody asks. */
  #done: Promise<void> | undefined = undefined;
  #settle: (() => void) | undefined = undefined;
  /** What is being waited for while ending. */
  waitingFor: ResourceKind | undefined = undefined;
  /** Tracked promises that were pending at the end; only where a grace period is given. */
  outliving: Set<Work> | undefined = undefined;

  readonly settings: ScopeSettings;
  /** Where the list of live scopes has it, while it is listed. */
  site: SiteRecord | undefined = undefined;
  listedBefore: Holdings | undefined = undefined;
  listedAfter: Holdings | undefined = undefined;
  /** When the scope was made, or the first resource came. */
  since = 0;
  /** What ends it, found without being kept alive; `undefined` where an empty list need not let go of it. */
  untilRef: WeakRef<object> | undefined = undefined;
  /** This scope among the resources of its parent. */
  inParent: Resource | undefined = undefined;
  /** Whether a child's user can no longer reach it. */
  orphan = false;
  /** Whether the parent reports what goes wrong. */
  quiet = false;
  /** Called when the last resource has left. */
  onEmpty: ((holdings: Holdings) => void) | undefined = undefined;

  constructor(settings: ScopeSettings) {
    this.settings = settings;
  }

  /** Resources held; looks at each. */
  get size(): number {
    const { last } = this;
    this.#sweep();
    if (last !== undefined && this.last === undefined) this.emptied();
    return this.count - this.hidden;
  }

  link(resource: Resource): void {
    if (this.count >= this.#sweepAt) {
      this.#sweep();
      this.#sweepAt = Math.max(FIRST_SWEEP, this.count * 2);
    }
    const { last } = this;
    resource.holdings = this;
    resource.previous = last;
    if (last !== undefined) last.next = resource;
    this.last = resource;
    this.count++;
    if (resource.kind === 'hidden') this.hidden++;
    else if (this.site !== undefined) this.site.resources[resource.kind]++;
    const { handle } = resource;
    if (handle !== undefined) {
      this.#byHandle ??= new Map();
      this.#byHandle.set(handle, resource);
    }
  }

  unlink(resource: Resource): void {
    const { previous, next, handle } = resource;
    if (previous !== undefined) previous.next = next;
    if (next !== undefined) next.previous = previous;
    else this.last = previous;
    resource.holdings = resource.previous = resource.next = undefined;
    this.count--;
    if (resource.kind === 'hidden') this.hidden--;
    else if (this.site !== undefined) this.site.resources[resource.kind]--;
    if (handle !== undefined && this.#byHandle?.get(handle) === resource) this.#byHandle.delete(handle);
  }

  /** The resource that the user was given `handle` for. */
  find(handle: object): Resource | undefined {
    return this.#byHandle?.get(handle);
  }

  emptied(): void {
    if (this.state === 'open') this.onEmpty?.(this);
  }

  #sweep(): void {
    let each = this.last;
    while (each !== undefined) {
      const { previous } = each;
      if (each.isGone()) this.unlink(each);
      each = previous;
    }
  }

  /**
   * Lets go of everything, the newest first. What comes before the first release that takes time is done when this
   * returns. Never throws: errors go to `onError`, or become a process warning.
   */
  end(waiters?: Waiters): void {
    if (this.state !== 'open') return;
    this.state = 'ending';
    this.endedAt = performance.now();
    const held = this.count - this.hidden;
    if (this.controller !== undefined) this.controller.abort(endedError(this.settings));
    waiters?.end(this.endedAt);
    this.#releaseRest([], held);
  }

  /** What went wrong, unless `onError` was told. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Settles when everything has been let go; rejects with what went wrong, unless `onError` was told. */
  get done(): Promise<void> {
    if (this.#done === undefined) {
      this.#done =
        this.state === 'ended'
          ? this.#outcome()
          : new Promise((resolve) => {
              this.#settle = () => resolve(this.#outcome());
            });
      // Nobody need wait for it, and what went wrong is reported anyhow.
      this.#done.catch(() => {});
    }
    return this.#done;
  }

  /** Releases what was added after the end. Errors go where those of the end go. */
  releaseLate(release: () => unknown): void {
    const failed = (error: unknown): void => {
      reportFailures([error], 1, this);
    };
    try {
      const result = release();
      if (isThenable(result)) Promise.resolve(result).then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  #outcome(): Promise<void> {
    return this.#failure === undefined ? Promise.resolve() : Promise.reject(this.#failure);
  }

  #releaseRest(errors: unknown[], held: number): void {
    for (let each = this.last; each !== undefined; each = this.last) {
      this.unlink(each);
      try {
        const result = each.release(true);
        if (!isThenable(result)) continue;
        this.waitingFor = each.kind;
        const goOn = (): void => this.#releaseRest(errors, held);
        // Through a promise of our own: a foreign `then` may call back at once, twice, or throw.
        Promise.resolve(result).then(goOn, (error) => {
          errors.push(error);
          goOn();
        });
        return;
      } catch (error) {
        errors.push(error);
      }
    }
    this.#finish(errors, held);
  }

  #finish(errors: unknown[], held: number): void {
    this.state = 'ended';
    this.waitingFor = undefined;
    this.#byHandle = undefined;
    unlist(this);
    if (errors.length > 0) this.#failure = reportFailures(errors, held, this);
    this.#settle?.();
    this.#settle = undefined;
  }
}

/** Tells `onError`, or else warns and returns the error. */
function reportFailures(errors: unknown[], held: number, { settings, quiet }: Holdings): Error | undefined {
  const what = `${errors.length} of ${held} ${held === 1 ? 'resource' : 'resources'} of ${nameOf(settings)}`;
  const error = new AggregateError(errors, `${what} could not be released`) as Coded<AggregateError>;
  error.code = 'PLATEAU_RELEASE_FAILED';
  const { onError } = settings;
  if (onError !== undefined) {
    try {
      onError(error);
    } catch (thrown) {
      reportError(thrown, `by onError of ${nameOf(settings)}`, error.code);
    }
    return undefined;
  }
  for (const each of quiet ? [] : errors) {
    reportError(each, `while ${nameOf(settings)} released its resources`, error.code);
  }
  return error;
}

/** What those get who wait for something in a scope that ends: an `AbortError` with a code. */
export function endedError(settings: ScopeSettings): Coded<Error> {
  const error = plateauError('PLATEAU_DISPOSED', `${nameOf(settings)} has ended`);
  error.name = 'AbortError';
  return error;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  return typeof (value as { then?: unknown }).then === 'function';
}
