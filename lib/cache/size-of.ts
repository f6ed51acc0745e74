/**
 * Estimates the memory that a cache entry retains, for `maxBytes` without a `sizeOf` of the user's own.
 *
 * Runs once per `set`, so it looks at a bounded number of things, allocates nothing for flat values, never
 * throws and runs no code of the value (one exception: accessors on the indices of an array). The byte counts
 * are V8's, on 64 bits without pointer compression; where they come from: docs/design/size-of.md.
 */

import { types } from 'node:util';

/** A value is walked wholly if that takes no more visits than this (a visit: one object, or one child). */
const WHOLE_VISITS = 4_000;
/** Otherwise a sample of it is, with this many more… */
const SAMPLED_VISITS = 2_000;
/** …and no more than so many children of one object. */
const SAMPLED_CHILDREN = 128;

/** A pointer, or what is stored in its place: each value, key, element and property has one. */
const SLOT = 8;
const OBJECT = 24;
const ARRAY = 32;
/** The head of a string, a bigint or a backing store; also a whole HeapNumber's size. */
const HEAD = 16;
const HEAP_NUMBER = 16;
const DATE = 112;
const REGEXP = 256;
/** With a captured stack of the usual ten frames. */
const ERROR = 760;
const ARRAY_BUFFER = 88;
const VIEW = 96;
/** Functions, promises, proxies, weak references: what they hold cannot be seen. */
const OPAQUE = 96;
/** Streams: their fields lead to sockets, parsers and listeners, which the entry does not own. */
const STREAM = 1_024;

/** V8 keeps up to so many bytes of a typed array inside its object. */
const INLINE_VIEW = 64;
/** From so many named properties on, an object of JSON.parse has a dictionary instead of a hidden class. */
const DICTIONARY_PROPERTIES = 128;
/** Up to this length an array is dense; V8 makes it sparse only when written 1,024 past its end. */
const DENSE_LENGTH = 1_024;
/** Counting elements takes time by the length of an allocated array, so beyond this all are taken as present… */
const COUNTABLE_LENGTH = 1_000_000;
/** …unless the array is longer than any that V8 allocates at once. */
const LONGEST_ALLOCATED = 32 * 1024 * 1024;
const SPARSE_PROBES = 64;
/** How far up its prototypes the class of an object is looked for. */
const LONGEST_CHAIN = 16;

/** What JSON.parse internalises: equal strings up to this length are one object. */
const SHORT_STRING = 10;
/** Up to here a loop beats the regular expression. */
const LOOPED_STRING = 12;
/** Longer strings are looked at in four places, so that none costs more than about 50 µs. */
const SCANNED_STRING = 65_536;
const WIDE = /[\u0100-\uffff]/;
const NOTHING = /(?:)/;

/** How an object is measured; a number is its size. */
type Kind = 'plain' | 'instance' | 'bare' | 'map' | 'set' | 'error' | 'buffer' | 'string' | number;

const kinds = new Map<object, Kind>([
  [Object.prototype, 'plain'],
  [Map.prototype, 'map'],
  [Set.prototype, 'set'],
  [Error.prototype, 'error'],
  [ArrayBuffer.prototype, 'buffer'],
  [SharedArrayBuffer.prototype, 'buffer'],
  [String.prototype, 'string'],
  [Date.prototype, DATE],
  [RegExp.prototype, REGEXP],
  [Promise.prototype, OPAQUE],
  [WeakMap.prototype, OPAQUE],
  [WeakSet.prototype, OPAQUE],
  [WeakRef.prototype, OPAQUE],
]);

// The intrinsics, because an instance or a subclass can shadow each of these names with code of its own.
const { getPrototypeOf, getOwnPropertyDescriptor, keys: ownKeys } = Object;
const hasOwn = Object.prototype.hasOwnProperty;
const stringOf = String.prototype.valueOf;
const mapEntries: (this: unknown) => MapIterator<[unknown, unknown]> = Map.prototype.entries;
const setEntries: (this: unknown) => SetIterator<[unknown, unknown]> = Set.prototype.entries;
const mapSize = getterOf<number>(Map.prototype, 'size');
const setSize = getterOf<number>(Set.prototype, 'size');
const bufferLength = getterOf<number>(ArrayBuffer.prototype, 'byteLength');
const sharedLength = getterOf<number>(SharedArrayBuffer.prototype, 'byteLength');
const dataViewBuffer = getterOf<ArrayBufferLike>(DataView.prototype, 'buffer');
const typedArray: object = getPrototypeOf(Uint8Array.prototype);
const typedTag = getterOf<string | undefined>(typedArray, Symbol.toStringTag);
const typedLength = getterOf<number>(typedArray, 'byteLength');
const typedOffset = getterOf<number>(typedArray, 'byteOffset');
const typedBuffer = getterOf<ArrayBufferLike>(typedArray, 'buffer');

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

/** What a value needs beyond its slot; NaN for an object that has to be walked. */
function flatSize(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return stringSize(value);
    case 'number':
      return isSmi(value) ? 0 : HEAP_NUMBER;
    case 'bigint':
      return bigintSize(value);
    case 'symbol':
      return OBJECT + stringSize(value.description ?? '');
    case 'function':
      return OPAQUE;
    case 'object':
      if (value === null) return 0;
      return ArrayBuffer.isView(value) ? viewSize(value) : Number.NaN;
    default:
      return 0;
  }
}

/** Whether V8 stores the number in the slot itself. */
function isSmi(value: number): boolean {
  return (value | 0) === value;
}

function stringSize(text: string): number {
  const { length } = text;
  if (length === 0) return 0;
  // V8 has one object for each character of Latin-1.
  if (length === 1) return text.charCodeAt(0) <= 0xff ? 0 : HEAD + SLOT;
  return HEAD + roundUp(isWide(text) ? 2 * length : length);
}

/**
 * Whether a string needs two bytes a character.
 *
 * For a pattern that no one-byte string can match, V8 compiles a one-byte program that fails at once, whatever
 * the length. Two-byte strings are read up to the first wide character.
 */
function isWide(text: string): boolean {
  const { length } = text;
  if (length <= LOOPED_STRING) {
    for (let at = 0; at < length; at++) if (text.charCodeAt(at) > 0xff) return true;
    return false;
  }
  if (length <= SCANNED_STRING) return WIDE.test(text);
  const window = SCANNED_STRING / 4;
  let wide = false;
  for (let nth = 0; nth < 4 && !wide; nth++) {
    const from = Math.floor((nth * (length - window)) / 3);
    wide = WIDE.test(text.slice(from, from + window));
  }
  // The last string that matched stays reachable through RegExp.input: better a short one.
  if (wide) NOTHING.test('');
  return wide;
}

/** By widths of which truncation leaves the number what it is: doubled, then taken back by steps. */
function bigintSize(value: bigint): number {
  let bits = 64;
  while (BigInt.asIntN(bits, value) !== value) bits *= 2;
  for (let step = bits / 4; step >= 64 && step * 16 >= bits; step /= 2) {
    if (BigInt.asIntN(bits - step, value) === value) bits -= step;
  }
  return HEAD + bits / 8;
}

function viewSize(view: ArrayBufferView): number {
  const buffer = bufferOf(view);
  return buffer === undefined ? ownViewSize(view) : VIEW + bufferSize(buffer);
}

/** The buffer that a view keeps alive all of; none if its bytes are its own, or a slice of a shared pool. */
function bufferOf(view: ArrayBufferView): ArrayBufferLike | undefined {
  if (typedTag.call(view) === undefined) return dataViewBuffer.call(view);
  if (isInline(view)) return undefined;
  const buffer = typedBuffer.call(view);
  const whole = bufferSize(buffer) - ARRAY_BUFFER;
  return typedLength.call(view) < whole && whole <= Buffer.poolSize ? undefined : buffer;
}

/** The size of a view for which there is no {@link bufferOf}. */
function ownViewSize(view: ArrayBufferView): number {
  const length = typedLength.call(view);
  return VIEW + (isInline(view) ? ARRAY_BUFFER + HEAD + roundUp(length) : length);
}

/** To be known without asking for the buffer: that would move the bytes out of the object for good. */
function isInline(view: ArrayBufferView): boolean {
  return typedLength.call(view) <= INLINE_VIEW && typedOffset.call(view) === 0;
}

function bufferSize(buffer: ArrayBufferLike): number {
  return ARRAY_BUFFER + (types.isSharedArrayBuffer(buffer) ? sharedLength : bufferLength).call(buffer);
}

/** By the first prototype that is known, so that an instance costs a few look-ups and not a test for each type. */
function kindOf(value: object, prototype: object): Kind {
  let next: object | null = prototype;
  for (let up = 0; up < LONGEST_CHAIN && next !== null && !types.isProxy(next); up++) {
    const kind = kinds.get(next);
    if (kind !== undefined) return kind === 'plain' ? 'instance' : kind;
    next = getPrototypeOf(next);
  }
  return next === null ? foreignKind(value) : 'instance';
}

/** For an object whose prototypes end in none of ours: of another realm, or of a class that extends null. */
function foreignKind(value: object): Kind {
  if (types.isMap(value)) return 'map';
  if (types.isSet(value)) return 'set';
  if (types.isNativeError(value)) return 'error';
  if (types.isAnyArrayBuffer(value)) return 'buffer';
  if (types.isStringObject(value)) return 'string';
  if (types.isDate(value)) return DATE;
  return types.isRegExp(value) ? REGEXP : 'instance';
}

function isStream(value: object): boolean {
  return hasOwn.call(value, '_readableState') || hasOwn.call(value, '_writableState');
}

/** Whether so few elements of a long array are present that V8 keeps them in a dictionary. */
function isSparse(array: readonly unknown[]): boolean {
  const { length } = array;
  if (length > COUNTABLE_LENGTH && length <= LONGEST_ALLOCATED) return false;
  let present = 0;
  for (let nth = 0; nth < SPARSE_PROBES; nth++) {
    if (hasOwn.call(array, Math.floor((nth * length) / SPARSE_PROBES))) present++;
  }
  return present * 16 < SPARSE_PROBES;
}

/** The store of indexed properties: slots up to the last one, or a dictionary where that is smaller. */
function indexedSize(count: number, length: number): number {
  return Math.min(HEAD + SLOT * length, 48 + 24 * dictionaryCapacity(count));
}

/** Own keys begin with the indices; this says how many those are. */
function countIndices(keys: readonly string[]): number {
  if (keys.length === 0 || !isIndex(keys[0] as string)) return 0;
  let low = 1;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isIndex(keys[middle] as string)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 0x30 && first <= 0x39 && String(Number(key) >>> 0) === key;
}

/** Places for half as many properties again, rounded up to a power of two; a place has three words. */
function dictionaryCapacity(count: number): number {
  return Math.max(4, powerOfTwo(count + (count >>> 1)));
}

function powerOfTwo(least: number): number {
  return least <= 1 ? 1 : 2 ** (32 - Math.clz32(least - 1));
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / SLOT) * SLOT;
}

function getterOf<T>(prototype: object, name: PropertyKey): (this: unknown) => T {
  return getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => T;
}
