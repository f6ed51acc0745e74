// The same declarations reach CommonJS.

import forExpress = require('plateau/express');
import forFastify = require('plateau/fastify');

forExpress.dashboard({ authorize: () => true }) satisfies forExpress.DashboardHandler;
forFastify.dashboard({ authorize: () => true });
// @ts-expect-error an authorisation function is required
forFastify.dashboard({});
