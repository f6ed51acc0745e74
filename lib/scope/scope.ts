/**
 * The scope that users have: owns what is started in it, and lets go of it in reverse order when it ends.
 * What it holds is in `holdings.ts`, what ends it in `life.ts`. See `docs/design/scope.md`.
 */

import { invalidArgument, plateauTypeError } from '../errors';
import { type Ends, hasEnded, onDispose } from '../lifetime/ending';
import { asyncDispose } from '../lifetime/symbols';
import { ended, type Waited, type Waiter, Waiters } from '../lifetime/waiters';
import { readCallable } from '../options';
import {
  type EventSource,
  type Listener,
  type ListenerResource,
  listener,
  onceListener,
  readListener,
} from './emitters';
import { FetchResource } from './fetch';
import { endedError, type Holdings, type ResourceKind } from './holdings';
import { Life } from './life';
import { readDelay, readScopeOptions, type ScopeOptions, type ScopeSettings } from './options';
import { reportLate, sampleSite } from './report';
import {
  type AnyDisposable,
  CallbackResource,
  destroy,
  disposerOf,
  fire,
  readStream,
  SignalResource,
  type StreamLike,
  StreamResource,
  TimerResource,
  WaitResource,
  WorkResource,
} from './resources';
import { startWait, type WaitOptions } from './wait-for-event';

function nothing(): void {}

/**
 * Owns listeners, timers, streams, requests and whatever else is started in it, and lets go of all of it, in the reverse
 * order of acquisition and each once, when its `until` ends or it is disposed of. What ends by itself (a timer that has
 * fired, a stream that has closed, a request whose body has been read) leaves at once: a scope that lives long does not
 * grow. Made by {@link createScope}.
 *
 * Adding to a scope that has ended releases at once what is added: no listener, no timer, streams are destroyed,
 * `use` and `defer` release, `fetch` and `waitFor` reject with an `AbortError` (`PLATEAU_DISPOSED`). There is a process
 * warning, or a call of `onLeak`, once for each place in the program.
 *
 * Adding and letting go take constant time.
 */
export class Scope implements Ends, AsyncDisposable {
  readonly #settings: ScopeSettings;
  readonly #until: object | undefined;
  #life: Life | undefined = undefined;
  /** When a request's ended, and before that 0. */
  #endedAt: number;
  /** Those that end with a request's scope; other scopes' lives have theirs. */
  readonly #waiters: Waiters | undefined;

  private constructor(
    settings: ScopeSettings,
    until: object | undefined,
    waiters?: Waiters | undefined,
    endedAt = 0,
  ) {
    if (settings === undefined)
      throw plateauTypeError('PLATEAU_INVALID_ARGUMENT', 'createScope() makes scopes');
    this.#settings = settings;
    this.#until = until;
    this.#waiters = waiters;
    this.#endedAt = endedAt;
  }

  /** @internal For a request: nothing is hooked before the first resource. */
  static lazy(settings: ScopeSettings, until: object): Scope {
    return new Scope(settings, until);
  }

  /** @internal For integrations, which call `[ended]` when the response has ended; `endedAt`: when it has already. */
  static ofResponse(settings: ScopeSettings, response: object, endedAt = 0): Scope {
    return new Scope(settings, response, new Waiters(), endedAt);
  }

  /** @internal */
  static make(settings: ScopeSettings, until: object | undefined, parent: Holdings | undefined): Scope {
    const scope = new Scope(settings, until);
    scope.#life = new Life(settings, until, parent);
    scope.#life.madeAt(Scope.make);
    return scope;
  }

  /** The name it was given. */
  get name(): string | undefined {
    return this.#settings.name;
  }

  /** Whether it has ended, or begun to. */
  get disposed(): boolean {
    const life = this.#life;
    if (this.#endedAt > 0 || (life !== undefined && life.holdings.state !== 'open')) return true;
    // A request's scope is told.
    return this.#waiters === undefined && this.#until !== undefined && hasEnded(this.#until);
  }

  /** How many resources it holds, tracked promises included. Looks at each. */
  get size(): number {
    return this.#life === undefined || this.disposed ? 0 : this.#life.holdings.size;
  }

  /**
   * Aborted when the scope ends, before anything is released; its reason is an `AbortError` with the code
   * `PLATEAU_DISPOSED`. Made when first asked for.
   */
  get signal(): AbortSignal {
    const { holdings } = this.#begun();
    if (holdings.controller === undefined) {
      holdings.controller = new AbortController();
      if (this.#open()) holdings.link(new SignalResource());
      else holdings.controller.abort(endedError(this.#settings));
    }
    return holdings.controller.signal;
  }

  /**
   * Ends the scope. What comes before the first release that takes time is released when this returns; the promise
   * settles when everything is. Further calls return the same.
   *
   * When a release threw, the others were still done, and `onError` is called with an AggregateError
   * (`PLATEAU_RELEASE_FAILED`); without `onError`, the promise rejects with it and there is a process warning for each.
   * Nobody has to wait for the promise: it is never an unhandled rejection.
   */
  dispose(): Promise<void> {
    const life = this.#begun();
    life.end();
    return life.holdings.done;
  }

  /** The same as {@link Scope.dispose}, for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** @internal */
  [onDispose](waiter: Waiter): Waited {
    // Usual, and needs no life.
    if (this.#life === undefined && this.#waiters !== undefined && this.#endedAt === 0) {
      this.#waiters.add(waiter);
      return this.#waiters;
    }
    return this.#begun().add(waiter);
  }

  /** @internal The response of a request's scope has ended. */
  [ended](at: number): void {
    this.#endedAt = at;
    if (this.#life !== undefined) this.#life.end();
    else this.#waiters?.end(at);
  }

  /**
   * Adds a listener to an EventEmitter or EventTarget. Returns what removes it.
   *
   * The scope keeps neither the emitter nor the function alive. A listener that is removed by other means counts until
   * the event has no listener any more.
   */
  on(emitter: EventSource, event: string | symbol, fn: Listener): () => void {
    readListener(emitter, event, fn);
    if (!this.#open()) return this.#late('listener');
    return this.#listen(listener(emitter, event, fn));
  }

  /** Adds a listener for one event; then it has left the scope. Returns what removes it before. */
  once(emitter: EventSource, event: string | symbol, fn: Listener): () => void {
    readListener(emitter, event, fn);
    if (!this.#open()) return this.#late('listener');
    return this.#listen(onceListener(emitter, event, fn));
  }

  /**
   * As the global `setTimeout`; returns the same object, to give to `clearTimeout` or {@link Scope.release}. In a scope
   * that has ended, one that is cleared.
   */
  setTimeout<Args extends unknown[]>(
    fn: (...args: Args) => void,
    delay?: number,
    ...args: Args
  ): NodeJS.Timeout {
    readCallable('fn', fn);
    readDelay(delay);
    const resource = new TimerResource(clearTimeout);
    const timer = setTimeout(fire, delay, resource, fn as never, args as never);
    return this.#time(resource, timer);
  }

  /** As the global `setInterval`; as {@link Scope.setTimeout} else. */
  setInterval<Args extends unknown[]>(
    fn: (...args: Args) => void,
    delay?: number,
    ...args: Args
  ): NodeJS.Timeout {
    readCallable('fn', fn);
    readDelay(delay);
    return this.#time(new TimerResource(clearInterval), setInterval(fn, delay, ...args));
  }

  /** As the global `setImmediate`; as {@link Scope.setTimeout} else. */
  setImmediate<Args extends unknown[]>(fn: (...args: Args) => void, ...args: Args): NodeJS.Immediate {
    readCallable('fn', fn);
    const resource = new TimerResource(clearImmediate);
    return this.#time(resource, setImmediate(fire, resource, fn as never, args as never));
  }

  /**
   * Owns a stream of Node's: it is destroyed with the scope, and errors that this causes are nobody's. Its descriptor is
   * closed soon after, which is not waited for. Returns the stream.
   *
   * Streams are joined by `pipeline` of `node:stream`, which destroys all of them when one fails.
   */
  stream<S extends StreamLike>(stream: S): S {
    readStream(stream);
    if (!this.#open()) {
      this.#late('stream');
      destroy(stream);
      return stream;
    }
    const { holdings } = this.#begun();
    if (holdings.find(stream) !== undefined) return stream;
    const resource = new StreamResource(stream);
    if (resource.watch()) holdings.link(resource);
    return stream;
  }

  /**
   * As the global `fetch`, aborted with the scope until the body has been read, cancelled or has failed. A `signal` in
   * `init` works as well, and is left when the request is done.
   */
  fetch(...[input, init]: Parameters<typeof globalThis.fetch>): Promise<Response> {
    if (!this.#open()) {
      this.#late('fetch');
      return this.#refuse();
    }
    const { holdings } = this.#begun();
    const resource = new FetchResource(holdings);
    holdings.link(resource);
    return resource.start(input, init);
  }

  /**
   * Owns something with `[Symbol.asyncDispose]()`, which is preferred and waited for, or `[Symbol.dispose]()`.
   * Returns it; {@link Scope.release} disposes of it before the end. Something that is owned already is not owned twice.
   */
  use<T extends AnyDisposable>(disposable: T): T {
    const dispose = disposerOf(disposable);
    if (!this.#open()) {
      this.#late('disposable');
      this.#begun().holdings.releaseLate(dispose);
      return disposable;
    }
    const { holdings } = this.#begun();
    if (holdings.find(disposable) === undefined) {
      holdings.link(new CallbackResource('disposable', dispose, disposable));
    }
    return disposable;
  }

  /**
   * Calls `fn` when the scope ends; a promise that it returns is waited for before what is older is released. Returns
   * what calls it now instead, once, and returns what it returned. In a scope that has ended `fn` is called at once.
   */
  defer<R>(fn: () => R): () => R | undefined {
    readCallable('fn', fn);
    if (!this.#open()) {
      this.#late('callback');
      this.#begun().holdings.releaseLate(fn);
      return () => undefined;
    }
    const resource = new CallbackResource('callback', fn, undefined);
    this.#begun().holdings.link(resource);
    return () => resource.drop() as R | undefined;
  }

  /**
   * {@link waitForEvent} that the end of the scope rejects, with an `AbortError` (`PLATEAU_DISPOSED`). `timeout` may be
   * `Infinity`.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the arguments of an event are whatever its emitter says
  waitFor<Args extends unknown[] = any[]>(
    emitter: EventSource,
    event: string | symbol,
    options?: WaitOptions<Args>,
  ): Promise<Args> {
    if (!this.#open()) {
      this.#late('wait');
      return this.#refuse();
    }
    const { holdings } = this.#begun();
    const wait = startWait<Args>(emitter, event, options, true);
    const resource = new WaitResource(() => {
      wait.cancel(holdings.controller?.signal.reason ?? endedError(holdings.settings));
    });
    holdings.link(resource);
    wait.onSettled = () => void resource.leave();
    if (wait.isSettled) resource.leave();
    return wait.promise;
  }

  /**
   * Watches a promise without being able to stop it: it counts as held while it is pending. In a request's scope, one
   * that is pending when the grace period after the response is over is reported. Nothing waits for it. Returns it.
   */
  track<P extends PromiseLike<unknown>>(promise: P): P {
    if (typeof promise?.then !== 'function') throw invalidArgument('promise', 'a promise', promise);
    if (!this.#open()) {
      this.#late('work');
      return promise;
    }
    const { holdings } = this.#begun();
    const site = this.#settings.watched ? sampleSite(this.track) : undefined;
    const work = new WorkResource(holdings, site);
    holdings.link(work);
    const settled = (): void => work.settled();
    promise.then(settled, settled);
    return promise;
  }

  /**
   * A scope that ends with this one, in its turn among the resources, or before. What goes wrong in it is part of this
   * one's AggregateError, unless it has an `onError` of its own; `onLeak` is this one's unless it has its own.
   */
  child(options?: ScopeOptions): Scope {
    const { settings, until } = readScopeOptions(options);
    const own = { ...settings, onLeak: settings.onLeak ?? this.#settings.onLeak };
    const life = this.#begun();
    if (this.#open()) return Scope.make(own, until, life.holdings);
    this.#late('scope');
    const scope = new Scope(own, until);
    scope.#begun().end();
    return scope;
  }

  /**
   * Releases one resource now: what `setTimeout`, `setInterval`, `setImmediate`, `stream` or `use` returned. Resolves
   * to whether it was held; rejects with what its release threw. What can be done at once is done when this returns.
   */
  release(resource: object): Promise<boolean> {
    if ((typeof resource !== 'object' && typeof resource !== 'function') || resource === null) {
      return Promise.reject(invalidArgument('resource', 'what a method of the scope returned', resource));
    }
    const found = this.#life?.holdings.find(resource);
    if (found === undefined) return Promise.resolve(false);
    try {
      const result = found.drop();
      return Promise.resolve(result).then(() => true);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  get [Symbol.toStringTag](): string {
    return 'Scope';
  }

  #begun(): Life {
    this.#life ??= new Life(this.#settings, this.#until, undefined, this.#waiters);
    return this.#life;
  }

  /** Whether something can be added. */
  #open(): boolean {
    const life = this.#begun();
    if (this.#endedAt === 0) return life.ready(this.#open);
    if (life.holdings.state === 'open') {
      life.end();
      // Not just now.
      life.holdings.endedAt = this.#endedAt;
    }
    return false;
  }

  #late(kind: ResourceKind): () => void {
    reportLate(this.#begun().holdings, kind, this.#late);
    return nothing;
  }

  /** What an ended scope gives for a promise; that nobody waits for it must not end the process. */
  #refuse(): Promise<never> {
    const refused = Promise.reject(endedError(this.#settings));
    refused.catch(nothing);
    return refused;
  }

  #listen(resource: ListenerResource): () => void {
    const { holdings } = this.#begun();
    holdings.link(resource);
    try {
      resource.listen();
    } catch (error) {
      // An emitter that refuses, or whose 'newListener' throws.
      resource.drop();
      throw error;
    }
    return () => void resource.drop();
  }

  #time<T extends NodeJS.Timeout | NodeJS.Immediate>(resource: TimerResource, timer: T): T {
    resource.timer = timer;
    if (this.#open()) {
      this.#begun().holdings.link(resource);
    } else {
      resource.release();
      this.#late('timer');
    }
    return timer;
  }
}

/**
 * Makes a {@link Scope}: an owner of listeners, timers, streams and whatever else has to be let go of, which ends with
 * `until` or by `dispose()`.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` for an option of the wrong kind, or one that there is not;
 * `PLATEAU_INVALID_ARGUMENT` when `options` is not an object
 *
 * @example
 * const scope = createScope({ until: res });
 * scope.on(bus, 'price', (price) => res.write(`data: ${price}\n\n`));
 * scope.setInterval(() => res.write(':\n\n'), 15_000);
 */
export function createScope(options?: ScopeOptions): Scope {
  const { settings, until } = readScopeOptions(options);
  return Scope.make(settings, until, undefined);
}
