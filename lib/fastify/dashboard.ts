/** The dashboard as a plugin of Fastify. */

import type { DashboardOptions } from '../dashboard/options';
import { DashboardResponder, STREAM } from '../dashboard/responder';
import { isAnswered } from '../http/answer';

// biome-ignore lint/suspicious/noExplicitAny: structural, as nothing of Fastify is imported
type Any = any;

/** Of a Fastify instance what the plugin needs. */
export interface DashboardInstanceLike {
  // biome-ignore lint/suspicious/noExplicitAny: overloaded there
  route: (...args: any[]) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: overloaded there
  addHook: (...args: any[]) => unknown;
}

const OTHER_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * A live page about the memory of this process, as `dashboard` of `plateau/express` is, as a plugin of Fastify.
 * `authorize` gets Fastify's request. `path` is not needed: the plugin goes by its `prefix`.
 *
 * @example
 * startMemorySampler();
 * app.register(dashboard({ authorize: (request) => isAdmin(request) }), { prefix: '/debug/memory' });
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` without an `authorize` function, or for
 * options that are wrong
 */
export function dashboard<Req = Any>(
  options: Omit<DashboardOptions<Req>, 'path'>,
): (instance: DashboardInstanceLike, options: object, done: (error?: Error) => void) => void {
  const responder = new DashboardResponder(options);
  return (instance: Any, _options, done) => {
    const answer = async (request: Any, reply: Any): Promise<unknown> => {
      const { method, url: whole } = request.raw;
      // The prefix may have parameters: what is below it, the router knows.
      const rest: unknown = request.params?.['*'];
      const url = (typeof rest === 'string' ? `/${rest}` : '') + (/\?.*$/.exec(whole)?.[0] ?? '');
      const answered = await responder.answer(request, method, url, reply.raw);
      // Somebody who has gone meanwhile would never be seen to go.
      if (reply.sent === true || isAnswered(reply.raw)) return reply;
      const plain = answered === STREAM ? responder.streams.refusal() : answered;
      if (plain === undefined) {
        reply.hijack();
        responder.streams.add(request.raw, reply.raw, reply.getHeaders());
      } else {
        reply.code(plain.status).headers(plain.headers).send(plain.body);
      }
      return reply;
    };
    for (const url of ['/', '/*']) {
      instance.route({ method: 'GET', url, exposeHeadRoute: true, handler: answer });
      // Before a body is read.
      instance.route({ method: OTHER_METHODS, url, onRequest: answer, handler: answer });
    }
    endWith(instance, responder);
    done();
  };
}

/** Fastify waits for what is open before it closes. Before 4.13 it does not tell; streams then notice within a second. */
function endWith(instance: Any, responder: DashboardResponder): void {
  try {
    instance.addHook('preClose', (closed: () => void) => {
      responder.streams.close();
      closed();
    });
  } catch {
    // There is no such hook.
  }
}
