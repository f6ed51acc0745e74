/** `recentRequests` for Fastify: a plugin. */

import type { RecentRequestsOptions } from '../index';
import { type Framework, RequestRecorder } from '../log/request-log';

// biome-ignore lint/suspicious/noExplicitAny: structural, as nothing of Fastify is imported
type Any = any;

/** Of a Fastify instance what the plugin needs. */
export interface FastifyInstanceLike {
  // biome-ignore lint/suspicious/noExplicitAny: overloaded there
  addHook: (...args: any[]) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: overloaded there
  decorate: (...args: any[]) => unknown;
}

/** Names that Fastify adds to the options of a plugin. */
const FRAMEWORK_OPTIONS = ['prefix', 'logLevel', 'logSerializers', 'errorHandler', 'encapsulate'];

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
    const recorder = new RequestRecorder(options, FRAMEWORK_OPTIONS);
    instance.decorate('recentRequests', recorder.log);
    instance.addHook('onRequest', (request: Any, reply: Any, next: () => void) => {
      recorder.begin(request.raw, reply.raw, frameworkOf(request, reply));
      next();
    });
  } catch (error) {
    done(error as Error);
    return;
  }
  done();
}

// What the package fastify-plugin does: the hook is to see the requests of the instance that it is registered on.
Object.assign(recentRequests, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'plateau-recent-requests',
  [Symbol.for('plugin-meta')]: { name: 'plateau-recent-requests' },
});

function frameworkOf(request: Any, response: Any): Framework {
  return {
    request,
    response,
    url: () => request.originalUrl ?? request.raw.url,
    route: () => (request.is404 === true ? undefined : request.routeOptions?.url),
  };
}
