/** The route that took a request, as a framework knows it. */

// biome-ignore lint/suspicious/noExplicitAny: requests of any framework, of which some properties are looked at
type AnyRequest = any;

/** The pattern of an Express or Fastify route; of several or regular expressions, as they are written. */
export function routeOf(request: AnyRequest): string | undefined {
  const path: unknown = request?.route?.path;
  if (path === undefined || path === null) {
    const { is404, routeOptions } = request ?? {};
    return is404 !== true && typeof routeOptions?.url === 'string' ? routeOptions.url : undefined;
  }
  const base = typeof request.baseUrl === 'string' ? request.baseUrl : '';
  return `${base}${Array.isArray(path) ? path.join(',') : String(path)}`;
}
