/** `req.scope` for Express, Connect and plain `node:http` servers. */

import type { RequestScopeOptions, Scope } from '../index';
import { hasEnded } from '../lifetime/ending';
import { hasExchange, noteAllEnds, responseAtHand } from '../lifetime/exchange';
import { isObject } from '../lifetime/shapes';
import { readBoolean } from '../options';
import { readRequestScopeOptions, type ScopeSettings } from '../scope/options';
import { lateScope, requestScopeFor, scopeIn } from '../scope/request-scope';
import { applicationPrototype } from './prototype';
import { leaveRouter } from './router';
import { adoptServersOf } from './server-classes';

/** A middleware, as little of it as is needed. */
export type Middleware = (req: object, res: object, next: (error?: unknown) => void) => void;

/** A request of Express, which knows its application. */
interface ExpressRequest {
  readonly app?: { readonly request?: unknown };
  readonly res?: unknown;
  scope?: unknown;
}

/** The options of `requestScope` in Express. */
export interface ExpressScopeOptions extends RequestScopeOptions {
  /**
   * Whether a server whose only listener is the application may make its requests and responses as the application's, on
   * Node 20 and 22: see `serverClasses`. It is undone when the server gets another listener that is given requests.
   * @default true
   */
  classes?: boolean | undefined;
}

/**
 * Middleware that gives every request a scope, `req.scope`, which ends when the response has been sent or the connection
 * is lost, whichever comes first: with keep-alive, over HTTP/2, and however the handler fails.
 *
 * A handler that adds to the scope later than `grace` after the end, whose releases take longer than that, or whose
 * promises (`req.scope.track`) are pending still, is reported with its place in the program. A second `requestScope()`
 * on the way of a request does nothing.
 *
 * In an application of Express that uses it for all requests (`app.use(requestScope())`) scopes are made when they are
 * first asked for, and the middleware leaves the router with the first request, as even an idle one costs 2 % of the time.
 * And on Node 20 and 22 the server's requests are then made in a way that V8 handles several times as fast: {@link serverClasses}.
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
export function requestScope(options?: ExpressScopeOptions): Middleware {
  const settings = readRequestScopeOptions(options, ['classes']);
  const classes = options?.classes === undefined || readBoolean('classes', options.classes);
  /** The prototype of the requests of the application seen last, and what gives those their `scope`. */
  let prototype: object | null = null;
  let inherited: Inherited | undefined;
  function plateauRequestScope(req: object, res: object, next: (error?: unknown) => void): void {
    const own = Object.getPrototypeOf(req);
    if (own !== prototype) {
      prototype = own;
      inherited = inheritScope(own, settings);
      if (inherited !== undefined) {
        standAside(inherited, settings, req as ExpressRequest, plateauRequestScope);
        if (classes) adoptServersOf(req, inherited.requests);
      }
    }
    // Those of the first middleware, also when that is not there any more.
    const scope = requestScopeFor(inherited?.always ? inherited.settings : settings, req, res);
    if (inherited === undefined || (inherited.assigned && Object.hasOwn(req, 'scope'))) {
      (req as ExpressRequest).scope = scope;
    }
    next();
  }
  middlewares.add(plateauRequestScope);
  return plateauRequestScope;
}

/** All that {@link requestScope} has made. */
const middlewares = new WeakSet<object>();

/** What gives the requests of an application their `scope`. */
interface Inherited {
  readonly requests: object;
  readonly settings: ScopeSettings;
  /** Whether anybody has set the `scope` of a request. */
  assigned: boolean;
  /** Whether a request has a scope though no middleware has made one. */
  always: boolean;
}

/** By the getters that are ours. */
const inheritances = new WeakMap<object, Inherited>();

/**
 * Gives the requests of an Express application their `scope`: on `app.request`, which is there to be extended, so that
 * no request has a property more. `undefined` where the requests are not Express's, or have a `scope` already.
 */
function inheritScope(own: object, settings: ScopeSettings): Inherited | undefined {
  const requests = applicationPrototype(own);
  if (requests === undefined) return undefined;
  for (let each: object | null = own; each !== null; each = Object.getPrototypeOf(each)) {
    const known = Object.getOwnPropertyDescriptor(each, 'scope');
    if (known !== undefined) return known.get && inheritances.get(known.get);
  }
  const inherited: Inherited = { requests, settings, assigned: false, always: false };
  function get(this: ExpressRequest): Scope | undefined {
    const response = inherited.always ? (responseAtHand(this) ?? this.res) : undefined;
    if (isObject(response)) return requestScopeFor(settings, this, response);
    const scope = scopeIn(this);
    if (scope !== undefined) return scope;
    const { res } = this;
    return hasExchange(res) && hasEnded(res) ? lateScope(settings, res) : undefined;
  }
  function set(this: ExpressRequest, value: unknown): void {
    inherited.assigned = true;
    Object.defineProperty(this, 'scope', { value, configurable: true, enumerable: true, writable: true });
  }
  const isThere = Reflect.defineProperty(requests, 'scope', {
    get,
    set,
    configurable: true,
    enumerable: false,
  });
  if (!isThere) return undefined;
  inheritances.set(get, inherited);
  return inherited;
}

/**
 * Has the getter make the scopes, when they are first asked for, and takes the middleware out of the application: by
 * then it would do nothing, and a middleware that does nothing makes a request of Express 2 % slower. Only where all requests
 * of the application come by, where none has a `scope` of somebody else's, and where no other settings are in force.
 */
function standAside(
  inherited: Inherited,
  settings: ScopeSettings,
  request: ExpressRequest,
  middleware: Middleware,
): void {
  const { app } = request;
  // Set before there was a setter to notice it.
  inherited.assigned ||= Object.hasOwn(request, 'scope');
  if (app?.request !== inherited.requests || inherited.assigned) return;
  if (inherited.settings !== settings && !inherited.always) return;
  if (!leaveRouter(app, middleware, (other) => middlewares.has(other))) return;
  inherited.always = true;
  // Who asks first when the response has ended is late.
  noteAllEnds();
}
