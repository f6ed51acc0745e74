/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi: "FIFO Queues are All You Need for Cache Eviction", SOSP 2023, §4):
 * new entries queue in a small FIFO (a tenth), those used twice move to the main FIFO, the others leave a
 * ghost; an entry whose ghost is found goes to the main queue at once. Main gives another round for each use
 * counted, up to three.
 *
 * A hit only counts: `hot[2 * slot]` is 1 plus the uses, capped at 4. The queues are linked lists over slots,
 * touched on insertion and eviction alone.
 */

import { Ghost } from './ghost';
import { fingerprint } from './key-hash';

const SMALL = 1;
const MAIN = 2;
/** Share of the cache that is the small queue, as in the paper. */
const SMALL_SHARE = 0.1;
/** `hot` value from which an entry leaves the small queue for the main one: two uses. */
const PROMOTE = 3;

/** One FIFO: a ring through slot 0-based head and tail. */
interface Queue {
  head: number;
  tail: number;
  count: number;
}

export class S3Fifo {
  #next: Int32Array;
  #previous: Int32Array;
  #where: Uint8Array;
  #fingerprints: Int32Array;
  /** Whether anything has been evicted yet. */
  #evicted = false;
  #small: Queue = { head: 0, tail: 0, count: 0 };
  #main: Queue = { head: 0, tail: 0, count: 0 };
  #ghost: Ghost;
  #limit: number;

  /** `limit` is the number of entries the cache may hold. */
  constructor(capacity: number, limit: number) {
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#where = new Uint8Array(capacity);
    this.#fingerprints = new Int32Array(capacity);
    this.#limit = limit;
    this.#ghost = new Ghost(ghostLimit(limit));
  }

  /**
   * An entry was added. Until the first eviction what the small queue has no room for goes to the main one, as in the
   * authors' simulator: the first keys would otherwise be evicted as soon as the cache is full.
   */
  inserted(slot: number, key: unknown): void {
    const print = fingerprint(key);
    this.#fingerprints[slot] = print;
    const filling = !this.#evicted && this.#small.count >= Math.floor(this.#limit * SMALL_SHARE);
    if (this.#ghost.take(print) || filling) this.#push(this.#main, MAIN, slot);
    else this.#push(this.#small, SMALL, slot);
  }

  removed(slot: number): void {
    this.#unlink(this.#where[slot] === SMALL ? this.#small : this.#main, slot);
    this.#where[slot] = 0;
  }

  /** Chooses whom to evict; the caller removes it. `keep` is never chosen. `size` is the number of entries. */
  victim(hot: Float64Array, size: number, keep: number): number {
    this.#evicted = true;
    // The queues' shares are of what the cache holds when full: of its limit, or less if bytes are the limit.
    const mainShare = Math.min(this.#limit, size) - Math.floor(Math.min(this.#limit, size) * SMALL_SHARE);
    for (;;) {
      const fromMain = this.#main.count > mainShare || this.#small.count === 0;
      const queue = fromMain ? this.#main : this.#small;
      const slot = queue.head;
      if (slot === 0) return 0;
      const uses = hot[2 * slot] as number;
      if (fromMain) {
        if (uses <= 1 && slot !== keep) return slot;
        this.#unlink(queue, slot);
        this.#push(this.#main, MAIN, slot);
        hot[2 * slot] = Math.max(1, uses - 1);
      } else if (uses >= PROMOTE || slot === keep) {
        this.#unlink(queue, slot);
        this.#push(this.#main, MAIN, slot);
        hot[2 * slot] = 1;
      } else {
        this.#ghost.add(this.#fingerprints[slot] as number);
        return slot;
      }
    }
  }

  /** Slots from the last to be evicted to the first, as far as the queues can tell. */
  *byRank(): Generator<number> {
    for (const queue of [this.#main, this.#small]) {
      for (let slot = queue.tail; slot !== 0; slot = this.#previous[slot] as number) yield slot;
    }
  }

  setLimit(limit: number): void {
    this.#limit = limit;
    this.#ghost.resize(ghostLimit(limit));
  }

  /** Makes room for slots below `capacity`, or renumbers them. */
  resize(capacity: number, rename: Int32Array | undefined): void {
    const queues: [Queue, number, number[]][] = [
      [this.#small, SMALL, this.#slots(this.#small)],
      [this.#main, MAIN, this.#slots(this.#main)],
    ];
    this.#next = new Int32Array(capacity);
    this.#previous = new Int32Array(capacity);
    this.#where = new Uint8Array(capacity);
    const prints = this.#fingerprints;
    this.#fingerprints = new Int32Array(capacity);
    for (const [queue, name, slots] of queues) {
      queue.head = queue.tail = queue.count = 0;
      for (const slot of slots) {
        const moved = rename === undefined ? slot : (rename[slot] as number);
        this.#fingerprints[moved] = prints[slot] as number;
        this.#push(queue, name, moved);
      }
    }
  }

  clear(capacity: number): void {
    this.#small = { head: 0, tail: 0, count: 0 };
    this.#main = { head: 0, tail: 0, count: 0 };
    this.#ghost.clear();
    this.#evicted = false;
    this.resize(capacity, undefined);
  }

  /** Whether a live slot is in the main queue; for tests. */
  isInMain(slot: number): boolean {
    return this.#where[slot] === MAIN;
  }

  /** Checks the queues; for tests. */
  validate(slots: readonly number[]): void {
    const queued = [...this.#slots(this.#small), ...this.#slots(this.#main)];
    const same = queued.length === slots.length && new Set([...queued, ...slots]).size === slots.length;
    if (!same) throw new Error(`${queued.length} slots are queued, ${slots.length} live`);
    if (this.#small.count + this.#main.count !== slots.length) throw new Error('queue counts are off');
  }

  #slots(queue: Queue): number[] {
    const slots: number[] = [];
    for (let slot = queue.head; slot !== 0; slot = this.#next[slot] as number) slots.push(slot);
    return slots;
  }

  #push(queue: Queue, name: number, slot: number): void {
    this.#where[slot] = name;
    this.#previous[slot] = queue.tail;
    this.#next[slot] = 0;
    if (queue.tail === 0) queue.head = slot;
    else this.#next[queue.tail] = slot;
    queue.tail = slot;
    queue.count++;
  }

  #unlink(queue: Queue, slot: number): void {
    const previous = this.#previous[slot] as number;
    const next = this.#next[slot] as number;
    if (previous === 0) queue.head = next;
    else this.#next[previous] = next;
    if (next === 0) queue.tail = previous;
    else this.#previous[next] = previous;
    queue.count--;
  }
}

function ghostLimit(limit: number): number {
  return limit - Math.floor(limit * SMALL_SHARE);
}
