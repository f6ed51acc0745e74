// Scopes, and those of requests, through `require`.

import type { Request } from 'express';

import express = require('express');
import fastify = require('fastify');
import plateau = require('plateau');
import forExpress = require('plateau/express');
import forFastify = require('plateau/fastify');

const scope: plateau.Scope = plateau.createScope();
scope.dispose() satisfies Promise<void>;

const app = express();
app.use(forExpress.requestScope({ grace: 5000, onLeak: (leak) => void leak.reason }));
app.get('/', (req, res) => {
  req.scope.setTimeout(() => res.end(), 5);
});
app.get('/', forExpress.requestScope(), (req: Request) => void req.scope.size);
// @ts-expect-error no such option
forExpress.requestScope({ gracePeriod: 5 });

const server = fastify.fastify();
server.register(forFastify.requestScope);
server.register(forFastify.requestScope, { grace: 5, prefix: '/x' });
// @ts-expect-error no such option
server.register(forFastify.requestScope, { gracePeriod: 5 });
server.get('/', async (request) => request.scope.size satisfies number);

export = { scope };
