/**
 * plateau in Fastify.
 *
 * @packageDocumentation
 */

export { debugEndpoint } from './fastify/debug-endpoint';
export { type FastifyInstanceLike, recentRequests } from './fastify/recent-requests';
export type { RecentRequestsOptions, RequestRecord } from './index';
