/** Telling `dispose` and `disposeAfter` of what leaves. */

import type { LruDisposeReason } from './status';
import type { DisposeTask, LruDisposer } from './types';

export class Disposal<K, V> {
  readonly #before: LruDisposer<K, V> | undefined;
  readonly #after: LruDisposer<K, V> | undefined;
  /** What `disposeAfter` is still to be called with. */
  readonly #left: DisposeTask<K, V>[] = [];

  constructor(dispose: LruDisposer<K, V> | undefined, disposeAfter: LruDisposer<K, V> | undefined) {
    this.#before = dispose;
    this.#after = disposeAfter;
  }

  /** A value is about to leave. If `dispose` throws, it does not. */
  announce(value: V, key: K, reason: LruDisposeReason): void {
    this.#before?.(value, key, reason);
    if (this.#after !== undefined) this.#left.push([value, key, reason]);
  }

  /** All that was announced has left. If `disposeAfter` throws, the others are told the next time. */
  flush(): void {
    if (this.#after === undefined) return;
    for (let task = this.#left.shift(); task !== undefined; task = this.#left.shift()) this.#after(...task);
  }
}
