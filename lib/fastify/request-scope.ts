/** `request.scope` for Fastify. */

import type { RequestScopeOptions, Scope } from '../index';
import { readRequestScopeOptions } from '../scope/options';
import { KEY, requestScopeFor, requestScopeOf } from '../scope/request-scope';
import { asPlugin, REGISTER_OPTIONS } from './plugin';

/** A Fastify instance, as little of it as is needed. */
export interface FastifyLike {
  // biome-ignore lint/suspicious/noExplicitAny: overloaded in Fastify's types, and more with every version
  addHook(name: any, hook: any): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  decorateRequest(name: any, value: any): unknown;
  hasRequestDecorator(name: string): boolean;
}

interface Wrapped {
  readonly raw: object;
  [KEY]?: Scope | null;
}

/**
 * Plugin that gives every request a scope, `request.scope`, which ends when the response has been sent or the connection
 * is lost, whichever comes first. Not encapsulated: it is for all routes of the instance it is registered on, and of
 * those below. Options as for Express; what is wrong with them rejects `app.ready()`.
 *
 * @example
 * await app.register(requestScope, { grace: 5000 });
 * app.get('/prices', (request, reply) => {
 *   reply.hijack();
 *   request.scope.on(bus, 'price', (price) => reply.raw.write(`data: ${price}\n\n`));
 * });
 */
export function requestScope(
  app: FastifyLike,
  options: RequestScopeOptions,
  done: (error?: Error) => void,
): void {
  try {
    const own = Object.entries(options).filter(([name]) => !REGISTER_OPTIONS.includes(name));
    const settings = readRequestScopeOptions(Object.fromEntries(own));
    if (app.hasRequestDecorator('scope')) {
      done();
      return;
    }
    // A getter on the prototype: nothing is shared between requests, and hooks that ran before ours have a scope too.
    app.decorateRequest('scope', {
      getter(this: Wrapped): Scope {
        return requestScopeOf(this as never);
      },
    });
    // A place of its own, which Fastify makes for each request: so the request has its scope also when it is over.
    app.decorateRequest(KEY, null);
    app.addHook('onRequest', (request: Wrapped, reply: Wrapped, next: () => void) => {
      request[KEY] = requestScopeFor(settings, request.raw, reply.raw);
      next();
    });
    done();
  } catch (error) {
    done(error as Error);
  }
}

asPlugin(requestScope, 'plateau-request-scope');
