/** The resources of scopes other than listeners and fetches: each knows how it ends, and how it is let go. */

import { invalidArgument } from '../errors';
import { onEnd } from '../lifetime/ending';
import { isDestroyable, isEmitter, isObject } from '../lifetime/shapes';
import { asyncDispose, dispose } from '../lifetime/symbols';
import { ended, type Waited, type Waiter } from '../lifetime/waiters';
import type { CallSite } from '../sites/call-site';
import { type Holdings, Resource, type Work } from './holdings';

/** A stream, as little of it as is needed. */
export interface StreamLike {
  readonly destroyed: boolean;
  destroy(error?: Error): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: streams declare their events in many ways
  on(event: any, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  removeListener(event: any, listener: (...args: any[]) => void): unknown;
}

/** What `use` takes. */
export type AnyDisposable = Disposable | AsyncDisposable;

type TimerHandle = NodeJS.Timeout | NodeJS.Immediate;

export class TimerResource extends Resource {
  readonly kind = 'timer';
  timer: TimerHandle | undefined = undefined;
  readonly #clear: (timer: never) => void;

  constructor(clear: (timer: never) => void) {
    super();
    this.#clear = clear;
  }

  override get handle(): object | undefined {
    // Where timers are numbers (a test's fakes may be) they are not found, only cleared.
    return typeof this.timer === 'object' ? this.timer : undefined;
  }

  release(): void {
    this.#clear(this.timer as never);
  }

  /** Cleared by somebody else; Node says so under this name since timers are objects. */
  override isGone(): boolean {
    return (this.timer as { _destroyed?: unknown } | undefined)?._destroyed === true;
  }
}

/** What a timer that fires once calls: it has ended before the function runs. */
export function fire(resource: TimerResource, fn: (...args: never[]) => void, args: never[]): void {
  resource.leave();
  fn.apply(resource.timer, args);
}

export class StreamResource extends Resource implements Waiter {
  readonly kind = 'stream';
  readonly #stream: StreamLike;
  #waited: Waited | undefined = undefined;

  constructor(stream: StreamLike) {
    super();
    this.#stream = stream;
  }

  override get handle(): object {
    return this.#stream;
  }

  /** Waits for the stream's own end. Whether it has not ended yet. */
  watch(): boolean {
    this.#waited = onEnd(this.#stream, this, 'stream');
    return this.#waited !== undefined;
  }

  [ended](): void {
    this.leave();
  }

  release(): void {
    this.#waited?.remove(this);
    destroy(this.#stream);
  }
}

/** Destroys a stream. That may make it emit an error (a request says "socket hang up"), which is nobody's any more. */
export function destroy(stream: StreamLike): void {
  if (stream.destroyed) return;
  const done = (): void => {
    stream.removeListener('error', ignore);
    stream.removeListener('close', done);
  };
  stream.on('error', ignore);
  stream.on('close', done);
  stream.destroy();
}

function ignore(): void {}

/** Checks what `stream` takes. */
export function readStream(value: unknown): void {
  if (!isObject(value) || !isDestroyable(value) || !isEmitter(value))
    throw invalidArgument('stream', "a stream of Node's", value);
}

/** A disposable, or a function that was deferred. */
export class CallbackResource extends Resource {
  readonly kind: 'callback' | 'disposable';
  readonly #release: () => unknown;
  readonly #handle: object | undefined;

  constructor(kind: 'callback' | 'disposable', release: () => unknown, handle: object | undefined) {
    super();
    this.kind = kind;
    this.#release = release;
    this.#handle = handle;
  }

  override get handle(): object | undefined {
    return this.#handle;
  }

  release(): unknown {
    const release = this.#release;
    return release();
  }
}

/** How a disposable is disposed of; as `await using` does, the asynchronous way where it has both. */
export function disposerOf(value: unknown): () => unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null)
    throw notDisposable(value);
  const it = value as Partial<Record<symbol, unknown>>;
  const method = it[asyncDispose] ?? it[dispose];
  if (typeof method !== 'function') throw notDisposable(value);
  return () => method.call(value);
}

function notDisposable(value: unknown): TypeError {
  return invalidArgument('disposable', 'an object with [Symbol.dispose]() or [Symbol.asyncDispose]()', value);
}

/** A wait that the end of the scope rejects. */
export class WaitResource extends Resource {
  readonly kind = 'wait';
  readonly #cancel: () => void;

  constructor(cancel: () => void) {
    super();
    this.#cancel = cancel;
  }

  release(): void {
    this.#cancel();
  }
}

/** A promise that is tracked: it cannot be stopped, only reported when it goes on for too long after the end. */
export class WorkResource extends Resource implements Work {
  readonly kind = 'work';
  readonly site: CallSite | undefined;
  readonly #within: Holdings;

  constructor(within: Holdings, site: CallSite | undefined) {
    super();
    this.#within = within;
    this.site = site;
  }

  release(): void {
    if (!this.#within.settings.watched) return;
    this.#within.outliving ??= new Set();
    this.#within.outliving.add(this);
  }

  settled(): void {
    if (!this.leave()) this.#within.outliving?.delete(this);
  }
}

/** What keeps a scope waiting for its end when nothing else is held: somebody has its signal. */
export class SignalResource extends Resource {
  readonly kind = 'hidden';

  release(): void {}
}
