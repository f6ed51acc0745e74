import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { superviseWebSockets, type WebSocketSupervisor } from 'plateau';
import { WebSocket } from 'ws';
import { report } from './child';
import { listening, open, silence, until, warnings } from './servers';

suite("a client's scope is cleaned up once, on any end of the client", () => {
  type End = (served: WebSocket, client: WebSocket, supervisor: WebSocketSupervisor<WebSocket>) => unknown;
  const ends: Record<string, End> = {
    'the client closes': (_, client) => client.close(),
    'the client is killed': (_, client) => client.terminate(),
    'the server closes it': (served) => served.close(1000),
    'the server terminates it': (served) => served.terminate(),
    'its socket fails': (served) => {
      served.on('error', () => {});
      (served as unknown as { _socket: { destroy(error: Error): void } })._socket.destroy(
        new Error('ECONNRESET'),
      );
    },
    'it breaks the protocol': (served, client) => {
      served.on('error', () => {});
      (client as unknown as { _socket: { write(data: Buffer): void } })._socket.write(Buffer.alloc(64, 0xff));
    },
    'it vanishes': (_, client) => silence(client),
    'all its listeners were taken away': (served, client) => {
      served.removeAllListeners();
      client.close();
    },
    'the supervision has ended before': (_, client, supervisor) => {
      supervisor.dispose();
      client.close();
    },
  };
  for (const [how, end] of Object.entries(ends)) {
    test(how, async () => {
      const { wss, url } = await listening();
      const supervisor = superviseWebSockets(wss, { heartbeat: 50 });
      const order: number[] = [];
      let aborted = 0;
      wss.on('connection', (served) => {
        const scope = supervisor.scopeOf(served);
        assert.equal(supervisor.scopeOf(served), scope);
        scope.defer(() => order.push(1));
        scope.use({ [Symbol.dispose]: () => order.push(2) });
        scope.defer(() => order.push(3));
        scope.signal.addEventListener('abort', () => aborted++);
      });
      const client = await open(url);
      const [served] = wss.clients as Set<WebSocket>;
      assert.deepEqual(order, []);
      end(served as WebSocket, client, supervisor);
      await until(() => order.length > 0);
      await new Promise((resolve) => setTimeout(resolve, 120));
      assert.deepEqual(order, [3, 2, 1]);
      assert.equal(aborted, 1);
      assert.equal(wss.clients.size, 0);
      const scope = supervisor.scopeOf(served as WebSocket);
      assert.equal(scope.disposed, true);
      assert.equal(scope.signal.aborted, true);
      // What comes too late is let go of at once.
      let late = 0;
      scope.defer(() => late++);
      assert.equal(late, 1);
    });
  }

  test('one clean-up that throws is a warning, and the others are done', async () => {
    const seen = warnings();
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss);
    const client = await open(url);
    const [served] = wss.clients as Set<WebSocket>;
    const done: string[] = [];
    const scope = supervisor.scopeOf(served as WebSocket);
    scope.defer(() => done.push('first'));
    scope.defer(() => {
      throw new Error('of a clean-up');
    });
    scope.defer(async () => {
      throw new Error('of an asynchronous clean-up');
    });
    scope.defer(() => done.push('last'));
    client.close();
    await until(() => seen.length === 2);
    assert.deepEqual(done, ['last', 'first']);
    assert.deepEqual(
      seen.map((warning) => /of an? [a-z -]+/.exec(warning.message)?.[0]),
      // In the order of release: an asynchronous one is waited for.
      ['of an asynchronous clean-up', 'of a clean-up'],
    );
  });

  test('one made after the end has ended', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss);
    const client = await open(url);
    const [served] = wss.clients as Set<WebSocket>;
    client.close();
    await once(served as WebSocket, 'close');
    assert.equal(supervisor.scopeOf(served as WebSocket).disposed, true);
    assert.equal(supervisor.stats().ended, 1);
  });

  test('what is no WebSocket may be emitted as one, and is none', async () => {
    for (const clientTracking of [true, false]) {
      const { wss } = await listening({ clientTracking });
      const supervisor = superviseWebSockets(wss);
      for (const wrong of [{}, undefined, 'client'])
        wss.emit('connection', wrong as unknown as WebSocket, {} as never);
      assert.equal(supervisor.stats().connected, 0);
    }
  });

  test('only clients of the server have one', async () => {
    const { wss, url } = await listening();
    const other = await listening();
    const supervisor = superviseWebSockets(wss);
    const mine = await open(url);
    await open(other.url);
    const [foreign] = other.wss.clients;
    for (const wrong of [foreign, mine, {}, undefined, null, 'client']) {
      assert.throws(() => supervisor.scopeOf(wrong as WebSocket), {
        name: 'TypeError',
        code: 'PLATEAU_INVALID_ARGUMENT',
        message: /^client must be a client of the supervised server, got /,
      });
    }
  });
});

suite('supervision', () => {
  test('of the same server is the same, unless its options differ', async () => {
    const { wss } = await listening();
    const onTerminate = () => {};
    const supervisor = superviseWebSockets(wss, { heartbeat: 100, onTerminate });
    assert.equal(superviseWebSockets(wss, { heartbeat: 100, slowFor: 100, onTerminate }), supervisor);
    assert.equal(wss.listenerCount('connection'), 1);
    assert.throws(() => superviseWebSockets(wss, { heartbeat: 100 }), {
      code: 'PLATEAU_INVALID_OPTION',
      message: /^onTerminate differs from what this server is supervised with already/,
    });
    supervisor.dispose();
    supervisor.dispose();
    assert.equal(supervisor.disposed, true);
    const next = superviseWebSockets(wss, { heartbeat: 200 });
    assert.notEqual(next, supervisor);
    // What the old one still does must not concern the new one.
    supervisor[Symbol.dispose]();
    assert.equal(superviseWebSockets(wss, { heartbeat: 200 }), next);
  });

  test('leaves nothing on the server when it ends, and terminates nobody any more', async () => {
    const { wss, url } = await listening();
    const before = wss.eventNames();
    const supervisor = superviseWebSockets(wss, { heartbeat: 30 });
    const client = await open(url);
    supervisor.dispose();
    assert.deepEqual(wss.eventNames(), before);
    silence(client);
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.equal(wss.clients.size, 1);
  });

  test('of several servers with rhythms of their own', async () => {
    const heartbeats = [20, 50, 110];
    const servers = await Promise.all(heartbeats.map(() => listening()));
    const supervisors = servers.map(({ wss }, i) =>
      superviseWebSockets(wss, { heartbeat: heartbeats[i] as number }),
    );
    for (const { url } of servers) await open(url);
    const counts = () => supervisors.map((supervisor) => supervisor.stats().heartbeats);
    await until(() => (counts()[2] as number) >= 3);
    const [fast, middle, slow] = counts() as [number, number, number];
    assert.ok(fast > middle && middle > slow, `${counts()}`);
    silence((await open((servers[1] as { url: string }).url)) as WebSocket);
    await until(() => supervisors[1]?.stats().terminated.vanished === 1);
    assert.deepEqual(
      supervisors.map((supervisor) => supervisor.clients),
      [1, 1, 1],
    );
  });

  test('uses no timer without clients and none that keeps the process alive', async () => {
    assert.deepEqual(await report('exits'), { beating: true, clients: 1 });
  });
});

suite('bad input', () => {
  const cases: [unknown, string, RegExp][] = [
    [
      { heartbeats: 5 },
      'PLATEAU_INVALID_OPTION',
      /no option "heartbeats"; the options are heartbeat, maxBuffered/,
    ],
    [null, 'PLATEAU_INVALID_ARGUMENT', /^options must be an object, got null/],
    [
      { heartbeat: '30s' },
      'PLATEAU_INVALID_OPTION',
      /^heartbeat must be a number of milliseconds.* got "30s"/,
    ],
    [{ heartbeat: 0 }, 'PLATEAU_OUT_OF_RANGE', /^heartbeat .* got 0/],
    [{ heartbeat: 2 ** 31 }, 'PLATEAU_OUT_OF_RANGE', /^heartbeat must be .* from 1 to 2147483647/],
    [{ heartbeat: Number.NaN }, 'PLATEAU_OUT_OF_RANGE', /^heartbeat/],
    [{ slowFor: -1 }, 'PLATEAU_OUT_OF_RANGE', /^slowFor/],
    [
      { maxBuffered: 0 },
      'PLATEAU_OUT_OF_RANGE',
      /^maxBuffered must be a positive number of bytes, or Infinity/,
    ],
    [{ maxBuffered: '1MB' }, 'PLATEAU_INVALID_OPTION', /^maxBuffered/],
    [{ onTerminate: true }, 'PLATEAU_INVALID_OPTION', /^onTerminate must be a function/],
  ];
  for (const [options, code, message] of cases) {
    test(`${message.source} (${code}), and nothing is changed`, async () => {
      const { wss } = await listening();
      const before = wss.eventNames();
      assert.throws(() => superviseWebSockets(wss, options as never), { code, message });
      assert.deepEqual(wss.eventNames(), before);
    });
  }

  for (const server of [
    undefined,
    null,
    {},
    'server',
    new EventTarget(),
    new WebSocket('ws://127.0.0.1:1').on('error', () => {}),
  ]) {
    test(`${server instanceof WebSocket ? 'a client' : String(server)} is no server`, () => {
      assert.throws(() => superviseWebSockets(server as never), {
        name: 'TypeError',
        code: 'PLATEAU_INVALID_ARGUMENT',
        message: /^server must be ws's WebSocketServer, or Socket\.IO's Server or Namespace, got /,
      });
    });
  }
});
