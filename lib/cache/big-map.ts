/**
 * A `Map` without V8's size limit.
 *
 * One `Map` fails with "Map maximum size exceeded" at 16.7 million entries, and at half of that once keys
 * come and go. This one starts another `Map` when the last is large. Only keys the cache's own index cannot
 * hold end up here, so that in practice there is one part, and the loops run once.
 */

/** Deleted entries count towards V8's limit until the next rehash: stay at a quarter of it. */
const PART = 1 << 22;

export class BigMap<K> {
  #parts: Map<K, number>[] = [new Map()];
  readonly #limit: number;

  constructor(limit = PART) {
    this.#limit = limit;
  }

  get size(): number {
    let size = 0;
    for (const part of this.#parts) size += part.size;
    return size;
  }

  /** The value of `key`, or 0, which is no slot. */
  get(key: K): number {
    for (const part of this.#parts) {
      const value = part.get(key);
      if (value !== undefined) return value;
    }
    return 0;
  }

  /** Adds a key that is not there yet. */
  add(key: K, value: number): void {
    for (const part of this.#parts) {
      if (part.size < this.#limit) {
        part.set(key, value);
        return;
      }
    }
    this.#parts.push(new Map([[key, value]]));
  }

  delete(key: K): void {
    for (let i = 0; i < this.#parts.length; i++) {
      const part = this.#parts[i] as Map<K, number>;
      if (!part.delete(key)) continue;
      if (part.size === 0 && this.#parts.length > 1) this.#parts.splice(i, 1);
      return;
    }
  }

  /** Gives every value the number `names[value]`. */
  rename(names: Int32Array): void {
    for (const part of this.#parts) {
      for (const [key, value] of part) part.set(key, names[value] as number);
    }
  }

  clear(): void {
    this.#parts = [new Map()];
  }

  *values(): IterableIterator<number> {
    for (const part of this.#parts) yield* part.values();
  }

  *[Symbol.iterator](): IterableIterator<[K, number]> {
    for (const part of this.#parts) yield* part;
  }
}
