/** Until when a tracker's listeners live: each thing that ends, by each of the ways in which it does. */

import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners, on, once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { suite, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import express from 'express';
import { trackListeners } from 'plateau';
import { until } from '../support';

/** Resolves when `condition` holds; the test runner's limit ends it if it never does. */
async function listening(server: {
  listen(port: number, host: string, done: () => void): unknown;
  address(): unknown;
}) {
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

function close(server: { close(): unknown; closeAllConnections?(): void }): void {
  server.close();
  server.closeAllConnections?.();
}

test('only what came through the tracker is removed, in one call or by a disposable block', () => {
  const bus = new EventEmitter();
  const others = () => {};
  bus.on('x', others);
  const tracker = trackListeners(bus);
  tracker
    .on('x', () => {})
    .on('y', () => {})
    .once('z', () => {});
  assert.equal(tracker.size, 3);
  assert.equal(bus.listenerCount('x'), 2);
  tracker.dispose();
  tracker.dispose();
  assert.deepEqual(bus.listeners('x'), [others]);
  assert.equal(bus.listenerCount('y') + bus.listenerCount('z'), 0);
  assert.equal(tracker.disposed, true);

  const second = trackListeners(bus);
  second.on('x', () => {});
  (second as unknown as Record<symbol, () => void>)[
    (Symbol as { dispose?: symbol }).dispose ?? Symbol.for('nodejs.dispose')
  ]?.();
  assert.deepEqual(bus.listeners('x'), [others]);
});

test('two trackers of one emitter do not touch each other', () => {
  const bus = new EventEmitter();
  const [one, two] = [trackListeners(bus), trackListeners(bus)];
  one.on('x', () => {});
  two.on('x', () => {});
  two.removeAllListeners();
  assert.equal(bus.listenerCount('x'), 1);
  assert.equal(one.size, 1);
});

test('a listener that others removed, or that fired once, is not held', () => {
  const bus = new EventEmitter();
  const tracker = trackListeners(bus);
  for (let i = 0; i < 10_000; i++) {
    const listener = () => {};
    tracker.on('x', listener);
    bus.off('x', listener);
    tracker.once('y', listener);
    bus.emit('y');
  }
  assert.ok(tracker.size < 100, `${tracker.size} are held`);
});

test('events.once and the asynchronous iterator of events.on work on a tracker', async () => {
  const bus = new EventEmitter();
  const tracker = trackListeners(bus);
  const waiting = once(tracker, 'ready');
  bus.emit('ready', 1, 2);
  assert.deepEqual(await waiting, [1, 2]);
  const stop = new AbortController();
  const seen: unknown[] = [];
  const loop = (async () => {
    for await (const [value] of on(tracker, 'value', { signal: stop.signal })) {
      seen.push(value);
      if (seen.length === 2) stop.abort();
    }
  })();
  bus.emit('value', 'a');
  bus.emit('value', 'b');
  await assert.rejects(loop, { name: 'AbortError' });
  assert.deepEqual(seen, ['a', 'b']);
  assert.equal(tracker.size, 0);
  assert.deepEqual(tracker.eventNames(), []);
});

suite('the tracker ends with', () => {
  /** Tracks a bus until `it` ends; how many listeners the bus has. */
  function watch(it: unknown): () => number {
    const bus = new EventEmitter();
    const tracker = trackListeners(bus, { until: it as AbortSignal });
    tracker.on('x', () => {});
    return () => bus.listenerCount('x');
  }

  test('an abort signal, which keeps no listener', () => {
    const source = new AbortController();
    const count = watch(source.signal);
    const many = Array.from({ length: 50 }, () => watch(source.signal));
    assert.equal(getEventListeners(source.signal, 'abort').length, 1, 'one listener serves all');
    assert.equal(count(), 1);
    source.abort();
    assert.equal(count(), 0);
    assert.ok(many.every((each) => each() === 0));
    assert.equal(getEventListeners(source.signal, 'abort').length, 0);
  });

  test('a signal that lives on, which keeps no listener of trackers that are disposed', () => {
    const { signal } = new AbortController();
    const bus = new EventEmitter();
    for (let i = 0; i < 1000; i++) trackListeners(bus, { until: signal }).dispose();
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  test('another tracker', () => {
    const parent = trackListeners(new EventEmitter());
    const count = watch(parent);
    parent.dispose();
    assert.equal(count(), 0);
  });

  test('a stream that is read to its end, destroyed, or fails', async () => {
    const readable = Readable.from(['a', 'b']);
    const count = watch(readable);
    readable.resume();
    await until(() => count() === 0);

    const writable = new Writable({ write: (_chunk, _encoding, done) => done() });
    const finished = watch(writable);
    writable.end('x');
    await until(() => finished() === 0);

    const failing = new PassThrough();
    const failed = watch(failing);
    failing.on('error', () => {});
    failing.destroy(new Error('broken'));
    await until(() => failed() === 0);
  });

  test('a stream that was made not to say close', async () => {
    const duplex = new Duplex({
      emitClose: false,
      autoDestroy: false,
      read() {
        this.push(null);
      },
      write: (_chunk, _encoding, done) => done(),
    });
    const count = watch(duplex);
    duplex.resume();
    await turn();
    assert.equal(count(), 1, 'one direction is still open');
    duplex.end();
    await until(() => count() === 0);
  });

  test('an error on a stream without a listener for it is still an error', async () => {
    const stream = new PassThrough();
    watch(stream);
    const thrown = new Promise((resolve) => process.once('uncaughtException', resolve));
    const handlers = process.listeners('uncaughtException').filter((each) => each.name !== 'resolve');
    for (const handler of handlers.slice(0, -1)) process.off('uncaughtException', handler);
    stream.destroy(new Error('nobody listens'));
    assert.match(String(await thrown), /nobody listens/);
    for (const handler of handlers.slice(0, -1)) process.on('uncaughtException', handler);
  });

  test('a socket', async (t) => {
    const counts: (() => number)[] = [];
    const server = createNetServer((socket) => void counts.push(watch(socket)));
    const port = await listening(server);
    t.after(() => close(server));
    const client = connect(port, '127.0.0.1');
    const own = watch(client);
    await until(() => counts.length === 1);
    client.destroy();
    await until(() => own() === 0 && counts[0]?.() === 0);
  });

  for (const [what, ask, answer] of [
    ['a response that finishes', (req: Socketed) => req.end(), (res: ServerResponse) => void res.end('done')],
    [
      'a response whose client is gone',
      (req: Socketed) => setTimeout(() => req.destroy(), 20),
      (res: ServerResponse) => void res.write('a'),
    ],
    [
      'a response that is destroyed',
      (req: Socketed) => req.end(),
      (res: ServerResponse) => void res.destroy(),
    ],
  ] as const) {
    test(`${what}, and the request that it answers`, async (t) => {
      const counts: (() => number)[] = [];
      const server = createServer((req, res) => {
        req.resume();
        counts.push(watch(res), watch(req));
        answer(res);
      });
      const port = await listening(server);
      t.after(() => close(server));
      const client = request({ port, host: '127.0.0.1', method: 'POST' }, (res) => res.resume());
      client.on('error', () => {});
      client.write('body');
      ask(client);
      await until(() => counts.length === 2 && counts.every((count) => count() === 0));
    });
  }

  test('an HTTP/2 response, finished or reset', async (t) => {
    const counts: (() => number)[] = [];
    const server = createHttp2Server((req, res) => {
      counts.push(watch(res), watch(req));
      if (req.url === '/finished') res.end('done');
      else res.write('a');
    });
    const port = await listening(server);
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    t.after(() => {
      session.destroy();
      close(server);
    });
    session.request({ ':path': '/finished' }).resume();
    await until(() => counts.length === 2 && counts.every((count) => count() === 0));
    const stream = session.request({ ':path': '/open' });
    stream.on('error', () => {});
    stream.once('data', () => stream.close(8));
    await until(() => counts.length === 4 && counts.every((count) => count() === 0));
  });

  test('a request of Express, though its body has been read before the handler ran', async (t) => {
    class Orders extends EventEmitter {}
    const app = express();
    const bus = new Orders();
    let live = -1;
    app.use(express.json());
    app.post('/orders/:id', (req, res) => {
      const events = trackListeners(bus, { until: req });
      events.on('x', () => {});
      live = bus.listenerCount('x');
      res.json({ disposed: events.disposed });
    });
    const server = createServer(app);
    const port = await listening(server);
    t.after(() => close(server));
    const answer = await fetch(`http://127.0.0.1:${port}/orders/1?secret=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    assert.deepEqual(await answer.json(), { disposed: false });
    assert.equal(live, 1);
    await until(() => bus.listenerCount('x') === 0);
    assert.equal(trackListeners(bus).report().sites[0]?.request, 'POST /orders/:id');
  });

  test('an upgraded connection', async (t) => {
    const counts: (() => number)[] = [];
    const sockets: Socket[] = [];
    const server = createServer().on('upgrade', (req: IncomingMessage, socket: Socket) => {
      sockets.push(socket);
      // As whoever takes it over does: a server's connections stay half open otherwise.
      socket.on('end', () => socket.end()).resume();
      counts.push(watch(req), watch(socket));
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
    });
    const port = await listening(server);
    t.after(() => close(server));
    const client = request({ port, host: '127.0.0.1', headers: { connection: 'Upgrade', upgrade: 'test' } });
    client.on('upgrade', (_res, socket) => socket.on('error', () => {}).destroy());
    client.end();
    await until(() => counts.length === 2 && counts.every((count) => count() === 0));
    for (const socket of sockets) socket.destroy();
  });

  test('a WebSocket, by its readyState', () => {
    const socket = Object.assign(new EventEmitter(), { readyState: 1 });
    const count = watch(socket);
    socket.emit('close');
    assert.equal(count(), 0);
    assert.equal(watch(Object.assign(new EventEmitter(), { readyState: 3 }))(), 0);
  });
});

type Socketed = ReturnType<typeof request>;

test('what has ended already gives a tracker that adds nothing and says so once per call site', async () => {
  // What the tests before this one were warned of.
  await turn();
  const warnings: (Error & { code?: string })[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  const bus = new EventEmitter();
  for (let i = 0; i < 3; i++) {
    const tracker = trackListeners(bus, { until: AbortSignal.abort() });
    assert.equal(tracker.disposed, true);
    assert.equal(
      tracker.on('x', () => {}),
      tracker,
    );
    tracker.once('x', () => {});
  }
  await turn();
  await turn();
  process.off('warning', note);
  assert.equal(bus.listenerCount('x'), 0);
  const ours = warnings.filter(({ code }) => code === 'PLATEAU_DISPOSED');
  assert.equal(ours.length, 2, 'two call sites');
  assert.match(ours[0]?.message ?? '', /lifetime\.test\.ts:\d+/);
});

test('disposal while the event is emitted lets the listeners of that emit run, as removal does', () => {
  const bus = new EventEmitter();
  const tracker = trackListeners(bus);
  let called = 0;
  tracker.on('x', () => tracker.dispose());
  tracker.on('x', () => called++);
  bus.emit('x');
  bus.emit('x');
  assert.equal(called, 1);
});
