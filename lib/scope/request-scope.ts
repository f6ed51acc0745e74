/**
 * Scopes of requests: made at once and cheap, since nothing is hooked to anything before the first resource is added.
 */

import { hasEnded, type Until } from '../lifetime/ending';
import { readRequestScopeOptions, type ScopeSettings } from './options';
import { Scope } from './scope';

/** Where a request has its scope when that is not in `scope`, where Express has it. */
const KEY: unique symbol = Symbol('plateau.requestScope');

interface Carrier {
  [KEY]?: Scope;
  scope?: unknown;
}

interface Response {
  readonly req?: Carrier;
  on(event: string, listener: (this: Response) => void): unknown;
}

const DEFAULTS = readRequestScopeOptions(undefined);

/**
 * The scope of a request, which ends with its response, in the request's `scope` or else where only this file finds it.
 * The first settings win. Each property that requests have more is paid for in all that is done with them, so there is
 * one, and none on the response.
 */
export function requestScopeFor(
  settings: ScopeSettings,
  request: object,
  response: object,
  isProperty: boolean,
): Scope {
  const known = scopeIn(request);
  if (known !== undefined) return known;
  const scope = Scope.lazy(settings, response, true);
  if (isProperty) (request as Carrier).scope = scope;
  else (request as Carrier)[KEY] = scope;
  // So that a handler whose first resource comes after the end is known to be late, and how late.
  (response as Response).on('close', noteEnd);
  return scope;
}

function scopeIn(request: Carrier | undefined): Scope | undefined {
  if (request === undefined) return undefined;
  const { scope } = request;
  return scope instanceof Scope ? scope : request[KEY];
}

/** A response has ended: one function for all. A scope that holds something has listeners of its own. */
function noteEnd(this: Response): void {
  const scope = scopeIn(this.req);
  if (scope !== undefined) Scope.sawEnd(scope, this);
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
  const raw = (request as { raw?: unknown } | null)?.raw;
  const carrier = (typeof raw === 'object' && raw !== null ? raw : request) as Carrier;
  const known = typeof carrier === 'object' && carrier !== null ? scopeIn(carrier) : undefined;
  if (known !== undefined) return known;
  hasEnded(request, 'request');
  const scope = Scope.lazy(DEFAULTS, carrier);
  carrier[KEY] = scope;
  return scope;
}
