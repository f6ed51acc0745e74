/**
 * plateau in Fastify.
 *
 * @packageDocumentation
 */

import type {} from 'fastify';
import type { Scope } from './index';
import { hideFramesOf } from './sites/call-site';

// What the application did is looked for above these files.
if (typeof __filename === 'string') hideFramesOf(__filename);

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request has started, released when its response ends. Where `requestScope` is registered. */
    readonly scope: Scope;
  }
}

export type { DashboardOptions } from './dashboard/options';
export type {
  DashboardCache,
  DashboardHistory,
  DashboardIsolate,
  DashboardState,
} from './dashboard/types';
export { type DashboardInstanceLike, dashboard } from './fastify/dashboard';
export { debugEndpoint } from './fastify/debug-endpoint';
export { type FastifyInstanceLike, recentRequests } from './fastify/recent-requests';
export { type FastifyLike, requestScope } from './fastify/request-scope';
export type { RecentRequestsOptions, RequestRecord } from './index';
