/**
 * plateau in Express, in other frameworks with such middleware, and in plain `http`.
 *
 * @packageDocumentation
 */

export { type RecentRequests, recentRequests } from './express/recent-requests';
export { debugEndpoint, type RecentRequestsOptions, type RequestRecord } from './index';
