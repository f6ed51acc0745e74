/** What a request is called in reports. */

import { routeOf } from '../sites/route';

// biome-ignore lint/suspicious/noExplicitAny: requests of any framework, of which some properties are looked at
type AnyRequest = any;

/** `GET /subscribe`: by the route's pattern where a framework knows it, and never with the query. */
export function requestOf(until: unknown): string | undefined {
  const it = until as AnyRequest;
  const request: AnyRequest = it?.req ?? it?.request ?? it;
  if (typeof request?.method !== 'string' || typeof request.url !== 'string') return undefined;
  const path = routeOf(request) ?? request.url.split('?', 1)[0];
  return `${request.method} ${path}`.slice(0, 200);
}
