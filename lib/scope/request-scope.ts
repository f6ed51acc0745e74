/**
 * Scopes of requests: made at once and cheap, since nothing is hooked to anything before the first resource is added.
 *
 * Requests and responses of Node's HTTP/1 server stay as they are: their scope hangs on the exchange, for the reasons
 * given in `lifetime/exchange.ts`.
 */

import { performance } from 'node:perf_hooks';
import { hasEnded, onEnd, targetOf, type Until } from '../lifetime/ending';
import { exchangeOf, findExchangeOf, hasExchange, lastEnd } from '../lifetime/exchange';
import { readRequestScopeOptions, type ScopeSettings } from './options';
import { Scope } from './scope';

/** Where a request has its scope when there is no exchange. */
export const KEY: unique symbol = Symbol('plateau.requestScope');

interface Carrier {
  [KEY]?: Scope;
  readonly raw?: unknown;
}

const DEFAULTS = readRequestScopeOptions(undefined);

/** The scope of a request, which ends with its response. The first settings win. */
export function requestScopeFor(settings: ScopeSettings, request: object, response: object): Scope {
  const exchange = exchangeOf(response, request);
  if (exchange === null) return lateScope(settings, response);
  if (exchange === undefined) {
    const known = (request as Carrier)[KEY];
    if (known !== undefined) return known;
    let scope = Scope.ofResponse(settings, response);
    // Now, so that a handler whose first resource comes after the end is known to be late, and how late.
    if (onEnd(response, scope) === undefined) scope = Scope.ofResponse(settings, response, performance.now());
    (request as Carrier)[KEY] = scope;
    return scope;
  }
  if (exchange.scope === undefined) {
    const scope = Scope.ofResponse(settings, response);
    exchange.scope = scope;
    exchange.waiters.add(scope);
  }
  return exchange.scope as Scope;
}

/** The scope of a response that has ended. It is a new one each time: nothing keeps that of an exchange that is over. */
export function lateScope(settings: ScopeSettings, response: object): Scope {
  const endedAt = hasExchange(response) ? lastEnd(response) : 0;
  return Scope.ofResponse(settings, response, endedAt || performance.now());
}

/** The scope that a request has. */
export function scopeIn(request: object): Scope | undefined {
  return (findExchangeOf(request)?.scope as Scope | undefined) ?? (request as Carrier)[KEY];
}

/**
 * The scope of any request: that of the integrations where there is one, and else one that ends with the response, or,
 * after an upgrade or CONNECT, with the socket.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` when `request` is not a request
 *
 * @example
 * server.on('upgrade', (request, socket, head) => {
 *   requestScopeOf(request).setInterval(() => ping(socket), 30_000);
 * });
 */
export function requestScopeOf(request: Until): Scope {
  if (typeof request === 'object' && request !== null) {
    const wrapped = (request as Carrier)[KEY];
    if (wrapped !== undefined && wrapped !== null) return wrapped;
  }
  const raw = (request as Carrier | null)?.raw;
  const carrier = (typeof raw === 'object' && raw !== null ? raw : request) as Carrier;
  const known = typeof carrier === 'object' && carrier !== null ? scopeOf(carrier) : undefined;
  if (known !== undefined) return known;
  const target = targetOf(request, 'request');
  if (hasExchange(target)) return requestScopeFor(DEFAULTS, carrier, target);
  hasEnded(request, 'request');
  const scope = Scope.lazy(DEFAULTS, carrier);
  carrier[KEY] = scope;
  return scope;
}

function scopeOf(carrier: Carrier & { scope?: unknown }): Scope | undefined {
  const known = scopeIn(carrier);
  if (known !== undefined) return known;
  // Express's, when the exchange is over.
  const { scope } = carrier;
  return scope instanceof Scope ? scope : undefined;
}
