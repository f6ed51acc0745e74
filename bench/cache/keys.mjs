/**
 * Key shapes. `reused` keys are made once and looked up again and again: their hash is stored in the string.
 * `fresh` keys are made for every operation, as a server does that builds a key from a request: each has to be
 * hashed, and compared byte by byte with the one in the cache. How V8 makes a string decides what that costs,
 * hence several shapes.
 */

import { mix } from '../harness/random.mjs';

const UUID_LENGTH = 36;

/**
 * A function from id to key. `ids` are those that will be asked for: only they are prebuilt.
 *
 * @param {string} shape
 * @param {Uint32Array} ids
 * @param {number} space Ids are below this.
 * @returns {(id: number) => string | number}
 */
export function keyMaker(shape, ids, space) {
  switch (shape) {
    case 'reused':
      return prebuilt(ids, space, (id) => `user:${id}`);
    case 'fresh':
      // At most 12 characters: V8 copies the parts into a flat string.
      // biome-ignore lint/style/useTemplate: the concatenation is what is measured
      return (id) => 'user:' + id;
    case 'fresh-cons':
      // 13 characters and more: V8 makes a pair of its parts and flattens it when it is looked at.
      // biome-ignore lint/style/useTemplate: the concatenation is what is measured
      return (id) => 'session:user:' + id;
    case 'fresh-url':
      return (id) => `/api/v1/users/${id}/profile`;
    case 'uuid':
      return prebuilt(ids, space, uuid);
    case 'fresh-uuid':
      return fromBytes(ids, space);
    case 'int':
      return (id) => id;
    default:
      throw new Error(`no key shape is called ${shape}`);
  }
}

function prebuilt(ids, space, make) {
  const keys = new Array(space).fill('');
  for (const id of sortedUnique(ids)) keys[id] = flat(make(id));
  return (id) => keys[id];
}

/** UUIDs cut out of bytes that came over the wire: flat strings that exist nowhere else yet. */
function fromBytes(ids, space) {
  const bytes = Buffer.alloc(space * UUID_LENGTH, '0');
  for (const id of sortedUnique(ids)) bytes.write(uuid(id), id * UUID_LENGTH, 'latin1');
  return (id) => bytes.toString('latin1', id * UUID_LENGTH, (id + 1) * UUID_LENGTH);
}

/** In order of ids, so that where a string lies in memory says nothing about how often it is used. */
function sortedUnique(ids) {
  return new Set(Uint32Array.from(ids).sort());
}

/** The same characters in one piece of memory; a template may leave a tree of pieces. */
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function uuid(id) {
  const hex = [1, 2, 3, 4]
    .map((n) =>
      mix(mix(id * 4 + n) + n)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  const cut = (from, to) => hex.slice(from, to);
  return `${cut(0, 8)}-${cut(8, 12)}-4${cut(13, 16)}-a${cut(17, 20)}-${cut(20, 32)}`;
}
