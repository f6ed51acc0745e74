/**
 * Insertion order, as a log of slots: an entry of the log counts if it is the last one of its slot.
 *
 * Appending writes in sequence and removing writes nothing to the log, where a linked list would touch three
 * entries. When the log is full it is compacted into another array. An iterator holds the log it began with:
 * a log that was replaced says by which (`next`) and keeps its last content, so that the iterator can work
 * out where to go on. That is how V8's own `Map` iterators survive a rehash.
 */

import { native } from '../native';
import type { Memory } from './memory';

/** Entries from which Rust compacts the log. */
const WORTH_A_CALL = 512;

/** One array of slots. */
export interface LogPage {
  /** In a page that was replaced, 0 stands for what was not live any more. */
  slots: Int32Array;
  /** How many are in use. */
  end: number;
  /** What replaced this page. */
  next: LogPage | undefined;
  /** Whether it was replaced because everything was removed: then iterators begin again. */
  cleared: boolean;
}

export class OrderLog {
  /** Bytes of the arrays for so many slots. */
  static sizes(capacity: number): number[] {
    return [8 * capacity, 4 * capacity];
  }

  page: LogPage;
  readonly #memory: Memory;
  /** Where in the page each slot stands; for a free one, -1 less the free slot after it: the list of free slots. */
  #positions: Int32Array;
  /** The slot freed last, 0 for none. */
  #free = 0;
  /** Some iterator has been here: it, or one that follows a chain of pages, may rely on their positions. */
  #shared = false;

  constructor(capacity: number, memory: Memory) {
    this.#memory = memory;
    this.#positions = newPositions(memory.int32(capacity));
    this.page = newPage(memory.int32(2 * capacity));
  }

  append(slot: number): void {
    let page = this.page;
    if (page.end === page.slots.length) page = this.#compact(page.slots.length);
    this.#positions[slot] = page.end;
    page.slots[page.end++] = slot;
  }

  /** The live slots in insertion order. */
  slots(): number[] {
    const { slots, end } = this.page;
    const live: number[] = [];
    for (let at = 0; at < end; at++) if (this.isLive(at)) live.push(slots[at] as number);
    return live;
  }

  /** Whether what stands at `at` of the current page is live. */
  isLive(at: number): boolean {
    return this.#positions[this.page.slots[at] as number] === at;
  }

  /** Takes a slot out, and keeps it among the free ones. A slot that is appended again need not be taken out. */
  remove(slot: number): void {
    this.#positions[slot] = -1 - this.#free;
    this.#free = slot;
  }

  /** A free slot, to be appended; 0 if there is none. */
  takeFree(): number {
    const slot = this.#free;
    if (slot !== 0) this.#free = -1 - (this.#positions[slot] as number);
    return slot;
  }

  /** How many slots are free; for tests. */
  countFree(): number {
    let count = 0;
    for (let slot = this.#free; slot !== 0; slot = -1 - (this.#positions[slot] as number)) count++;
    return count;
  }

  /** Makes room for slots below `capacity`. */
  resize(capacity: number): void {
    const positions = newPositions(this.#memory.int32(capacity));
    positions.set(
      this.#positions.length <= capacity ? this.#positions : this.#positions.subarray(0, capacity),
    );
    this.#positions = positions;
    this.#compact(2 * capacity);
  }

  /** Gives every live slot the number `rename[slot]`, in place: iterators notice nothing. The free ones are gone. */
  rename(rename: Int32Array): void {
    const { slots, end } = this.page;
    const positions = newPositions(new Int32Array(this.#positions.length));
    for (let at = 0; at < end; at++) {
      const slot = slots[at] as number;
      if (this.#positions[slot] !== at) {
        slots[at] = 0;
        continue;
      }
      const name = rename[slot] as number;
      slots[at] = name;
      positions[name] = at;
    }
    this.#positions = positions;
    this.#free = 0;
  }

  clear(capacity: number): void {
    const old = this.page;
    this.#positions = newPositions(this.#memory.int32(capacity));
    this.#free = 0;
    this.page = newPage(this.#memory.int32(2 * capacity));
    old.next = this.page;
    old.cleared = true;
  }

  /** The page to begin an iteration with. */
  share(): LogPage {
    this.#shared = true;
    return this.page;
  }

  /** Moves what is live into `length` places; the others are at least half, or the array has grown. */
  #compact(length: number): LogPage {
    const old = this.page;
    const inPlace = !this.#shared && length === old.slots.length;
    if (inPlace && old.end >= WORTH_A_CALL) {
      old.end = native.compactLog(old.slots, old.end, this.#positions);
      return old;
    }
    const page = inPlace ? old : newPage(this.#memory.int32(length));
    const positions = this.#positions;
    const from = old.slots;
    const to = page.slots;
    let end = 0;
    for (let at = 0; at < old.end; at++) {
      const slot = from[at] as number;
      if (positions[slot] !== at) {
        from[at] = 0;
        continue;
      }
      positions[slot] = end;
      to[end++] = slot;
    }
    page.end = end;
    if (!inPlace) {
      old.next = page;
      this.page = page;
    }
    return page;
  }
}

/** Slot 0 is none, and stands nowhere. */
function newPositions(positions: Int32Array): Int32Array {
  positions[0] = -1;
  return positions;
}

function newPage(slots: Int32Array): LogPage {
  return { slots, end: 0, next: undefined, cleared: false };
}

/** Walks the live slots in insertion order, including those added on the way. */
export class OrderCursor {
  readonly #log: OrderLog;
  #page: LogPage;
  #at = 0;

  constructor(log: OrderLog) {
    this.#log = log;
    this.#page = log.share();
  }

  /** The next slot, or 0 at the end. */
  next(): number {
    while (this.#page.next !== undefined) this.#follow(this.#page, this.#page.next);
    const { slots, end } = this.#page;
    while (this.#at < end) {
      const at = this.#at++;
      if (this.#log.isLive(at)) return slots[at] as number;
    }
    return 0;
  }

  /** What was passed on the old page is passed on the new one: its live slots are the first ones there. */
  #follow(old: LogPage, page: LogPage): void {
    let live = 0;
    if (!old.cleared) {
      for (let at = 0; at < this.#at; at++) if (old.slots[at] !== 0) live++;
    }
    this.#at = live;
    this.#page = page;
  }
}
