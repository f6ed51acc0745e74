/**
 * Counts the bytes of the bodies of an Express application's responses, by a `write` and an `end` on `app.response`, which
 * is there to be extended. What each response would get of its own costs it 6 µs.
 */

import { findExchange } from '../lifetime/exchange';
import { type ByteCount, countBytes, countCall, type Method } from '../log/response-bytes';
import { applicationPrototype } from './prototype';

/** What has the counting methods. */
const counting = new WeakSet<object>();

/** Counts what is written to `response` from now on, without changing it where it is Express's. */
export function countInherited(response: object): ByteCount {
  const own: object | null = Object.getPrototypeOf(response);
  const exchange = findExchange(response);
  if (own === null || exchange === undefined || !counts(own) || hasOwnMethods(response)) {
    return countBytes(response);
  }
  exchange.body ??= { bytes: 0 };
  return exchange.body;
}

function hasOwnMethods(response: object): boolean {
  return Object.hasOwn(response, 'write') || Object.hasOwn(response, 'end');
}

/** Whether responses with this prototype count; those of Express do from now on. */
function counts(own: object): boolean {
  if (counting.has(own)) return true;
  const shared = applicationPrototype(own);
  if (shared === undefined) return false;
  if (!counting.has(shared)) {
    // Somebody has extended it, and may again.
    if (hasOwnMethods(shared)) return false;
    for (const name of ['write', 'end'] as const) countCallsOf(shared as Methods, name);
    counting.add(shared);
  }
  for (let each = own; each !== shared; each = Object.getPrototypeOf(each)) {
    if (hasOwnMethods(each)) return false;
  }
  counting.add(own);
  return true;
}

type Methods = Record<'write' | 'end', Method>;

function countCallsOf(shared: Methods, name: 'write' | 'end'): void {
  const above = Object.getPrototypeOf(shared) as Methods;
  const value: Method = function (...args) {
    const body = findExchange(this)?.body;
    return body === undefined
      ? Reflect.apply(above[name], this, args)
      : countCall(body, above[name], this, args);
  };
  Object.defineProperty(shared, name, { value, configurable: true, enumerable: false, writable: true });
}
