// The scopes of requests through `import`.

import { createServer } from 'node:http';
import express from 'express';
import Fastify from 'fastify';
import type { Scope } from 'plateau';
import { requestScope, type ServerClasses, serverClasses } from 'plateau/express';
import { requestScope as plugin } from 'plateau/fastify';

express()
  .use(requestScope())
  .get('/', (req) => void (req.scope satisfies Scope));
const web = express().use(requestScope({ classes: false, grace: 10 }));
createServer(serverClasses(web) satisfies ServerClasses, web);
// @ts-expect-error true or false
requestScope({ classes: 'no' });
const app = Fastify();
await app.register(plugin, { grace: 5000 });
app.get('/', (request) => request.scope satisfies Scope);
app.get('/x', (request) => {
  // @ts-expect-error read-only
  request.scope = undefined;
});
