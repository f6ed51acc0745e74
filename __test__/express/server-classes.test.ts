/** Requests that are an Express application's from birth, by `requestScope()` and by `serverClasses()`. */

import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http, { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { connect } from 'node:tls';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import type { Scope } from 'plateau';
import { requestScope, serverClasses } from 'plateau/express';

type Request = IncomingMessage & { scope: Scope; note?: unknown };
type Response = ServerResponse & { send(text: string): void };
interface App {
  (req: IncomingMessage, res: ServerResponse): void;
  use(...args: unknown[]): void;
  get(path: string, handler: (req: Request, res: Response) => unknown): void;
  listen(port: number, host: string): Server;
  readonly request: object;
  readonly response: object;
}

setFlagsFromString('--allow-natives-syntax');
const haveSameMap = runInThisContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
// Compiled when it is first called.
haveSameMap({}, {});
setFlagsFromString('--no-allow-natives-syntax');
const isWorthIt = Number.parseInt(process.versions.v8, 10) < 13;

/** Asks `server` so many times, and gives the prototypes that its last request and response were born with. */
async function born(
  server: Server,
  requests = 4,
  get: () => Promise<void> = async () => assert.equal(await ask(server), 'ok'),
): Promise<{ request: unknown; response: unknown }> {
  const last: { request?: unknown; response?: unknown } = {};
  const note = (message: unknown): void => {
    const {
      request,
      response,
      server: from,
    } = message as { request: object; response: object; server: unknown };
    if (from !== server) return;
    last.request = Object.getPrototypeOf(request);
    last.response = Object.getPrototypeOf(response);
  };
  subscribe('http.server.request.start', note);
  try {
    for (let i = 0; i < requests; i++) await get();
  } finally {
    unsubscribe('http.server.request.start', note);
  }
  return { request: last.request, response: last.response };
}

async function ask(server: Server): Promise<string> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).text();
}

async function serving(server: Server, work: (server: Server) => Promise<unknown>): Promise<void> {
  try {
    await work(server);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const NODES = { request: IncomingMessage.prototype, response: ServerResponse.prototype };

for (const name of ['express', 'express4']) {
  const express = require(name) as () => App;
  const made = (options?: object, handler?: (req: Request, res: Response) => void): App => {
    const app = express();
    app.use(requestScope(options));
    app.get('/', handler ?? ((req, res) => void (req.scope && res.send('ok'))));
    return app;
  };
  const of = ({ request, response }: App) => (isWorthIt ? { request, response } : NODES);

  suite(`the classes of a server of ${name}`, () => {
    test('are the application’s from the second request on', async () => {
      const app = made();
      await serving(app.listen(0, '127.0.0.1'), async (server) => {
        assert.deepEqual(await born(server, 1), NODES);
        assert.deepEqual(await born(server), of(app));
      });
    });

    test('whatever requests are given, they share one hidden class', async () => {
      const kept: [Request, Response][] = [];
      const app = made(undefined, (req, res) => {
        req.note = { of: 'mine' };
        kept.push([req, res]);
        res.send('ok');
      });
      await serving(createServer(app), async (server) => {
        for (let i = 0; i < 30; i++) await ask(server);
        const [before, last] = kept.slice(-2) as [[Request, Response], [Request, Response]];
        assert.ok(haveSameMap(before[0], last[0]));
        assert.ok(haveSameMap(before[1], last[1]));
      });
    });

    test('make what Node would have made', async () => {
      const seenBy = async (options?: object): Promise<unknown> => {
        let last: unknown;
        const app = made(options, (req, res) => {
          const maker = req.constructor;
          last = [req instanceof IncomingMessage, maker, Object.keys(req), inspect(req).split(' ')[0]];
          last = [
            last,
            res instanceof ServerResponse,
            res.constructor,
            Object.keys(res),
            inspect(res).split(' ')[0],
          ];
          res.send('ok');
        });
        await serving(createServer(app), async (server) => {
          for (let i = 0; i < 4; i++) await ask(server);
        });
        return last;
      };
      assert.deepEqual(await seenBy(), await seenBy({ classes: false }));
    });

    test('are those of each server, and of each application', async () => {
      const app = made();
      const other = made();
      await serving(createServer(app), (first) =>
        serving(createServer(app), (second) =>
          serving(createServer(other), async (third) => {
            assert.deepEqual(await born(first), of(app));
            assert.deepEqual(await born(third), of(other));
            assert.deepEqual(await born(second), of(app));
          }),
        ),
      );
    });

    test('of a mounted application are those of the one that is served', async () => {
      const app = express();
      app.use('/', made());
      await serving(createServer(app), async (server) => assert.deepEqual(await born(server), of(app)));
    });

    test('are the application’s over TLS', async () => {
      const app = made();
      // A key that both know needs no certificate.
      const psk = Buffer.alloc(16, 7);
      const tls = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
      const server = https.createServer({ ...tls, pskCallback: () => psk }, app as http.RequestListener);
      await serving(server, async () => {
        await once(server.listen(0, '127.0.0.1'), 'listening');
        const { port } = server.address() as AddressInfo;
        const get = async (): Promise<void> => {
          const client = { ...tls, port, host: '127.0.0.1', checkServerIdentity: () => undefined };
          const socket = connect({ ...client, pskCallback: () => ({ psk, identity: 'test' }) });
          const asked = http.get({ createConnection: () => socket });
          const [answer] = (await once(asked, 'response')) as [IncomingMessage];
          await once(answer.resume(), 'end');
          socket.destroy();
        };
        assert.deepEqual(await born(server, 3, get), of(app));
      });
    });

    const untouched: [string, (app: App) => Server, object?][] = [
      ['where others are given requests', (app) => createServer(app).on('request', () => {})],
      ['where there are upgrades', (app) => createServer(app).on('upgrade', () => {})],
      ['where the application is called by something else', (app) => createServer((...both) => app(...both))],
      ['where that is not wanted', createServer, { classes: false }],
    ];
    for (const [title, serve, options] of untouched) {
      test(`stay Node's ${title}`, async () => {
        await serving(serve(made(options)), async (server) => assert.deepEqual(await born(server), NODES));
      });
    }

    test('of a server that throws when it is looked at stay, and there is a warning', async () => {
      const server = createServer(made());
      const { listeners } = server;
      server.listeners = (event) => {
        if (event === 'upgrade') throw new Error('not to be looked at');
        return listeners.call(server, event);
      };
      const warned = once(process, 'warning');
      await serving(server, async () => assert.deepEqual(await born(server), NODES));
      if (!isWorthIt) return;
      const [warning] = (await warned) as [Error & { code: string }];
      assert.equal(warning.code, 'PLATEAU_SERVER_CLASSES');
    });

    test('stay the program’s own', async () => {
      class Own extends IncomingMessage {}
      await serving(createServer({ IncomingMessage: Own }, made()), async (server) =>
        assert.deepEqual(await born(server), { ...NODES, request: Own.prototype }),
      );
    });

    for (const event of ['request', 'upgrade', 'connect', 'checkContinue', 'dropRequest']) {
      test(`are Node's again with the first listener for ${event}`, async () => {
        const app = made();
        await serving(createServer(app), async (server) => {
          await born(server);
          server.on('clientError', () => {});
          assert.deepEqual(await born(server), of(app));
          server.on(event, () => {});
          assert.deepEqual(await born(server), NODES);
          assert.equal(server.listenerCount('newListener'), 0);
        });
      });
    }

    test('can be given by hand, whatever else the server does', async () => {
      const app = made();
      const server = createServer(serverClasses(app), (req, res) => app(req, res)).on('upgrade', () => {});
      await serving(server, async () => assert.deepEqual(await born(server, 1), of(app)));
    });

    test('are named as Node’s are', () => {
      const { IncomingMessage: Request, ServerResponse: Answer } = serverClasses(express());
      assert.equal(Request?.name, isWorthIt ? 'IncomingMessage' : undefined);
      assert.equal(Answer?.name, isWorthIt ? 'ServerResponse' : undefined);
    });
  });
}

test('what is no application has no classes', () => {
  for (const app of [undefined, null, {}, () => {}, http.createServer(), 'express']) {
    assert.throws(() => serverClasses(app), { name: 'TypeError', code: 'PLATEAU_INVALID_ARGUMENT' });
  }
});

test('classes is true or false', () => {
  const options = { classes: 1 } as unknown as { classes: boolean };
  assert.throws(() => requestScope(options), {
    code: 'PLATEAU_INVALID_OPTION',
    message: /classes.*boolean.*1/,
  });
});
