/** What is still to be deleted in Redis since it could not be reached when it should have been. Bounded. */

/** Something to repair. One is made for each failure, so that a later one of the same key is told from it. */
export interface Repair {
  readonly name: string;
  readonly kind: 'key' | 'tag' | 'all';
}

/** Keys and tags remembered; more come to clearing the namespace. */
const MAX_KEYS = 10_000;
const MAX_TAGS = 1000;

export class Repairs {
  readonly #keys = new Map<string, Repair>();
  readonly #tags = new Map<string, Repair>();
  #all: Repair | undefined;

  get size(): number {
    return this.#keys.size + this.#tags.size + (this.#all === undefined ? 0 : 1);
  }

  get all(): Repair | undefined {
    return this.#all;
  }

  tags(): Repair[] {
    return [...this.#tags.values()];
  }

  keys(): Repair[] {
    return [...this.#keys.values()];
  }

  /** Whether what Redis has for a key may be what should be gone. A tag concerns all, as its keys are not known. */
  concerns(key: string): boolean {
    return this.size !== 0 && (this.#all !== undefined || this.#tags.size > 0 || this.#keys.has(key));
  }

  add(key: string): void {
    if (this.#all !== undefined) return;
    if (this.#keys.size >= MAX_KEYS && !this.#keys.has(key)) this.addAll();
    else this.#keys.set(key, { name: key, kind: 'key' });
  }

  addTag(tag: string): void {
    if (this.#all !== undefined) return;
    if (this.#tags.size >= MAX_TAGS && !this.#tags.has(tag)) this.addAll();
    else this.#tags.set(tag, { name: tag, kind: 'tag' });
  }

  /** All of the namespace has to go; that includes the rest. */
  addAll(): void {
    this.#keys.clear();
    this.#tags.clear();
    this.#all = { name: '', kind: 'all' };
  }

  /** Strikes out what `work` has repaired, unless it has failed anew meanwhile. */
  async done(repair: Repair, work: () => Promise<unknown>): Promise<void> {
    await work();
    const { name, kind } = repair;
    if (kind === 'all') {
      if (this.#all === repair) this.#all = undefined;
      return;
    }
    const items = kind === 'key' ? this.#keys : this.#tags;
    if (items.get(name) === repair) items.delete(name);
  }
}
