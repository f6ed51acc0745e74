// The types of the dashboard: what compiles, with which types, and what does not.

import { createServer, type IncomingMessage } from 'node:http';
import express from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import type { ListenerSite, MemorySample, MemoryVerdict } from 'plateau';
import * as forExpress from 'plateau/express';
import * as forFastify from 'plateau/fastify';

/** Fails to compile unless the two are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

const app = express();
app.use('/debug', forExpress.dashboard({ authorize: (req: express.Request) => req.ip === '::1' }));
app.use(forExpress.dashboard({ authorize: async () => true, path: '/debug' }));
const options: forExpress.DashboardOptions<express.Request> = {
  authorize: (req) => req.secure,
  ...{ path: '/memory', title: 'shop', failOnLeak: true, maxClients: 5 },
};
const handler: forExpress.DashboardHandler = forExpress.dashboard(options);
app.use(handler);
createServer((req, res) => {
  handler(req, res);
  handler(req, res, () => {});
});
createServer(forExpress.dashboard({ authorize: (req: IncomingMessage) => req.url !== undefined }));
// Without a type of its own the request is whatever the framework has.
forExpress.dashboard({ authorize: (req) => req.user.isAdmin === true });

// @ts-expect-error an authorisation function is required
forExpress.dashboard({});
// @ts-expect-error it says yes or no
forExpress.dashboard({ authorize: () => 'yes' });
// @ts-expect-error there is no such option
forExpress.dashboard({ authorize: () => true, open: true });

const server = fastify();
await server.register(
  forFastify.dashboard({ authorize: (request: FastifyRequest) => request.ip === '::1' }),
  {
    prefix: '/debug',
  },
);
// @ts-expect-error it goes by its prefix
forFastify.dashboard({ authorize: () => true, path: '/debug' });
// @ts-expect-error an authorisation function is required
forFastify.dashboard({});

declare const state: forExpress.DashboardState;
same<typeof state.verdict, MemoryVerdict>();
same<typeof state.sample, MemorySample | null>();
same<typeof state.listeners, ListenerSite[]>();
same<typeof state.caches, forExpress.DashboardCache[]>();
const isolates: forFastify.DashboardIsolate[] = state.isolates;
declare const past: forExpress.DashboardHistory;
same<typeof past.at, number[]>();
isolates.at(0)?.self satisfies boolean | undefined;
