// The same declarations reach CommonJS, also through the subpaths.

import plateau = require('plateau');

import forExpress = require('plateau/express');
import forFastify = require('plateau/fastify');

const log: plateau.BoundedLog<plateau.RequestRecord> = new plateau.BoundedLog<plateau.RequestRecord>(5);
const recent: forExpress.RecentRequests = forExpress.recentRequests({ log });
const same: plateau.BoundedLog<plateau.RequestRecord & Partial<object>> = recent.log;
forExpress.debugEndpoint(same, { authorize: () => true });
forFastify.debugEndpoint(log, { authorize: () => true });
plateau.debugEndpoint(log, { authorize: () => true });
// @ts-expect-error an authorisation function is required
forFastify.debugEndpoint(log, {});
