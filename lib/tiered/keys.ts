/**
 * Names in Redis. A user's key is put in braces with the few characters escaped that could end them, so that no key,
 * whatever a request brings, can be that of another namespace or of our own records; and so that in Redis Cluster a
 * value and its lock, which differ only outside of the braces, lie in the same slot.
 */

import { invalidArgument, invalidOption, outOfRange } from '../errors';

const NAMESPACE = /^[\w.:-]{1,64}$/;

/** What is not kept as it is: our own marks, control characters, and halves of surrogate pairs, which UTF-8 has not. */
const UNSAFE = /[%{}\p{Cc}\p{Cs}]/gu;
const ESCAPED = /%([0-9a-f]{4})/g;

/** Checks a namespace or prefix. */
export function readNamespace(name: string, value: unknown, fallback: string): string {
  if (value === undefined) return fallback;
  if (typeof value !== 'string' || !NAMESPACE.test(value)) {
    throw invalidOption(name, 'a string of 1 to 64 letters, digits and _ . : -', value);
  }
  return value;
}

/** Checks a key, or a tag, that is an argument. */
export function readKey(name: string, value: unknown, maxBytes: number): asserts value is string {
  const accepted = `a string of 1 to ${maxBytes} bytes`;
  if (typeof value !== 'string') throw invalidArgument(name, accepted, value);
  const { length } = value;
  // Most keys are short enough to be so in any script; only the others are measured.
  if (length === 0 || (length * 3 > maxBytes && Buffer.byteLength(value) > maxBytes)) {
    throw outOfRange(name, accepted, value);
  }
}

export class Names {
  readonly #namespace: string;
  /** The channel that invalidations are published on. */
  readonly channel: string;
  /** The record of which generation of the namespace is current. */
  readonly generation: string;
  /** What the values' names begin with. */
  readonly values: string;

  constructor(namespace: string) {
    this.#namespace = namespace;
    this.channel = `${namespace}:c`;
    this.generation = `${namespace}:g`;
    this.values = `${namespace}:v:{`;
  }

  value(key: string): string {
    return `${this.values}${quote(key)}}`;
  }

  lock(key: string): string {
    return `${this.#namespace}:l:{${quote(key)}}`;
  }

  tag(tag: string): string {
    return `${this.#namespace}:t:{${quote(tag)}}`;
  }

  /** A key as a member of an index, and back. */
  member(key: string): string {
    return quote(key);
  }

  keyOfMember(member: string): string {
    return unquote(member);
  }

  /** The key of a value by its name; `undefined` if it is not a name of ours. */
  keyOf(name: string): string | undefined {
    if (!name.startsWith(this.values) || !name.endsWith('}')) return undefined;
    return unquote(name.slice(this.values.length, -1));
  }
}

function quote(key: string): string {
  return key.replace(UNSAFE, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unquote(text: string): string {
  return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
