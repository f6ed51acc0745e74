// The types of BoundedLog, recentRequests and debugEndpoint: what compiles, with which types, and what does not.

import { createServer } from 'node:http';
import express from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import {
  BoundedLog,
  type BoundedLogOptions,
  type DebugEndpointOptions,
  debugEndpoint,
  type LogBounds,
  type LogStats,
  type PathPattern,
  type RecentRequestsOptions,
  type RequestRecord,
} from 'plateau';
import * as forExpress from 'plateau/express';
import * as forFastify from 'plateau/fastify';

/** Fails to compile unless the two are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

interface Failure {
  at: number;
}
declare const failure: Failure;

const log = new BoundedLog<Failure>({ maxEntries: 10 });
new BoundedLog<Failure>(10, [failure]);
new BoundedLog<Failure>(10, null);
const all: BoundedLogOptions<Failure> = {
  ...{ maxEntries: 1, maxBytes: 1, maxAge: 1, name: 'failures', clock: Date },
  sizeOf: (record) => record.at,
};
new BoundedLog(all);
same<ReturnType<typeof log.push>, number>();
same<ReturnType<typeof log.tail>, Failure[]>();
same<ReturnType<typeof log.at>, Failure | undefined>();
same<ReturnType<typeof log.toJSON>, Failure[]>();
same<ReturnType<typeof log.stats>, LogStats>();
log.push(failure, failure);
for (const record of log) same<typeof record, Failure>();
for (const record of log.newestFirst()) same<typeof record, Failure>();
for (const [index, record] of log.entries()) same<[typeof index, typeof record], [number, Failure]>();
log.forEach((record, index, self) => {
  same<typeof record, Failure>();
  same<typeof index, number>();
  same<typeof self, BoundedLog<Failure>>();
});
const bounds: LogBounds = { maxEntries: 5 };
log.resize(bounds);
log.resize(5);

// @ts-expect-error options are required: a log without a bound is a leak
new BoundedLog<Failure>();
// @ts-expect-error there is no such option
new BoundedLog<Failure>({ maxEntries: 10, max: 10 });
// @ts-expect-error records are of one type
log.push('text');
// @ts-expect-error the size is read only
log.size = 5;

// Express: a middleware, with the log of what is picked.
const app = express();
const pattern: PathPattern = /x/;
const recent = forExpress.recentRequests({
  max: 5,
  exclude: ['/healthz', '/static/*', pattern],
  pick: (req: express.Request, res: express.Response) => ({ ip: req.ip, sent: res.headersSent }),
});
app.use(recent);
app.use('/x', forExpress.recentRequests());
const record = recent.log.at(0);
same<typeof record, (RequestRecord & Partial<{ ip: string | undefined; sent: boolean }>) | undefined>();
app.get(
  '/debug',
  forExpress.debugEndpoint(recent.log, { authorize: (req: express.Request) => req.ip === '::1' }),
);
app.get('/debug', debugEndpoint(recent.log, { authorize: async () => true }));
forExpress.recentRequests({ pick: (req) => ({ user: req.user.id }), log: new BoundedLog<RequestRecord>(5) });
createServer((req, res) => {
  recent(req, res);
  recent(req, res, () => {});
  debugEndpoint(recent.log, { authorize: () => true })(req, res);
});
const options: RecentRequestsOptions<express.Request, express.Response> = {
  ...{
    max: 1,
    maxBytes: 1,
    maxAge: 1,
    redact: ['a'],
    revealParameters: ['b'],
    headers: ['c'],
    revealHeaders: ['d'],
  },
  requestId: (req) => req.ip,
};
forExpress.recentRequests(options);
const endpoint: DebugEndpointOptions<express.Request> = { authorize: (req) => req.secure };
debugEndpoint(log, endpoint);

// @ts-expect-error there is no such option
forExpress.recentRequests({ maxEntries: 5 });
// @ts-expect-error fields are an object
forExpress.recentRequests({ pick: () => 'text' });
// @ts-expect-error an authorisation function is required
debugEndpoint(log, {});
// @ts-expect-error it says yes or no
debugEndpoint(log, { authorize: () => 'yes' });

// Fastify: a plugin, and a handler.
const server = fastify();
await server.register(forFastify.recentRequests, {
  max: 5,
  pick: (request: FastifyRequest) => ({ ip: request.ip }),
});
await server.register(forFastify.recentRequests, {});
server.get(
  '/debug',
  forFastify.debugEndpoint(log, { authorize: (request: FastifyRequest) => request.ip === '::1' }),
);
// @ts-expect-error there is no such option
await server.register(forFastify.recentRequests, { maxEntries: 5 });
