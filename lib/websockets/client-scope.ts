/**
 * The scope of one WebSocket client: what it is given is cleaned up when the client has ended.
 *
 * The only file here that knows how a scope is made.
 */

import { invalidArgument, plateauError } from '../errors';
import { type Ends, onDispose } from '../lifetime/ending';
import { reportError } from '../lifetime/report-error';

/** What {@link WebSocketSupervisor.scopeOf} gives: it ends with its client. */
export interface ClientScope extends Ends {
  /** Aborted when the client has ended. */
  readonly signal: AbortSignal;
  /**
   * Runs `cleanup` when the client has ended, the last one first. What it throws or rejects with becomes a process
   * warning. @throws Error `PLATEAU_DISPOSED` when the client has ended already: then nobody else would run it.
   */
  defer(cleanup: () => unknown): void;
  /** Disposes of `resource` (`Symbol.dispose`, or else `Symbol.asyncDispose`) when the client has ended; returns it. */
  use<T extends object>(resource: T): T;
  /** Cleans up now. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** A new scope, which the supervisor disposes of when the client has ended. */
export function createClientScope(): ClientScope {
  return new Scope();
}

class Scope implements ClientScope {
  #cleanups: (() => unknown)[] | undefined = [];
  readonly #ended = new Set<() => void>();
  #controller: AbortController | undefined;

  get disposed(): boolean {
    return this.#cleanups === undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.disposed) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  defer(cleanup: () => unknown): void {
    if (typeof cleanup !== 'function') throw invalidArgument('cleanup', 'a function', cleanup);
    if (this.#cleanups === undefined) {
      throw plateauError('PLATEAU_DISPOSED', 'the scope of this WebSocket client has ended');
    }
    this.#cleanups.push(cleanup);
  }

  use<T extends object>(resource: T): T {
    const it = resource as { [Symbol.dispose]?: unknown; [Symbol.asyncDispose]?: unknown } | null | undefined;
    const dispose = it?.[Symbol.dispose] ?? it?.[Symbol.asyncDispose];
    if (typeof dispose !== 'function') {
      throw invalidArgument('resource', 'an object with Symbol.dispose or Symbol.asyncDispose', resource);
    }
    this.defer(() => dispose.call(resource));
    return resource;
  }

  dispose(): void {
    const cleanups = this.#cleanups;
    if (cleanups === undefined) return;
    this.#cleanups = undefined;
    // First those who only want to know, so that work in flight stops before what it uses is taken away.
    run(() => this.#controller?.abort());
    for (const callback of this.#ended) run(callback);
    this.#ended.clear();
    for (let i = cleanups.length - 1; i >= 0; i--) run(cleanups[i] as () => unknown);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  [onDispose](callback: () => void): () => void {
    if (this.disposed) return () => {};
    const entry = (): void => callback();
    this.#ended.add(entry);
    return () => void this.#ended.delete(entry);
  }
}

function run(cleanup: () => unknown): void {
  const report = (error: unknown): void =>
    reportError(error, 'while the scope of a WebSocket client was cleaned up');
  try {
    const result = cleanup();
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}
