/** `req.scope` for Express, Connect and plain `node:http` servers. */

import type { RequestScopeOptions } from '../index';
import { readRequestScopeOptions } from '../scope/options';
import { requestScopeFor } from '../scope/request-scope';

/** A middleware, as little of it as is needed. */
export type Middleware = (req: object, res: object, next: (error?: unknown) => void) => void;

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
  return function plateauRequestScope(req, res, next) {
    requestScopeFor(settings, req, res, true);
    next();
  };
}
