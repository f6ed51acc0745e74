/** `recentRequests` for Express, for other frameworks with such middleware, and for plain `http`. */

import type { BoundedLog, RecentRequestsOptions, RequestRecord } from '../index';
import { type Framework, RequestRecorder } from '../log/request-log';
import { routeOf } from '../sites/route';
import { countInherited } from './response-bytes';

// biome-ignore lint/suspicious/noExplicitAny: whatever request a framework has; annotate the parameters of `pick` to be stricter
type Any = any;

/** What `recentRequests` returns: a middleware, and what it records into. */
export interface RecentRequests<Picked extends object = object> {
  /** Records the request when it has ended. Without `next`, for plain `http`, it returns and no more. */
  (
    req: { method?: string | undefined; url?: string | undefined },
    res: { statusCode: number },
    next?: (error?: unknown) => void,
  ): void;
  /** The newest requests. */
  readonly log: BoundedLog<RequestRecord & Partial<Picked>>;
}

/**
 * Records the newest requests: method, URL, route, status, duration, bytes and id, as plain data that holds neither
 * request nor response. Each is recorded once, when its response has been sent or its connection was lost. Mount it
 * first. Sensitive parameters are redacted, headers are not recorded unless they are named.
 *
 * Express's `app.response` gets a `write` and an `end` that count, once; responses of others get their own.
 *
 * @example
 * const recent = recentRequests({ max: 1000, exclude: ['/healthz'], pick: (req) => ({ user: req.user?.id }) });
 * app.use(recent);
 * app.get('/debug/requests', debugEndpoint(recent.log, { authorize: (req) => req.user?.isAdmin === true }));
 *
 * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable or does not exist
 */
export function recentRequests<Req = Any, Res = Any, Picked extends object = object>(
  options: RecentRequestsOptions<Req, Res, Picked> = {},
): RecentRequests<Picked> {
  const recorder = new RequestRecorder(options, EXPRESS);
  const middleware = (req: Any, res: Any, next?: (error?: unknown) => void): void => {
    recorder.begin(req, res);
    if (typeof next === 'function') next();
  };
  return Object.assign(middleware, { log: recorder.log as BoundedLog<Any> });
}

const EXPRESS: Framework = {
  options: [],
  // What a mounted router sees is only the rest of it.
  url: (request) => request?.originalUrl ?? request?.url,
  route: routeOf,
  count: countInherited,
};
