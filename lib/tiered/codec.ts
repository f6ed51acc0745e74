/** How values become text for Redis. */

import { deserialize, serialize } from 'node:v8';
import { invalidArgument, invalidOption } from '../errors';
import type { TieredCodec } from './types';

const json: TieredCodec<unknown> = {
  encode: (value) => JSON.stringify(value),
  decode: (text) => JSON.parse(text),
};

/** Base64, since the clients' plain commands answer with text. */
const structured: TieredCodec<unknown> = {
  encode: (value) => serialize(value).toString('base64'),
  decode: (text) => deserialize(Buffer.from(text, 'base64')),
};

/** Checks the option `codec`. */
export function readCodec<V>(value: unknown): TieredCodec<V> {
  if (value === undefined || value === 'json') return json as TieredCodec<V>;
  if (value === 'structured') return structured as TieredCodec<V>;
  const codec = value as Partial<TieredCodec<V>> | null;
  if (
    typeof codec !== 'object' ||
    codec === null ||
    typeof codec.encode !== 'function' ||
    typeof codec.decode !== 'function'
  ) {
    throw invalidOption('codec', "'json', 'structured' or an object with encode() and decode()", value);
  }
  return codec as TieredCodec<V>;
}

/**
 * The text of a value.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` if the codec makes no text of it, as JSON does of a function; or what the
 * codec throws
 */
export function encodeValue<V>(codec: TieredCodec<V>, value: V): string {
  const text: unknown = codec.encode(value);
  if (typeof text !== 'string') {
    throw invalidArgument('value', 'something that the codec can write as text', value);
  }
  return text;
}
