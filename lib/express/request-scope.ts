/** `req.scope` for Express, Connect and plain `node:http` servers. */

import type { RequestScopeOptions, Scope } from '../index';
import { hasEnded } from '../lifetime/ending';
import { hasExchange } from '../lifetime/exchange';
import { readRequestScopeOptions, type ScopeSettings } from '../scope/options';
import { lateScope, requestScopeFor, scopeIn } from '../scope/request-scope';
import { applicationPrototype } from './prototype';

/** A middleware, as little of it as is needed. */
export type Middleware = (req: object, res: object, next: (error?: unknown) => void) => void;

/** A request of Express, which knows its response. */
interface ExpressRequest {
  readonly res?: object;
  scope?: unknown;
}

/**
 * Middleware that gives every request a scope, `req.scope`, which ends when the response has been sent or the connection
 * is lost, whichever comes first: with keep-alive, over HTTP/2, and however the handler fails.
 *
 * A handler that adds to the scope later than `grace` after the end, whose releases take longer than that, or whose
 * promises (`req.scope.track`) are pending still, is reported with its place in the program. A second `requestScope()`
 * on the way of a request does nothing.
 *
 * @throws TypeError | RangeError for options that are wrong
 *
 * @example
 * app.use(requestScope());
 * app.get('/prices', (req, res) => {
 *   res.type('text/event-stream');
 *   req.scope.on(bus, 'price', (price) => res.write(`data: ${price}\n\n`));
 * });
 */
export function requestScope(options?: RequestScopeOptions): Middleware {
  const settings = readRequestScopeOptions(options);
  /** The prototype of the requests of the application seen last, and whether they have a `scope` by it. */
  let prototype: object | null = null;
  let inherited = false;
  return function plateauRequestScope(req, res, next) {
    const scope = requestScopeFor(settings, req, res);
    const own = Object.getPrototypeOf(req);
    if (own !== prototype) {
      prototype = own;
      inherited = inheritScope(own, settings);
    }
    if (!inherited || Object.hasOwn(req, 'scope')) (req as ExpressRequest).scope = scope;
    next();
  };
}

/** Getters that are ours. */
const getters = new WeakSet<object>();

/**
 * Gives the requests of an Express application their `scope`: on `app.request`, which is there to be extended, so that
 * no request has a property more. Returns false where the requests are not Express's, or have a `scope` already.
 */
function inheritScope(requests: object, settings: ScopeSettings): boolean {
  const outermost = applicationPrototype(requests);
  if (outermost === undefined) return false;
  for (let each: object | null = requests; each !== null; each = Object.getPrototypeOf(each)) {
    const known = Object.getOwnPropertyDescriptor(each, 'scope');
    if (known !== undefined) return known.get !== undefined && getters.has(known.get);
  }
  function get(this: ExpressRequest): Scope | undefined {
    const scope = scopeIn(this);
    if (scope !== undefined) return scope;
    const { res } = this;
    return hasExchange(res) && hasEnded(res) ? lateScope(settings, res) : undefined;
  }
  function set(this: ExpressRequest, value: unknown): void {
    Object.defineProperty(this, 'scope', { value, configurable: true, enumerable: true, writable: true });
  }
  getters.add(get);
  return Reflect.defineProperty(outermost, 'scope', { get, set, configurable: true, enumerable: false });
}
