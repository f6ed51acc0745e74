/** `recentRequests` for Fastify: a plugin. */

import type { RecentRequestsOptions } from '../index';
import { type Framework, RequestRecorder } from '../log/request-log';
import { countBytes } from '../log/response-bytes';
import { routeOf } from '../sites/route';
import { asPlugin, REGISTER_OPTIONS } from './plugin';

// biome-ignore lint/suspicious/noExplicitAny: structural, as nothing of Fastify is imported
type Any = any;

/** Of a Fastify instance what the plugin needs. */
export interface FastifyInstanceLike {
  // biome-ignore lint/suspicious/noExplicitAny: overloaded there
  addHook: (...args: any[]) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: overloaded there
  decorate: (...args: any[]) => unknown;
}

/**
 * Records the newest requests into a {@link BoundedLog}, `app.recentRequests`: method, URL, route, status, duration,
 * bytes and id, as plain data that holds neither request nor reply. Each is recorded once, when its response has been
 * sent or its connection was lost. Register it first, on the instance whose routes are to be recorded; it is not
 * confined to a context of its own. Sensitive parameters are redacted, headers are not recorded unless they are named.
 *
 * @example
 * await app.register(recentRequests, { max: 1000, exclude: ['/healthz'] });
 * app.get('/debug/requests', debugEndpoint(app.recentRequests, { authorize: (request) => isAdmin(request) }));
 *
 * Options that are not acceptable fail the registration, with an error that has a `code` and names the option.
 */
export function recentRequests<Req = Any, Res = Any, Picked extends object = object>(
  instance: FastifyInstanceLike,
  options: RecentRequestsOptions<Req, Res, Picked>,
  done: (error?: Error) => void,
): void {
  try {
    const recorder = new RequestRecorder(options, FASTIFY);
    instance.decorate('recentRequests', recorder.log);
    instance.addHook('onRequest', (request: Any, reply: Any, next: () => void) => {
      recorder.begin(request.raw, reply.raw, request, reply);
      next();
    });
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

asPlugin(recentRequests, 'plateau-recent-requests');

const FASTIFY: Framework = {
  options: REGISTER_OPTIONS,
  url: (request) => request.originalUrl ?? request.raw.url,
  route: routeOf,
  count: countBytes,
};
