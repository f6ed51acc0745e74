/**
 * Registering long-lived callbacks with the values they need and no others.
 *
 * The look for a request among those values is bounded, runs no getter and touches no proxy.
 */

import { types } from 'node:util';
import { invalidArgument } from '../errors';
import { warnOnce } from '../lifetime/report-error';
import { readCallable } from '../options';
import { captureSite } from '../sites/call-site';
import { showSite } from '../sites/show';

/** How far, and at how many values, the look for a request goes. */
const MAX_DEPTH = 6;
const MAX_VALUES = 1000;
/** Values of one collection that are looked at. */
const MAX_ITEMS = 100;
/** What a request is by name, whatever module or realm it is of, and whatever class extends it. */
const REQUESTS = new Set([
  'IncomingMessage',
  'OutgoingMessage',
  'Http2ServerRequest',
  'Http2ServerResponse',
  'Http2Stream',
]);

/**
 * Makes a callback that is called as `fn(context, ...args)`, for registering with something that lives long.
 *
 * It replaces the pattern of the closure. A function written inside a handler keeps everything that any function in that
 * handler uses, since they share one context: here `req` with its body and socket, for as long as `bus` has the
 * listener, though only an id is needed.
 *
 * ```js
 * app.get('/prices', (req, res) => {
 *   audit(() => req.body);                                      // another closure that uses req
 *   bus.on('price', (price) => notify(req.user.id, price));     // keeps req, and all of its own
 * });
 * ```
 *
 * With `keepContext` the function is written outside the handler, and gets what it needs as values:
 *
 * ```js
 * const onPrice = ({ userId }, price) => notify(userId, price);
 *
 * app.get('/prices', (req, res) => {
 *   req.scope.on(bus, 'price', keepContext(onPrice, { userId: req.user.id }));
 * });
 * ```
 *
 * Unless `NODE_ENV` is `production`, `pick` is searched for requests and responses (up to 1,000 values, six deep), and
 * one that is found is a process warning, `PLATEAU_KEPT_REQUEST`, once for each place in the program. What functions have
 * closed over, or were bound to, cannot be seen.
 *
 * @param fn called with `pick` before its other arguments, and the same `this`
 * @param pick the values that `fn` needs: an object of them, or one value
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `fn` is not a function, or `pick` is one or `undefined`
 */
export function keepContext<C, Args extends unknown[], R>(
  fn: (context: C, ...args: Args) => R,
  pick: C,
): (...args: Args) => R {
  readCallable('fn', fn);
  if (pick === undefined || typeof pick === 'function') {
    throw invalidArgument('pick', 'the values that fn needs, such as { id: req.user.id }', pick);
  }
  if (process.env.NODE_ENV !== 'production') warnOfRequest(pick);
  return bindTo(fn, pick);
}

/** Apart, so that the callback's context has nothing but these two. */
function bindTo<C, Args extends unknown[], R>(
  fn: (context: C, ...args: Args) => R,
  pick: C,
): (...args: Args) => R {
  return function (this: unknown, ...args: Args): R {
    return fn.call(this, pick, ...args);
  };
}

function warnOfRequest(pick: unknown): void {
  const path = findRequest(pick);
  if (path === undefined) return;
  const place = showSite(captureSite(keepContext));
  const text = `keepContext at ${place} keeps a request or response alive, at pick${path}: pick the values that are needed of it`;
  warnOnce(`keep-context ${place}`, text, 'PLATEAU_KEPT_REQUEST');
}

/** Where in `root` a request, response or connection is; `undefined` when none was found. */
function findRequest(root: unknown): string | undefined {
  const open: { value: object; path: string; depth: number }[] = [];
  const seen = new Set<object>();
  const note = (value: unknown, path: string, depth: number): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    if (seen.size >= MAX_VALUES || seen.has(value) || types.isProxy(value)) return;
    seen.add(value);
    open.push({ value, path, depth });
  };
  note(root, '', 0);
  for (const { value, path, depth } of open) {
    if (isRequest(value)) return path;
    if (depth >= MAX_DEPTH || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) continue;
    if (types.isMap(value)) {
      let left = MAX_ITEMS;
      for (const [key, item] of Map.prototype.entries.call(value)) {
        if (left-- === 0) break;
        note(key, `${path} (a key of a Map)`, depth + 1);
        note(item, `${path} (in a Map)`, depth + 1);
      }
    } else if (types.isSet(value)) {
      let left = MAX_ITEMS;
      for (const item of Set.prototype.values.call(value)) {
        if (left-- === 0) break;
        note(item, `${path} (in a Set)`, depth + 1);
      }
    }
    const keys = Array.isArray(value) ? firstIndices(value.length) : Reflect.ownKeys(value);
    for (const key of keys.slice(0, MAX_ITEMS)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor !== undefined && 'value' in descriptor) {
        note(descriptor.value, `${path}${step(key)}`, depth + 1);
      }
    }
  }
  return undefined;
}

function firstIndices(length: number): string[] {
  return Array.from({ length: Math.min(length, MAX_ITEMS) }, (_, index) => String(index));
}

function step(key: string | symbol): string {
  return typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${String(key)}]`;
}

/** By the names of its classes, without running anything of it. */
function isRequest(value: object): boolean {
  let isSocket = false;
  let prototype: unknown = Object.getPrototypeOf(value);
  for (let up = 0; up < 10 && typeof prototype === 'object' && prototype !== null; up++) {
    if (types.isProxy(prototype)) return false;
    const maker: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
    if (typeof maker === 'function' && !types.isProxy(maker)) {
      const name: unknown = Object.getOwnPropertyDescriptor(maker, 'name')?.value;
      if (typeof name === 'string') {
        if (REQUESTS.has(name)) return true;
        // Node's sockets are streams; others' of that name are not.
        if (name === 'Socket') isSocket = true;
        else if (isSocket && name === 'Duplex') return true;
      }
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return false;
}
