/**
 * What a log keeps its records in: a ring of segments, so that neither growing nor letting go ever moves a record.
 *
 * Records are numbered in the order they came, for ever. `head` is the oldest held, `next` the one to come; record n
 * is in segment ⌊n / length⌋ at n mod length. Invariant: exactly the places of head … next - 1 hold records, all other
 * places hold `undefined`, and no segment is kept that has none of them, but the one being filled and one spare.
 * See `docs/design/log.md`.
 */

/** Records in a segment: a quarter of the bound, within these. */
const SHORTEST = 16;
const LONGEST = 1024;

interface Segment<T> {
  readonly records: (T | undefined)[];
  /** Only where they are needed: bytes of each record, and when it came. */
  readonly sizes: number[] | undefined;
  readonly times: number[] | undefined;
  /** The sum of the sizes of what is still there. */
  bytes: number;
}

export class Segments<T> {
  head = 0;
  next = 0;
  bytes = 0;
  readonly #length: number;
  readonly #mask: number;
  readonly #sized: boolean;
  readonly #timed: boolean;
  /** A power of two of places for segments; number k is at k mod its length. */
  #ring: (Segment<T> | undefined)[] = [undefined];
  #first: Segment<T> | undefined;
  #last: Segment<T> | undefined;
  #spare: Segment<T> | undefined;

  constructor(maxEntries: number, sized: boolean, timed: boolean) {
    let length = SHORTEST;
    while (length < LONGEST && length * 4 < maxEntries) length *= 2;
    this.#length = length;
    this.#mask = length - 1;
    this.#sized = sized;
    this.#timed = timed;
  }

  get size(): number {
    return this.next - this.head;
  }

  /** The record of that number, which must be held. */
  get(sequence: number): T {
    const segment = this.#ring[this.#placeOf(sequence)] as Segment<T>;
    return segment.records[sequence & this.#mask] as T;
  }

  /** When the oldest record came. There must be one. */
  oldestTime(): number {
    return this.#first?.times?.[this.head & this.#mask] as number;
  }

  push(record: T, size: number, time: number): void {
    const at = this.next & this.#mask;
    const segment = at === 0 ? this.#append() : (this.#last as Segment<T>);
    segment.records[at] = record;
    if (segment.sizes !== undefined) {
      segment.sizes[at] = size;
      segment.bytes += size;
      this.bytes += size;
    }
    if (segment.times !== undefined) segment.times[at] = time;
    this.next++;
  }

  /** Lets go of the oldest record. There must be one. */
  drop(): void {
    const segment = this.#first as Segment<T>;
    const at = this.head & this.#mask;
    segment.records[at] = undefined;
    if (segment.sizes !== undefined) {
      const size = segment.sizes[at] as number;
      segment.bytes -= size;
      this.bytes -= size;
    }
    this.head++;
    // Sums of fractions drift.
    if (this.head === this.next) this.bytes = 0;
    if (at === this.#mask) {
      segment.bytes = 0;
      this.#spare = segment;
      this.#shift();
    }
  }

  /** Lets go of the oldest until no more than so many bytes are left; returns how many. */
  dropToBytes(bytes: number): number {
    return this.#dropWhile(
      (segment) => this.bytes - segment.bytes > bytes,
      () => this.bytes > bytes,
    );
  }

  /** Lets go of what came at `time` or before; returns how many. */
  dropUntil(time: number): number {
    return this.#dropWhile(
      (segment) => (segment.times?.[this.#mask] as number) <= time,
      () => this.oldestTime() <= time,
    );
  }

  /** Lets go of the oldest until `size` are left; returns how many. */
  dropToSize(size: number): number {
    return this.#dropWhile(
      () => this.size - this.#leftInFirst() >= size,
      () => this.size > size,
    );
  }

  /**
   * Whole segments where all of one may go, then single records. So a million records that go at once take a
   * thousand steps.
   */
  #dropWhile(whole: (segment: Segment<T>) => boolean, one: () => boolean): number {
    const before = this.head;
    while (this.#first !== undefined && this.#first !== this.#last && whole(this.#first)) {
      this.head += this.#leftInFirst();
      this.bytes -= this.#first.bytes;
      this.#shift(this.head - 1);
    }
    while (this.head < this.next && one()) this.drop();
    return this.head - before;
  }

  /** Lets go of everything; numbers go on, so that an iterator does not take new records for old ones. */
  clear(): void {
    const { next } = this;
    // To the start of a segment.
    this.next = Math.ceil(next / this.#length) * this.#length;
    this.head = this.next;
    this.bytes = 0;
    this.#ring = [undefined];
    this.#first = undefined;
    this.#last = undefined;
    this.#spare = undefined;
  }

  #placeOf(sequence: number): number {
    // Exact up to 2^53: `&` takes the lowest bits of any whole number.
    return Math.floor(sequence / this.#length) & (this.#ring.length - 1);
  }

  #leftInFirst(): number {
    return this.#length - (this.head & this.#mask);
  }

  /** A segment for `next`, which begins one. */
  #append(): Segment<T> {
    const used = Math.floor(this.next / this.#length) - Math.floor(this.head / this.#length);
    if (used >= this.#ring.length) this.#widen(used);
    const segment = this.#spare ?? {
      records: [],
      sizes: this.#sized ? [] : undefined,
      times: this.#timed ? [] : undefined,
      bytes: 0,
    };
    this.#spare = undefined;
    this.#ring[this.#placeOf(this.next)] = segment;
    this.#first ??= segment;
    this.#last = segment;
    return segment;
  }

  #widen(used: number): void {
    const from = Math.floor(this.head / this.#length);
    const old = this.#ring;
    const wider: (Segment<T> | undefined)[] = new Array(old.length * 2).fill(undefined);
    for (let k = from; k < from + used; k++) {
      wider[k & (wider.length - 1)] = old[k & (old.length - 1)];
    }
    this.#ring = wider;
  }

  /** Lets go of the first segment, in which nothing is left; `last` is the number of a record that it had. */
  #shift(last = this.head - 1): void {
    this.#ring[this.#placeOf(last)] = undefined;
    if (this.#first === this.#last) {
      this.#first = undefined;
      this.#last = undefined;
    } else this.#first = this.#ring[this.#placeOf(this.head)];
  }

  /** Checks the invariant, for tests. */
  validate(): void {
    const places = new Set<unknown>();
    let held = 0;
    let bytes = 0;
    for (const segment of [...this.#ring, this.#spare]) {
      if (segment === undefined) continue;
      if (places.has(segment)) throw new Error('a segment stands in two places');
      places.add(segment);
      for (const record of segment.records) if (record !== undefined) held++;
      bytes += segment.bytes;
    }
    if (held > this.size) throw new Error(`${held} records are kept of ${this.size}`);
    if (Math.abs(bytes - this.bytes) > 1e-6) throw new Error(`${bytes} bytes in segments of ${this.bytes}`);
    for (let n = this.head; n < this.next; n++) this.get(n);
    const needed = Math.ceil((this.size + 1) / this.#length) + 2;
    if (places.size > needed + 1) throw new Error(`${places.size} segments for ${this.size} records`);
  }
}
