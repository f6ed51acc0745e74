/**
 * A short description of any value for an error message.
 *
 * The value comes from somebody else's mistake, so nothing about it is trusted: no code of it runs
 * (no getter, no `toString`, no proxy trap) and the result is bounded whatever its size.
 */

import { types } from 'node:util';

/** The longest piece of a value's own text that is quoted. */
const MAX_QUOTED = 40;
/** Printing a BigInt takes time quadratic in its digits; beyond this it is only called large. */
const LARGE_BIGINT = 1n << 128n;

/** Describes `value` in a few words, such as `"5m"`, `NaN`, `an array of 3 items` or `an instance of Foo`. */
export function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return describeString(value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'bigint':
      return value < LARGE_BIGINT && value > -LARGE_BIGINT ? `${value}n` : 'a very large bigint';
    case 'symbol':
      return value.description === undefined ? 'a symbol' : `the symbol ${quote(value.description)}`;
    case 'function':
      return describeFunction(value);
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function describeString(value: string): string {
  return value.length > MAX_QUOTED ? `${quote(value)} (${value.length} characters)` : quote(value);
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);
}

function describeFunction(value: object): string {
  if (types.isProxy(value)) return 'a proxy';
  const name = ownString(value, 'name');
  return name ? `the function ${clip(name)}` : 'a function';
}

function describeObject(value: object): string {
  // First: anything else asked of a proxy would run its traps, or throw when it is revoked.
  if (types.isProxy(value)) return 'a proxy';
  if (Array.isArray(value)) return `an array of ${value.length} ${value.length === 1 ? 'item' : 'items'}`;
  const name = className(value);
  return name === undefined || name === 'Object' ? 'an object' : `an instance of ${clip(name)}`;
}

/** The name of the class, read without running any getter; `undefined` where that is not possible. */
function className(value: object): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null || types.isProxy(prototype)) return undefined;
  const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof maker !== 'function' || types.isProxy(maker)) return undefined;
  return ownString(maker, 'name') || undefined;
}

function ownString(value: object, key: string): string | undefined {
  const own: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof own === 'string' ? own : undefined;
}

function clip(name: string): string {
  return name.length > MAX_QUOTED ? `${name.slice(0, MAX_QUOTED)}…` : name;
}
