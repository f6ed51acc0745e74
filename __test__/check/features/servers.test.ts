/** That what plateau does in servers leaves nothing behind: real servers, and clients that keep their connections. */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite } from 'node:test';
import express, { type Request } from 'express';
import { rateLimit } from 'express-rate-limit';
import session from 'express-session';
import fastify, { type FastifyInstance } from 'fastify';
import {
  type BoundedLog,
  inspectAgents,
  type RequestRecord,
  type Scope,
  startMemorySampler,
  superviseWebSockets,
  trackListeners,
} from 'plateau';
import * as forExpress from 'plateau/express';
import { SharedSessionStore } from 'plateau/express-session';
import * as forFastify from 'plateau/fastify';
import { SharedRateLimitStore } from 'plateau/rate-limit';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../../support';
import { leavesNothing, SLOW, SLOWEST } from './leaves-nothing';

const MB = 2 ** 20;
const authorize = (): boolean => true;
const bus = new EventEmitter();
const sampler = startMemorySampler();
after(() => sampler.stop());

/** A client with one connection that it keeps, and the server that it asks. */
class Client {
  readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    // A collection between two requests may take longer than a server usually waits for the next one.
    server.keepAliveTimeout = 0;
    before(async () => {
      if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
    });
    after(() => {
      this.agent.destroy();
      server.closeAllConnections();
      server.close();
    });
  }

  async begin(path: string): Promise<IncomingMessage> {
    const { port } = this.#server.address() as AddressInfo;
    const asked = get({ host: '127.0.0.1', port, path, agent: this.agent });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return response;
  }

  /** The status and the text of an answer. */
  async ask(path: string): Promise<[status: number | undefined, text: string]> {
    const response = await this.begin(path);
    let text = '';
    for await (const part of response.setEncoding('utf8')) text += part;
    return [response.statusCode, text];
  }

  /** Opens a dashboard's stream of events, reads one, and leaves; waits until the server has seen it. */
  async watch(path: string): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      this.#server.once('request', (_request, answer) => void answer.once('close', resolve));
    });
    const response = await this.begin(path);
    response.on('error', () => {});
    const [event] = (await once(response.setEncoding('utf8'), 'data')) as [string];
    assert.match(event, /^retry: \d+\nevent: state\ndata: \{/);
    response.destroy();
    await gone;
  }
}

suite('Express', () => {
  const recent = forExpress.recentRequests({ max: 50, pick: (req: Request) => ({ ip: req.ip }) });
  const sessions = new SharedSessionStore({ name: 'sessions', maxBytes: MB, maxEntries: 50 });
  const hits = new SharedRateLimitStore({ name: 'hits', maxBytes: MB, maxEntries: 50 });
  const app = express();
  app.use(recent, forExpress.requestScope());
  app.get('/prices/:id', (req, res) => {
    req.scope.on(bus, 'price', () => void req.params);
    req.scope.setInterval(() => {}, 60_000);
    req.scope.child().defer(() => {});
    trackListeners(bus, { until: res }).on('price', () => void res);
    bus.emit('price');
    res.json({ listeners: bus.listenerCount('price') });
  });
  app.get('/debug/requests', forExpress.debugEndpoint(recent.log, { authorize }));
  app.use('/debug/memory', forExpress.dashboard({ authorize }));
  const visited = session({ store: sessions, secret: 'of the test', resave: false, saveUninitialized: true });
  const limiter = rateLimit({
    ...{ store: hits, limit: 10, windowMs: 60_000, validate: false },
    keyGenerator: (req) => req.path,
  });
  app.get('/visits/:id', visited, limiter, (req, res) => void res.json({ id: req.sessionID }));
  const client = new Client(createServer(app));
  after(() => {
    sessions.close();
    hits.shutdown();
  });

  leavesNothing(
    'requestScope with a tracked listener, and recentRequests',
    async (i) => {
      assert.deepEqual(await client.ask(`/prices/${i}`), [200, '{"listeners":2}']);
      await until(() => bus.listenerCount('price') === 0, 'the end of the scope');
      // The first of all: Node's own part in it is new to V8.
    },
    { ...SLOW, warmup: 2000 },
  );

  leavesNothing(
    'debugEndpoint',
    async () => {
      const [status, text] = await client.ask('/debug/requests?limit=20');
      assert.equal(status, 200);
      assert.ok((JSON.parse(text) as unknown[]).length <= 20);
    },
    SLOW,
  );

  leavesNothing(
    'sessions and rate limits',
    async (i) => {
      const [status, text] = await client.ask(`/visits/${i}`);
      assert.deepEqual([status, 'id' in JSON.parse(text)], [200, true]);
      if (i % 10 === 0) assert.ok(inspectAgents({ agents: { client: client.agent } }).ok);
    },
    SLOW,
  );

  leavesNothing(
    'the state of the dashboard',
    async () => {
      const [status, text] = await client.ask('/debug/memory/memory.json');
      assert.deepEqual([status, text.startsWith('{')], [200, true]);
    },
    SLOW,
  );

  leavesNothing('a stream of the dashboard', () => client.watch('/debug/memory/events'), SLOWEST);
});

suite('node:http', () => {
  const dashboard = forExpress.dashboard({ authorize, path: '/memory' });
  const recent = forExpress.recentRequests({ max: 50 });
  const scoped = forExpress.requestScope();
  const client = new Client(
    createServer((req, res) => {
      recent(req, res);
      dashboard(req, res, () => {
        scoped(req as never, res as never, () => {
          (req as unknown as { scope: Scope }).scope.on(bus, 'price', () => void res);
          res.end('scoped');
        });
      });
    }),
  );

  leavesNothing(
    'requestScope, recentRequests and the dashboard',
    async (i) => {
      assert.deepEqual(await client.ask(`/any/${i}`), [200, 'scoped']);
      assert.equal((await client.ask('/memory/memory.json'))[0], 200);
      assert.equal((await client.ask('/memory/history.json?range=bad'))[0], 400);
    },
    SLOW,
  );

  leavesNothing('a stream of the dashboard', () => client.watch('/memory/events'), SLOWEST);
});

suite('Fastify', () => {
  type App = FastifyInstance & { recentRequests: BoundedLog<RequestRecord> };
  const app = fastify() as unknown as App;
  before(async () => {
    await app.register(forFastify.recentRequests, { max: 50 });
    await app.register(forFastify.requestScope);
    await app.register(forFastify.dashboard({ authorize }), { prefix: '/debug/memory' });
    app.get('/debug/requests', forFastify.debugEndpoint(app.recentRequests, { authorize }));
    app.get('/prices/:id', async (request, reply) => {
      const { scope } = request as unknown as { scope: Scope };
      scope.on(bus, 'price', () => void reply);
      trackListeners(bus, { until: reply.raw }).on('price', () => void request);
      return { listeners: bus.listenerCount('price') };
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
  });
  const client = new Client(app.server);
  after(() => app.close());

  leavesNothing(
    'requestScope with a tracked listener, and recentRequests',
    async (i) => {
      assert.deepEqual(await client.ask(`/prices/${i}`), [200, '{"listeners":2}']);
      await until(() => bus.listenerCount('price') === 0, 'the end of the scope');
    },
    SLOW,
  );

  leavesNothing(
    'debugEndpoint and the state of the dashboard',
    async () => {
      assert.equal((await client.ask('/debug/requests?limit=20'))[0], 200);
      assert.equal((await client.ask('/debug/memory/memory.json'))[0], 200);
    },
    SLOW,
  );

  leavesNothing('a stream of the dashboard', () => client.watch('/debug/memory/events'), SLOWEST);
});

suite('WebSockets', () => {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const supervisor = superviseWebSockets(wss, { heartbeat: 50 });
  wss.on('connection', (served) => {
    const scope = supervisor.scopeOf(served);
    scope.on(bus, 'price', () => served.send('price'));
    scope.defer(() => void served);
    served.on('message', (message) => served.send(message));
  });
  before(() => until(() => wss.address() !== null));
  after(() => {
    supervisor.dispose();
    wss.close();
  });

  leavesNothing(
    'clients that come and go',
    async (i) => {
      const client = new WebSocket(`ws://127.0.0.1:${(wss.address() as AddressInfo).port}`);
      await once(client, 'open');
      client.send(`${i}`);
      const [message] = (await once(client, 'message')) as [Buffer];
      assert.equal(String(message), `${i}`);
      if (i % 2 === 0) client.close();
      else client.terminate();
      await until(() => supervisor.clients === 0 && bus.listenerCount('price') === 0, 'its end');
    },
    SLOWEST,
  );

  leavesNothing('a server that is dropped', () => {
    const other = new WebSocketServer({ noServer: true });
    superviseWebSockets(other, { heartbeat: 30_000 });
  });
});
