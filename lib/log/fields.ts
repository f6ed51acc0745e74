/**
 * Copies what a `pick` function returns into plain, bounded data, so that a record can be written as JSON and keeps
 * nothing alive: no request, no response, no socket, nor what leads to one.
 */

import { types } from 'node:util';
import { describe } from '../describe';
import { clip, REDACTED, type Redactor } from './redact';

/** Characters of one string, levels of nesting, and fields or items in all. */
const MAX_TEXT = 1024;
const MAX_DEPTH = 4;
const MAX_FIELDS = 100;

/** A copy under way. */
interface Copying {
  left: number;
  redactor: Redactor;
  /** Called for what belongs to the request itself. */
  refuse: (name: string) => void;
}

/** Copies the fields of `from`, without those that are `taken`, into `to`. May throw what getters of `from` throw. */
export function copyFields(
  from: object,
  to: Record<string, unknown>,
  { redactor, refuse }: Omit<Copying, 'left'>,
  taken: (name: string) => boolean,
): void {
  const copying: Copying = { left: MAX_FIELDS, redactor, refuse };
  for (const name of Object.keys(from)) {
    // A name that an assignment would not store under.
    if (name === '__proto__' || taken(name) || copying.left-- <= 0) continue;
    const value = copyOf(name, (from as Record<string, unknown>)[name], 1, copying);
    if (value !== undefined) to[clip(name, MAX_TEXT)] = value;
  }
}

/** Whether it is a request, response, socket or stream of any origin, or wraps one. */
export function isOfRequest(value: object): boolean {
  const it = value as Record<string, unknown>;
  return (
    typeof it.writeHead === 'function' ||
    typeof it.pipe === 'function' ||
    (typeof it.on === 'function' && typeof it.removeListener === 'function') ||
    (typeof it.raw === 'object' && it.raw !== null && isOfRequest(it.raw))
  );
}

function copyOf(name: string, value: unknown, depth: number, copying: Copying): unknown {
  switch (typeof value) {
    case 'string':
      if (copying.redactor.isSecret(name)) return REDACTED;
      return copying.redactor.url(clip(value, MAX_TEXT), MAX_TEXT + 1);
    case 'number':
    case 'boolean':
      return copying.redactor.isSecret(name) ? REDACTED : value;
    case 'bigint':
      return copying.redactor.isSecret(name) ? REDACTED : clip(`${value}`, MAX_TEXT);
    case 'undefined':
    case 'function':
    case 'symbol':
      return undefined;
    default:
      return value === null ? null : copyObject(name, value as object, depth, copying);
  }
}

function copyObject(name: string, value: object, depth: number, copying: Copying): unknown {
  if (types.isProxy(value)) return describe(value);
  if (isOfRequest(value)) {
    copying.refuse(name);
    return undefined;
  }
  if (copying.redactor.isSecret(name)) return REDACTED;
  if (depth > MAX_DEPTH || ArrayBuffer.isView(value)) return describe(value);
  if (value instanceof Error) return copyOf('', `${value.name}: ${value.message}`, depth, copying);
  const { toJSON } = value as { toJSON?: unknown };
  // Dates, URLs, ids of databases.
  if (typeof toJSON === 'function') return copyOf(name, toJSON.call(value, name), depth + 1, copying);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      if (copying.left-- <= 0) break;
      items.push(copyOf('', item, depth + 1, copying) ?? null);
    }
    return items;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return describe(value);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || copying.left-- <= 0) continue;
    const field = copyOf(key, (value as Record<string, unknown>)[key], depth + 1, copying);
    if (field !== undefined) copy[clip(key, MAX_TEXT)] = field;
  }
  return copy;
}
