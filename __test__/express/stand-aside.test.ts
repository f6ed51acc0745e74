/** `requestScope()` leaves the router of an application once its getter does all there is to do. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { requestScopeOf, type Scope, type ScopeLeak, scopeReport } from 'plateau';
import { requestScope } from 'plateau/express';
import { until } from '../support';

type Request = IncomingMessage & { scope: Scope };
type Handler = (req: Request, res: ServerResponse, next: () => void) => unknown;
interface App {
  (req: IncomingMessage, res: ServerResponse): void;
  use(...args: (string | Handler | App)[]): void;
  get(path: string, handler: Handler): void;
  readonly stack?: { handle: unknown }[];
  readonly router: { stack: { handle: unknown }[] };
  readonly _router?: { stack: { handle: unknown }[] };
}
type Express = (() => App) & { Router(): App };

for (const name of ['express', 'express4']) {
  const express = require(name) as Express;

  /** Runs `work` with a function that asks for a path and gives the answer. */
  const serving = async (app: App, work: (ask: (path: string) => Promise<string>) => Promise<void>) => {
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await work(async (path) => (await fetch(`http://127.0.0.1:${port}${path}`)).text());
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  };

  const stackOf = (app: App) =>
    app.stack ?? (Object.hasOwn(app, '_router') ? app._router : app.router)?.stack ?? [];
  const has = (app: App, middleware: unknown) => stackOf(app).some(({ handle }) => handle === middleware);

  suite(`requestScope() in ${name}`, () => {
    test('is out of the way from the second request on, which has its scope nevertheless', async () => {
      const app = express();
      const middleware = requestScope();
      const seen: string[] = [];
      const scopes = new Set<Scope>();
      const before = scopeReport().live;
      app.use((_req, _res, next) => next());
      app.use(middleware as Handler);
      app.use((_req, _res, next) => {
        seen.push('next');
        next();
      });
      app.get('/', (req, res) => {
        seen.push('handler');
        scopes.add(req.scope);
        assert.equal(req.scope, req.scope);
        assert.equal(requestScopeOf(req), req.scope);
        req.scope.defer(() => seen.push('released'));
        res.end('ok');
      });
      assert.equal(has(app, middleware), true);
      await serving(app, async (ask) => {
        for (let i = 0; i < 3; i++) {
          assert.equal(await ask('/'), 'ok');
          await until(() => seen.length === 3);
          assert.deepEqual(seen.splice(0), ['next', 'handler', 'released']);
          assert.equal(has(app, middleware), false);
        }
      });
      assert.equal(scopes.size, 3);
      assert.equal(scopeReport().live, before);
    });

    test('is left out by none that is under way', async () => {
      const app = express();
      const seen: string[] = [];
      const note =
        (what: string): Handler =>
        (req, _res, next) => {
          seen.push(`${req.url} ${what}`);
          next();
        };
      let go: (() => void) | undefined;
      app.use(note('first'), (req, _res, next) => {
        if (req.url === '/slow') go = next;
        else next();
      });
      app.use(requestScope() as Handler);
      app.use(note('second'));
      app.get('/:any', (req, res) => res.end(String(req.scope.disposed)));
      await serving(app, async (ask) => {
        const slow = ask('/slow');
        await until(() => go !== undefined);
        assert.equal(await ask('/quick'), 'false');
        assert.equal(await ask('/quick'), 'false');
        go?.();
        assert.equal(await slow, 'false');
      });
      const quick = ['/quick first', '/quick second'];
      assert.deepEqual(seen, ['/slow first', ...quick, ...quick, '/slow second']);
    });

    test('stays where it does not see all requests, and others have no scope', async () => {
      const app = express();
      const inPath = requestScope();
      const inRouter = requestScope();
      const inApp = requestScope();
      const answer: Handler = (req, res) => res.end(String(req.scope?.disposed));
      app.use('/path', inPath as Handler);
      const router = express.Router();
      router.use(inRouter as Handler);
      app.use('/router', router as unknown as Handler);
      const inner = express();
      inner.use(inApp as Handler);
      inner.get('/', answer);
      app.use('/app', inner);
      for (const path of ['/path', '/router', '/without']) app.get(path, answer);
      await serving(app, async (ask) => {
        for (let i = 0; i < 2; i++) {
          for (const path of ['/path', '/router', '/app']) assert.equal(await ask(path), 'false', path);
          assert.equal(await ask('/without'), 'undefined');
        }
      });
      assert.deepEqual([has(app, inPath), has(router, inRouter), has(inner, inApp)], [true, true, true]);
    });

    test('stays where requests have a scope of another kind, which it replaces', async () => {
      const app = express();
      const middleware = requestScope();
      app.use((req, _res, next) => {
        (req as { scope: unknown }).scope = 'read:users';
        next();
      });
      app.use(middleware as Handler);
      app.get('/', (req, res) => res.end(String(req.scope.disposed)));
      await serving(app, async (ask) => {
        for (let i = 0; i < 2; i++) assert.equal(await ask('/'), 'false');
      });
      assert.equal(has(app, middleware), true);
    });

    /** A middleware whose scopes tell `called` of what could not be released. */
    const telling = (called: string[], which: string) =>
      requestScope({ onError: () => called.push(which) }) as Handler;
    const failing: Handler = (req, res) => {
      req.scope.defer(() => {
        throw new Error('to be told');
      });
      res.end();
    };

    test('has its settings kept, whatever comes after it', async () => {
      const app = express();
      const called: string[] = [];
      app.use(telling(called, 'first'), telling(called, 'second'));
      app.use('/in', telling(called, 'third'));
      app.get('/in', failing);
      await serving(app, async (ask) => {
        for (let i = 0; i < 3; i++) await ask('/in');
        await until(() => called.length === 3);
      });
      assert.deepEqual(called, ['first', 'first', 'first']);
    });

    test('leaves those alone that come before it', async () => {
      const app = express();
      const called: string[] = [];
      const second = telling(called, 'second');
      app.use('/in', telling(called, 'first'));
      app.use(second);
      app.get('/:any', failing);
      await serving(app, async (ask) => {
        for (const path of ['/other', '/in', '/other', '/in']) await ask(path);
        await until(() => called.length === 4);
      });
      assert.deepEqual(called, ['second', 'first', 'second', 'first']);
      assert.equal(has(app, second), true);
    });

    test('has the first use of a scope known for late, on a connection on which nobody has used one', async () => {
      const app = express();
      const leaks: ScopeLeak[] = [];
      const requests: Request[] = [];
      app.use(requestScope({ grace: 20, onLeak: (leak: ScopeLeak) => leaks.push(leak) }) as Handler);
      app.get('/', (req, res) => {
        requests.push(req);
        res.end();
      });
      await serving(app, async (ask) => {
        await ask('/');
        // Its connection has been closed, and this one is new.
        await serving(app, async (again) => void (await again('/')));
        await wait(60);
        const [, late] = requests;
        assert.equal(late?.scope.disposed, true);
        late?.scope.defer(() => {});
        assert.deepEqual(
          leaks.map(({ reason }) => reason),
          ['late'],
        );
      });
    });
  });
}
