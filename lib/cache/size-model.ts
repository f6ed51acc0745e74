/**
 * What V8 spends on each kind of value, on 64 bits without pointer compression; where the numbers come from:
 * docs/design/size-of.md. `size-of.ts` adds them up.
 */

import { types } from 'node:util';

/** A pointer, or what is stored in its place: each value, key, element and property has one. */
export const SLOT = 8;
export const OBJECT = 24;
export const ARRAY = 32;
/** The head of a string, a bigint or a backing store; also a whole HeapNumber's size. */
export const HEAD = 16;
export const HEAP_NUMBER = 16;
const DATE = 112;
const REGEXP = 256;
/** With a captured stack of the usual ten frames. */
export const ERROR = 760;
const ARRAY_BUFFER = 88;
export const VIEW = 96;
/** Functions, promises, proxies, weak references: what they hold cannot be seen. */
export const OPAQUE = 96;
/** Streams: their fields lead to sockets, parsers and listeners, which the entry does not own. */
export const STREAM = 1_024;

/** Node 26 allocates its pool with some bytes more than `Buffer.poolSize`, to align it. */
const POOL_ALIGNMENT = 1_024;
/** V8 keeps up to so many bytes of a typed array inside its object. */
const INLINE_VIEW = 64;
/** From so many named properties on, an object of JSON.parse has a dictionary instead of a hidden class. */
export const DICTIONARY_PROPERTIES = 128;
/** Up to this length an array is dense; V8 makes it sparse only when written 1,024 past its end. */
export const DENSE_LENGTH = 1_024;
/** Counting elements takes time by the length of an allocated array, so beyond this all are taken as present… */
const COUNTABLE_LENGTH = 1_000_000;
/** …unless the array is longer than any that V8 allocates at once. */
const LONGEST_ALLOCATED = 32 * 1024 * 1024;
const SPARSE_PROBES = 64;
/** How far up its prototypes the class of an object is looked for. */
const LONGEST_CHAIN = 16;

/** What JSON.parse internalises: equal strings up to this length are one object. */
export const SHORT_STRING = 10;
/** Up to here a loop beats the regular expression. */
const LOOPED_STRING = 12;
/** Longer strings are looked at in four places, so that none costs more than about 50 µs. */
const SCANNED_STRING = 65_536;
const WIDE = /[\u0100-\uffff]/;
const NOTHING = /(?:)/;

/** How an object is measured; a number is its size. */
export type Kind = 'plain' | 'instance' | 'bare' | 'map' | 'set' | 'error' | 'buffer' | 'string' | number;

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
export const { getPrototypeOf, getOwnPropertyDescriptor, keys: ownKeys } = Object;
const hasOwn = Object.prototype.hasOwnProperty;
export const stringOf = String.prototype.valueOf;
export const mapEntries: (this: unknown) => MapIterator<[unknown, unknown]> = Map.prototype.entries;
export const setEntries: (this: unknown) => SetIterator<[unknown, unknown]> = Set.prototype.entries;
export const mapSize = getterOf<number>(Map.prototype, 'size');
export const setSize = getterOf<number>(Set.prototype, 'size');
const bufferLength = getterOf<number>(ArrayBuffer.prototype, 'byteLength');
const sharedLength = getterOf<number>(SharedArrayBuffer.prototype, 'byteLength');
const dataViewBuffer = getterOf<ArrayBufferLike>(DataView.prototype, 'buffer');
const typedArray: object = getPrototypeOf(Uint8Array.prototype);
const typedTag = getterOf<string | undefined>(typedArray, Symbol.toStringTag);
const typedLength = getterOf<number>(typedArray, 'byteLength');
const typedOffset = getterOf<number>(typedArray, 'byteOffset');
const typedBuffer = getterOf<ArrayBufferLike>(typedArray, 'buffer');

/** What a value needs beyond its slot; NaN for an object that has to be walked. */
export function flatSize(value: unknown): number {
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
export function isSmi(value: number): boolean {
  return (value | 0) === value;
}

export function stringSize(text: string): number {
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
export function bufferOf(view: ArrayBufferView): ArrayBufferLike | undefined {
  if (typedTag.call(view) === undefined) return dataViewBuffer.call(view);
  if (isInline(view)) return undefined;
  const buffer = typedBuffer.call(view);
  const whole = bufferSize(buffer) - ARRAY_BUFFER;
  return typedLength.call(view) < whole && whole <= Buffer.poolSize + POOL_ALIGNMENT ? undefined : buffer;
}

/** The size of a view for which there is no {@link bufferOf}. */
export function ownViewSize(view: ArrayBufferView): number {
  const length = typedLength.call(view);
  return VIEW + (isInline(view) ? ARRAY_BUFFER + HEAD + roundUp(length) : length);
}

/** To be known without asking for the buffer: that would move the bytes out of the object for good. */
function isInline(view: ArrayBufferView): boolean {
  return typedLength.call(view) <= INLINE_VIEW && typedOffset.call(view) === 0;
}

export function bufferSize(buffer: ArrayBufferLike): number {
  return ARRAY_BUFFER + (types.isSharedArrayBuffer(buffer) ? sharedLength : bufferLength).call(buffer);
}

/** By the first prototype that is known, so that an instance costs a few look-ups and not a test for each type. */
export function kindOf(value: object, prototype: object): Kind {
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

export function isStream(value: object): boolean {
  return hasOwn.call(value, '_readableState') || hasOwn.call(value, '_writableState');
}

/** Whether so few elements of a long array are present that V8 keeps them in a dictionary. */
export function isSparse(array: readonly unknown[]): boolean {
  const { length } = array;
  if (length > COUNTABLE_LENGTH && length <= LONGEST_ALLOCATED) return false;
  let present = 0;
  for (let nth = 0; nth < SPARSE_PROBES; nth++) {
    if (hasOwn.call(array, Math.floor((nth * length) / SPARSE_PROBES))) present++;
  }
  return present * 16 < SPARSE_PROBES;
}

/** The store of indexed properties: slots up to the last one, or a dictionary where that is smaller. */
export function indexedSize(count: number, length: number): number {
  return Math.min(HEAD + SLOT * length, 48 + 24 * dictionaryCapacity(count));
}

/** Own keys begin with the indices; this says how many those are. */
export function countIndices(keys: readonly string[]): number {
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
export function dictionaryCapacity(count: number): number {
  return Math.max(4, powerOfTwo(count + (count >>> 1)));
}

export function powerOfTwo(least: number): number {
  return least <= 1 ? 1 : 2 ** (32 - Math.clz32(least - 1));
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / SLOT) * SLOT;
}

function getterOf<T>(prototype: object, name: PropertyKey): (this: unknown) => T {
  return getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => T;
}
