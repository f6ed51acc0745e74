/**
 * Estimates the memory that a cache entry retains, for `maxBytes` without a `sizeOf` of the user's own.
 *
 * Runs once per `set`, so it looks at a bounded number of things, allocates nothing for flat values, never
 * throws and runs no code of the value (one exception: accessors on the indices of an array). The byte counts
 * are V8's, on 64 bits without pointer compression; where they come from: docs/design/size-of.md.
 */

import { types } from 'node:util';
import {
  ARRAY,
  bufferOf,
  bufferSize,
  countIndices,
  DENSE_LENGTH,
  DICTIONARY_PROPERTIES,
  dictionaryCapacity,
  ERROR,
  flatSize,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  HEAD,
  HEAP_NUMBER,
  indexedSize,
  isSmi,
  isSparse,
  isStream,
  type Kind,
  kindOf,
  mapEntries,
  mapSize,
  OBJECT,
  OPAQUE,
  ownKeys,
  ownViewSize,
  powerOfTwo,
  SHORT_STRING,
  SLOT,
  STREAM,
  setEntries,
  setSize,
  stringOf,
  stringSize,
  VIEW,
} from './size-model';

/** A value is walked wholly if that takes no more visits than this (a visit: one object, or one child). */
const WHOLE_VISITS = 4_000;
/** Otherwise a sample of it is, with this many more… */
const SAMPLED_VISITS = 2_000;
/** …and no more than so many children of one object. */
const SAMPLED_CHILDREN = 128;

/**
 * The bytes that `value`, and `key` if it is given, keep alive: an estimate, within ±25 % of the growth of
 * heap and external memory for what caches usually hold.
 */
export function estimateSize(value: unknown, key?: unknown): number {
  const size = SLOT + flatSize(value) + (key === undefined ? 0 : SLOT + flatSize(key));
  return Number.isNaN(size) ? measure(value, key).bytes : size;
}

/** An estimate, with what it cost and how far it can be trusted. */
export interface Measurement {
  bytes: number;
  /** Objects, properties, elements and entries looked at; never more than 6,000. */
  visits: number;
  /** Whether all of it was seen; otherwise `bytes` is extrapolated from a sample. */
  complete: boolean;
}

/** {@link estimateSize} for what has to be walked, with an account of the work. */
export function measure(value: unknown, key?: unknown): Measurement {
  const whole = new Walk(WHOLE_VISITS, Number.POSITIVE_INFINITY);
  whole.run(value, key);
  if (whole.complete) return { bytes: whole.bytes, visits: whole.visits, complete: true };
  const sample = new Walk(SAMPLED_VISITS, SAMPLED_CHILDREN);
  sample.run(value, key);
  // What was really seen is a floor: a list of a million links shows no sign of its length.
  const bytes = Math.round(Math.max(whole.bytes, sample.bytes));
  return { bytes, visits: whole.visits + sample.visits, complete: false };
}

/**
 * One pass, breadth first, over everything reachable; whole, or a sample in which each thing looked at stands
 * for `weight` things.
 */
class Walk {
  bytes = 0;
  visits = 0;
  complete = true;
  readonly #budget: number;
  readonly #children: number;
  /** All objects met, the visited ones included, so that each is counted once. */
  readonly #queue: object[] = [];
  readonly #weights: number[] = [];
  /** Positions in the queue; while that is short, searching it is cheaper. */
  #positions: Map<object, number> | undefined;
  readonly #epoch = ++epoch;

  constructor(budget: number, children: number) {
    this.#budget = budget;
    this.#children = children;
  }

  run(value: unknown, key: unknown): void {
    this.bytes += SLOT;
    this.#add(value, 1);
    if (key !== undefined) {
      this.bytes += SLOT;
      this.#add(key, 1);
    }
    const queue = this.#queue;
    const whole = this.#children === Number.POSITIVE_INFINITY;
    let from = this.bytes;
    let visited = 0;
    for (let at = 0; at < queue.length; at++) {
      // A whole walk ends once what is queued cannot be finished, a sample when not even a child can be seen.
      const next = whole ? queue.length - at : 2;
      if (this.visits + next > this.#budget) {
        this.complete = false;
        if (!whole) this.#extrapolate(at, (this.bytes - from) / Math.max(1, visited));
        return;
      }
      const weight = this.#weights[at] as number;
      this.#visit(queue[at] as object, weight);
      if (whole && !this.complete) return;
      visited += weight;
      if (at === 0) {
        // The root says little about the average.
        visited = 0;
        from = this.bytes;
      }
    }
  }

  /** Charges what is still queued at the average of what was visited. */
  #extrapolate(at: number, average: number): void {
    for (; at < this.#weights.length; at++) this.bytes += average * (this.#weights[at] as number);
  }

  /** Charges what `child` needs beyond its slot. */
  #add(child: unknown, weight: number): void {
    if (typeof child === 'string') {
      if (child.length > 1 && child.length <= SHORT_STRING) this.#addShort(child, weight);
      else this.bytes += weight * stringSize(child);
    } else if (typeof child === 'object' && child !== null) {
      this.#enqueue(child, weight);
    } else {
      this.bytes += weight * flatSize(child);
    }
  }

  /** Equal short strings are charged once: nearly always they are one object, by JSON.parse or as literals. */
  #addShort(text: string, weight: number): void {
    const size = stringSize(text);
    const last = text.charCodeAt(text.length - 1);
    const at = (text.charCodeAt(0) * 31 + last * 7 + text.length) & (shortStrings.length - 1);
    if (shortEpochs[at] === this.#epoch && shortStrings[at] === text) {
      // The first of them then stood for itself alone.
      this.bytes -= size * ((shortWeights[at] as number) - 1);
      shortWeights[at] = 1;
      return;
    }
    shortEpochs[at] = this.#epoch;
    shortStrings[at] = text;
    shortWeights[at] = weight;
    this.bytes += weight * size;
  }

  #enqueue(child: object, weight: number): void {
    const known = this.#positionOf(child);
    if (known >= 0) {
      // Shared, so it stands for itself alone; too late if it was visited already.
      this.#weights[known] = 1;
      return;
    }
    this.#positions?.set(child, this.#queue.length);
    this.#queue.push(child);
    this.#weights.push(weight);
  }

  #positionOf(child: object): number {
    if (this.#positions === undefined) {
      if (this.#queue.length <= 8) return this.#queue.indexOf(child);
      this.#positions = new Map(this.#queue.map((known, at) => [known, at]));
    }
    return this.#positions.get(child) ?? -1;
  }

  /** How many of `count` children to look at: all or, if they are too many for a whole walk, none. */
  #take(count: number): number {
    const most = Math.min(count, this.#children);
    const left = this.#budget - this.visits;
    let taken = Math.min(most, left);
    if (taken < count) {
      this.complete = false;
      if (this.#children === Number.POSITIVE_INFINITY) taken = 0;
    }
    this.visits += taken;
    return taken;
  }

  #visit(value: object, weight: number): void {
    this.visits++;
    try {
      // First: anything else asked of a proxy would run its traps, or throw when it is revoked.
      if (types.isProxy(value)) {
        this.bytes += OPAQUE * weight;
        return;
      }
      const prototype: object | null = getPrototypeOf(value);
      if (prototype === Object.prototype) this.#visitRecord(value, 'plain', weight);
      else if (Array.isArray(value)) this.#visitArray(value, weight);
      else if (ArrayBuffer.isView(value)) this.#visitView(value, weight);
      else if (prototype === null) this.#visitRecord(value, 'bare', weight);
      else this.#visitObject(value, kindOf(value, prototype), weight);
    } catch {
      // Not what its prototype says, an uninitialised binding, or an accessor on an array index that threw.
      this.bytes += OPAQUE * weight;
    }
  }

  #visitArray(array: unknown[], weight: number): void {
    const { length } = array;
    this.bytes += weight * ARRAY;
    if (length === 0) return;
    if (length > DENSE_LENGTH && isSparse(array)) {
      const indices = ownKeys(array);
      this.bytes += weight * indexedSize(indices.length, length);
      this.#addProperties(array, indices, weight);
      return;
    }
    this.bytes += weight * (HEAD + SLOT * length);
    const taken = this.#take(length);
    const each = (weight * length) / taken;
    let doubles = 0;
    let onlyNumbers = true;
    for (let nth = 0; nth < taken; nth++) {
      const child = array[taken === length ? nth : Math.floor((nth * length) / taken)];
      if (typeof child === 'number') {
        if (!isSmi(child)) doubles++;
      } else {
        onlyNumbers = false;
        this.#add(child, each);
      }
    }
    // An array of nothing but numbers holds doubles in its slots.
    if (!onlyNumbers && doubles > 0) this.bytes += each * doubles * HEAP_NUMBER;
  }

  #visitView(view: ArrayBufferView, weight: number): void {
    const buffer = bufferOf(view);
    this.bytes += weight * (buffer === undefined ? ownViewSize(view) : VIEW);
    if (buffer !== undefined) this.#enqueue(buffer, weight);
  }

  #visitObject(value: object, kind: Kind, weight: number): void {
    if (kind === 'map') {
      this.#visitTable(mapEntries.call(value), mapSize.call(value), 3, weight);
    } else if (kind === 'set') {
      this.#visitTable(setEntries.call(value), setSize.call(value), 2, weight);
    } else if (kind === 'error') {
      this.bytes += weight * ERROR;
      this.#addProperties(value, ['message', 'cause', 'errors'], weight);
    } else if (kind === 'buffer') {
      this.bytes += weight * bufferSize(value as ArrayBufferLike);
    } else if (kind === 'string') {
      // Its own keys are one for each character.
      this.bytes += weight * (OBJECT + SLOT + stringSize(stringOf.call(value)));
      return;
    } else if (typeof kind === 'number') {
      this.bytes += weight * kind;
    } else {
      this.#visitRecord(value, kind, weight);
      return;
    }
    // Fields that a subclass or its user added.
    const keys = ownKeys(value);
    this.bytes += weight * SLOT * keys.length;
    this.#addProperties(value, keys, weight);
  }

  /** A Map or a Set, whose entries are pairs too. The table has `width` words an entry, buckets for every second. */
  #visitTable(entries: Iterable<[unknown, unknown]>, size: number, width: 2 | 3, weight: number): void {
    this.bytes += weight * (72 + (4 + SLOT * width) * Math.max(4, powerOfTwo(size)));
    let left = this.#take(size);
    if (left === 0) return;
    const each = (weight * size) / left;
    for (const [key, value] of entries) {
      this.#add(key, each);
      if (width === 3) this.#add(value, each);
      if (--left === 0) break;
    }
  }

  #visitRecord(value: object, kind: 'plain' | 'instance' | 'bare', weight: number): void {
    if (kind === 'instance' && isStream(value)) {
      this.bytes += weight * STREAM;
      return;
    }
    const keys = ownKeys(value);
    const indices = countIndices(keys);
    const named = keys.length - indices;
    if (kind === 'bare' || named >= DICTIONARY_PROPERTIES) {
      this.bytes += weight * (OBJECT + 64 + 24 * dictionaryCapacity(named));
    } else {
      // `{}` has room for four properties; filled with indices it keeps it.
      this.bytes += weight * (OBJECT + SLOT * Math.max(indices > 0 ? 4 : 1, named));
    }
    if (indices > 0) this.bytes += weight * indexedSize(indices, Number(keys[indices - 1]) + 1);
    this.#addProperties(value, keys, weight);
  }

  /** Adds what the properties of these names hold, through descriptors, so that no accessor runs. */
  #addProperties(value: object, keys: readonly string[], weight: number): void {
    const count = keys.length;
    const taken = this.#take(count);
    const each = (weight * count) / taken;
    for (let nth = 0; nth < taken; nth++) {
      const key = keys[taken === count ? nth : Math.floor((nth * count) / taken)] as string;
      const property = getOwnPropertyDescriptor(value, key);
      if (property !== undefined) this.#add(property.value, each);
    }
  }
}

/** One number for each walk, so that the table of short strings needs no clearing. */
let epoch = 0;
/** Short strings met, by a hash; all that stays referenced from here after a call. */
const shortStrings: string[] = new Array(64).fill('');
const shortEpochs = new Float64Array(64);
const shortWeights = new Float64Array(64);
