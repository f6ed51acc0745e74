/**
 * Entries that left the cache and whose `onRemove` has not run yet. Callbacks run once the cache is
 * consistent, so that they may call anything; what they throw comes out when all have run.
 */

/**
 * Why an entry left: `evicted` to make room, `expired` by its TTL, `deleted` on request, `replaced` by another
 * value of the same key, `cleared` with all others.
 */
export type RemovalReason = 'evicted' | 'expired' | 'deleted' | 'replaced' | 'cleared';

export class Removals<K, V> {
  readonly #callback: ((value: V, key: K, reason: RemovalReason) => void) | undefined;
  #queue: { value: V; key: K; reason: RemovalReason }[] = [];

  constructor(callback: ((value: V, key: K, reason: RemovalReason) => void) | undefined) {
    this.#callback = callback;
  }

  get pending(): boolean {
    return this.#queue.length > 0;
  }

  add(value: V, key: K, reason: RemovalReason): void {
    this.#queue.push({ value, key, reason });
  }

  /**
   * Calls back for everything queued, also for what the callbacks themselves remove through methods that
   * settle on their own. Throws what was thrown: one error as it is, several as an AggregateError.
   */
  run(): void {
    const queue = this.#queue;
    this.#queue = [];
    const errors: unknown[] = [];
    for (const { value, key, reason } of queue) {
      try {
        this.#callback?.(value, key, reason);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} onRemove callbacks threw`);
  }
}
