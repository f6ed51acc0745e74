import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { superviseWebSockets, type TerminationReason } from 'plateau';
import { type Namespace, Server, type ServerOptions, type Socket } from 'socket.io';
import { type Socket as Client, io as connect } from 'socket.io-client';
import { atEnd, until, warnings } from './servers';

const MB = 1024 * 1024;

async function listening(options: Partial<ServerOptions> = {}): Promise<{ io: Server; url: string }> {
  const http = createServer();
  const io = new Server(http, { pingInterval: 25_000, pingTimeout: 20_000, ...options });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  atEnd(() => void io.close());
  return { io, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

async function open(url: string, transports = ['websocket']): Promise<Client> {
  const client = connect(url, { transports, reconnection: false, forceNew: true });
  atEnd(() => client.disconnect());
  await new Promise<void>((resolve, reject) => client.on('connect', resolve).on('connect_error', reject));
  return client;
}

interface Socketlike {
  pause(): void;
  destroy(): void;
}

/** Reads nothing from now on. */
function silence(client: Client): void {
  const { ws } = client.io.engine.transport as unknown as { ws: { _socket: Socketlike } };
  const { _socket: socket } = ws;
  socket.pause();
  atEnd(() => socket.destroy());
}

suite('Socket.IO', () => {
  type End = (served: Socket, client: Client, io: Server) => unknown;
  const ends: Record<string, End> = {
    'the client disconnects': (_, client) => client.disconnect(),
    'the server disconnects it': (served) => served.disconnect(),
    'the server closes the connection': (served) => served.disconnect(true),
    'the transport is lost': (served) => served.conn.close(true),
    'the server is closed': (_served, _client, io) => io.close(),
  };
  for (const [how, end] of Object.entries(ends)) {
    for (const transport of ['websocket', 'polling']) {
      test(`a socket's scope is cleaned up once when ${how} (${transport})`, async () => {
        const { io, url } = await listening();
        const supervisor = superviseWebSockets(io);
        let cleaned = 0;
        let served: Socket | undefined;
        io.on('connection', (socket) => {
          served = socket;
          supervisor.scopeOf(socket).defer(() => cleaned++);
        });
        const client = await open(url, [transport]);
        assert.deepEqual([supervisor.clients, cleaned], [1, 0]);
        end(served as Socket, client, io);
        await until(() => supervisor.clients === 0);
        await new Promise((resolve) => setTimeout(resolve, 50));
        assert.equal(cleaned, 1);
        assert.equal(supervisor.stats().ended, 1);
      });
    }
  }

  for (const transport of ['websocket', 'polling']) {
    test(`a socket whose data stays is terminated (${transport})`, async () => {
      const { io, url } = await listening();
      const reports: [Socket, TerminationReason][] = [];
      const supervisor = superviseWebSockets(io, {
        heartbeat: 60_000,
        slowFor: 40,
        maxBuffered: MB,
        onTerminate: (socket, reason) => reports.push([socket, reason]),
      });
      const client = await open(url, [transport]);
      const [served] = [...io.sockets.sockets.values()] as [Socket];
      if (transport === 'websocket') silence(client);
      else {
        // Polls no more.
        (client.io.engine.transport as unknown as { doPoll(): void }).doPoll = () => {};
        served.emit('last poll');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      let cleaned = 0;
      supervisor.scopeOf(served).defer(() => cleaned++);
      for (let i = 0; i < 32; i++) served.emit('data', 'x'.repeat(MB));
      await until(() => supervisor.clients === 0);
      assert.deepEqual(reports, [[served, 'slow']]);
      assert.equal(cleaned, 1);
      await until(() => io.engine.clientsCount === 0);
    });
  }

  test('all namespaces are supervised, those of now and those to come; or one alone', async () => {
    const { io, url } = await listening();
    io.of('/before');
    const all = superviseWebSockets(io);
    const namespace: Namespace = io.of('/after');
    const one = superviseWebSockets(namespace);
    io.of(/^\/dynamic-\d+$/);
    for (const name of ['/', '/before', '/after', '/dynamic-1']) await open(url + name);
    await until(() => all.clients === 4);
    assert.equal(one.clients, 1);
    all.dispose();
    await open(url);
    await until(() => io.sockets.sockets.size === 2);
    assert.equal(all.stats().connected, 4);
  });

  test('a socket is no client in a middleware, and one afterwards', async () => {
    const { io, url } = await listening();
    const supervisor = superviseWebSockets(io);
    const errors: unknown[] = [];
    io.use((socket, next) => {
      try {
        supervisor.scopeOf(socket);
      } catch (error) {
        errors.push((error as NodeJS.ErrnoException).code);
      }
      next();
    });
    await open(url);
    assert.deepEqual(errors, ['PLATEAU_INVALID_ARGUMENT']);
    for (const socket of io.sockets.sockets.values()) {
      assert.equal(supervisor.scopeOf(socket).disposed, false);
    }
  });

  test('a server may be supervised before it listens, and after sockets have connected', async () => {
    const { io, url } = await listening();
    await open(url);
    assert.equal(superviseWebSockets(io).clients, 1);
    const late = new Server();
    const supervisor = superviseWebSockets(late);
    const http = createServer();
    late.attach(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    atEnd(() => void late.close());
    await open(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    await until(() => supervisor.clients === 1);
  });

  test('its own heartbeat finds the vanished; where that is slower than asked for, it is said once', async () => {
    const seen = warnings();
    const { io, url } = await listening({ pingInterval: 50, pingTimeout: 50 });
    const supervisor = superviseWebSockets(io, { heartbeat: 60 });
    const client = await open(url);
    let cleaned = 0;
    for (const socket of io.sockets.sockets.values()) supervisor.scopeOf(socket).defer(() => cleaned++);
    silence(client);
    await until(() => supervisor.clients === 0);
    assert.equal(cleaned, 1);
    assert.deepEqual(supervisor.stats().terminated, { vanished: 0, slow: 0 });
    assert.deepEqual(seen, []);

    const slow = await listening({ pingInterval: 1000, pingTimeout: 1000 });
    superviseWebSockets(slow.io, { heartbeat: 60 });
    await open(slow.url);
    await open(slow.url);
    await until(() => seen.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(
      seen.map((warning) => (warning as NodeJS.ErrnoException).code),
      ['PLATEAU_WEBSOCKET_HEARTBEAT'],
    );
    assert.match(String(seen[0]), /2000 ms here, which is longer than two heartbeats of 60 ms/);
  });
});
