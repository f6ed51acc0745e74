/**
 * plateau in Express, in other frameworks with such middleware, and in plain `node:http`.
 *
 * @packageDocumentation
 */

import type { Scope } from './index';
import { hideFramesOf } from './sites/call-site';

// What the application did is looked for above these files.
if (typeof __filename === 'string') hideFramesOf(__filename);

declare global {
  namespace Express {
    interface Request {
      /** What the request has started, released when its response ends. Where `requestScope()` is used. */
      scope: Scope;
    }
  }
}

export { type DashboardHandler, dashboard } from './dashboard/dashboard';
export type { DashboardOptions } from './dashboard/options';
export type {
  DashboardCache,
  DashboardHistory,
  DashboardIsolate,
  DashboardState,
} from './dashboard/types';
export { type RecentRequests, recentRequests } from './express/recent-requests';
export { type ExpressScopeOptions, type Middleware, requestScope } from './express/request-scope';
export { type ServerClasses, serverClasses } from './express/server-classes';
export { debugEndpoint, type RecentRequestsOptions, type RequestRecord } from './index';
