/**
 * Scopes of requests: made at once and cheap, since nothing is hooked to anything before the first resource is added.
 */

import { hasEnded, type Until } from '../lifetime/ending';
import { readRequestScopeOptions, type ScopeSettings } from './options';
import { Scope } from './scope';

/** Where a request, and its response, have their scope. */
const KEY: unique symbol = Symbol('plateau.requestScope');

interface Carrier {
  [KEY]?: Scope;
}

interface Response extends Carrier {
  on(event: string, listener: (this: Carrier) => void): unknown;
}

const DEFAULTS = readRequestScopeOptions(undefined);

/** The scope of a request, which ends with its response. The first settings win. */
export function requestScopeFor(settings: ScopeSettings, request: object, response: object): Scope {
  const known = (request as Carrier)[KEY];
  if (known !== undefined) return known;
  const scope = Scope.lazy(settings, response, noteEnd);
  (request as Carrier)[KEY] = (response as Carrier)[KEY] = scope;
  // Also that a handler whose first resource comes after the end is known to be late, and how late.
  (response as Response).on('close', noteEnd);
  return scope;
}

/** A response has ended: one function for all. `finish` is listened to once something is held. */
function noteEnd(this: Carrier): void {
  if (this[KEY] !== undefined) Scope.sawEnd(this[KEY]);
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
  const known = carrier?.[KEY];
  if (known !== undefined) return known;
  hasEnded(request, 'request');
  const scope = Scope.lazy(DEFAULTS, carrier);
  carrier[KEY] = scope;
  return scope;
}
