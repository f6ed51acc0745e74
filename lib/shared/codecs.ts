/** How values become bytes, and bytes values. */

import { deserialize, serialize } from 'node:v8';
import { describe } from '../describe';
import { invalidArgument, invalidOption, plateauError } from '../errors';
import type { SharedData } from '../native/binding';

/** The codecs that come with {@link SharedCache}. */
export type SharedCodecName = 'utf8' | 'bytes' | 'json' | 'structured';

/** A codec of your own. */
export interface SharedCodec<V> {
  /** Tells it from others: a cache that is open with one codec cannot be opened with another. */
  readonly name: string;
  /** The value as a string or as bytes. What it throws reaches the caller of `set`, as the cause of `PLATEAU_CODEC`. */
  encode(value: V): string | Uint8Array;
  /** The value again. A `Buffer` it is given is a copy of its own. */
  decode(data: string | Uint8Array): V;
}

/** A codec as the cache uses it. */
export interface Codec<V> {
  readonly name: string;
  encode(value: V): SharedData;
  decode(data: SharedData): V;
  /** Whether a whole number is stored as its digits, so that `incr` can add to it. */
  readonly counts: boolean;
}

const utf8: Codec<unknown> = {
  name: 'utf8',
  encode(value) {
    if (typeof value !== 'string') throw invalidArgument('value', "a string (codec 'utf8')", value);
    return value;
  },
  decode: (data) => data,
  counts: true,
};

const bytes: Codec<unknown> = {
  name: 'bytes',
  encode(value) {
    if (!(value instanceof Uint8Array)) throw invalidArgument('value', "a Uint8Array (codec 'bytes')", value);
    return own(value);
  },
  decode: (data) => data,
  counts: false,
};

const json: Codec<unknown> = {
  name: 'json',
  encode(value) {
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
    } catch (error) {
      throw failed('json', 'encode', error);
    }
    if (text === undefined) throw invalidArgument('value', "something JSON can say (codec 'json')", value);
    return text;
  },
  decode: (data) => JSON.parse(data as string),
  counts: true,
};

const structured: Codec<unknown> = {
  name: 'structured',
  encode(value) {
    if (value === undefined) throw invalidArgument('value', 'anything but undefined', value);
    try {
      return serialize(value);
    } catch (error) {
      throw failed('structured', 'encode', error);
    }
  },
  decode: (data) => deserialize(data as Uint8Array),
  counts: false,
};

const CODECS = { utf8, bytes, json, structured } as const;

/** The codec that an option stands for. */
export function readCodec<V>(given: unknown): Codec<V> {
  const accepted = "'utf8', 'bytes', 'json', 'structured', or an object with name, encode and decode";
  if (typeof given === 'string' && Object.hasOwn(CODECS, given)) {
    return CODECS[given as SharedCodecName] as Codec<V>;
  }
  const codec = given as SharedCodec<V> | null;
  if (typeof codec !== 'object' || codec === null) throw invalidOption('codec', accepted, given);
  if (typeof codec.name !== 'string' || codec.name === '' || codec.name.length > 100) {
    throw invalidOption('codec.name', 'a string of 1 to 100 characters', codec.name);
  }
  if (Object.hasOwn(CODECS, codec.name)) {
    throw invalidOption('codec.name', "a name other than those of plateau's codecs", codec.name);
  }
  if (typeof codec.encode !== 'function') throw invalidOption('codec.encode', 'a function', codec.encode);
  if (typeof codec.decode !== 'function') throw invalidOption('codec.decode', 'a function', codec.decode);
  return custom(codec);
}

/** The name of one of plateau's codecs, as a codec; `undefined` for a name of somebody else's. */
export function namedCodec<V>(name: string): Codec<V> | undefined {
  return Object.hasOwn(CODECS, name) ? (CODECS[name as SharedCodecName] as Codec<V>) : undefined;
}

function custom<V>(codec: SharedCodec<V>): Codec<V> {
  return {
    name: codec.name,
    encode(value) {
      let data: unknown;
      try {
        data = codec.encode(value);
      } catch (error) {
        throw failed(codec.name, 'encode', error);
      }
      if (typeof data === 'string') return data;
      if (data instanceof Uint8Array) return own(data);
      throw plateauError(
        'PLATEAU_CODEC',
        `encode of codec ${describe(codec.name)} must return a string or a Uint8Array, got ${describe(data)}`,
      );
    },
    decode(data) {
      try {
        return codec.decode(data);
      } catch (error) {
        throw failed(codec.name, 'decode', error);
      }
    },
    counts: false,
  };
}

function failed(name: string, what: 'encode' | 'decode', cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : describe(cause);
  return plateauError('PLATEAU_CODEC', `${what} of codec ${describe(name)} failed: ${reason}`, { cause });
}

/** Bytes that no other thread writes meanwhile. */
export function own(data: Uint8Array): Uint8Array {
  const shared = typeof SharedArrayBuffer !== 'undefined' && data.buffer instanceof SharedArrayBuffer;
  return shared ? Uint8Array.from(data) : data;
}
