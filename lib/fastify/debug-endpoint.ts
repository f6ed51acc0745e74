/** The debug endpoint as a handler of Fastify. */

import type { BoundedLog, DebugEndpointOptions } from '../index';
import { DebugResponder } from '../log/debug-endpoint';

// biome-ignore lint/suspicious/noExplicitAny: structural, as nothing of Fastify is imported
type Any = any;

/**
 * Serves a log, newest records first, as {@link BoundedLog}'s `debugEndpoint` of the main entry does, as a handler of
 * Fastify. `authorize` gets Fastify's request.
 *
 * @example
 * app.get('/debug/requests', debugEndpoint(app.recentRequests, { authorize: (request) => isAdmin(request) }));
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` without an `authorize` function
 */
export function debugEndpoint<Req = Any>(
  log: BoundedLog<Any>,
  options: DebugEndpointOptions<Req>,
): (request: Any, reply: Any) => Promise<unknown> {
  const responder = new DebugResponder(log, options);
  return async (request, reply) => {
    const { method, headers } = request.raw;
    const url: unknown = request.originalUrl ?? request.raw.url;
    const answer = await responder.answer(request, { method, url, accept: headers?.accept });
    if (reply.sent !== true) {
      reply.code(answer.status).headers(answer.headers).send(answer.body);
    }
    return reply;
  };
}
