import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { superviseWebSockets, type TerminationReason } from 'plateau';
import type { WebSocket } from 'ws';
import { atEnd, listening, open, silence, until, warnings } from './servers';

suite('a client that has vanished', () => {
  test('is terminated and reported, before it is closed; one that answers lives on', async () => {
    const { wss, url } = await listening();
    const reported: [WebSocket, TerminationReason, number][] = [];
    const supervisor = superviseWebSockets(wss, {
      heartbeat: 50,
      onTerminate: (client, reason) => reported.push([client, reason, client.readyState]),
    });
    const good = await open(url);
    const [served] = wss.clients;
    const bad = await open(url);
    silence(bad);
    await until(() => wss.clients.size === 1);
    assert.equal(reported.length, 1);
    assert.deepEqual(reported[0]?.slice(1), ['vanished', 1]);
    const beats = supervisor.stats().heartbeats;
    await until(() => supervisor.stats().heartbeats >= beats + 4);
    assert.deepEqual([...wss.clients], [served]);
    assert.equal(good.readyState, 1);
    const { heartbeats, ...stats } = supervisor.stats();
    assert.deepEqual(stats, {
      ...{ clients: 1, connected: 2, ended: 1, slow: 0 },
      terminated: { vanished: 1, slow: 0 },
    });
  });

  test('is found though it had connected before the supervision began', async () => {
    const { wss, url } = await listening();
    silence(await open(url));
    const supervisor = superviseWebSockets(wss, { heartbeat: 50 });
    assert.equal(supervisor.clients, 1);
    await until(() => wss.clients.size === 0);
    assert.equal(supervisor.stats().terminated.vanished, 1);
  });

  for (const clientTracking of [true, false]) {
    for (const emits of [true, false]) {
      // Then nothing knows of the client but who called handleUpgrade.
      const asked = !clientTracking && !emits;
      const how = `clientTracking ${clientTracking}, ${emits ? 'with' : 'without'} a connection event`;
      test(`is found in noServer mode: ${how}${asked ? ', once its scope was asked for' : ''}`, async () => {
        const { WebSocketServer } = await import('ws');
        const wss = new WebSocketServer({ noServer: true, clientTracking });
        const supervisor = superviseWebSockets(wss, { heartbeat: 50 });
        const server = createServer();
        let cleaned = 0;
        server.on('upgrade', (request, socket, head) => {
          wss.handleUpgrade(request, socket, head, (client) => {
            if (emits) wss.emit('connection', client, request);
            if (asked) supervisor.scopeOf(client).defer(() => cleaned++);
          });
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        atEnd(() => server.close());
        const client = await open(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
        await until(() => supervisor.clients === 1);
        silence(client);
        await until(() => supervisor.clients === 0);
        assert.equal(supervisor.stats().terminated.vanished, 1);
        assert.equal(cleaned, asked ? 1 : 0);
      });
    }
  }

  test('is not taken for one when it sends a long message and no pong', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, { heartbeat: 60 });
    const client = await open(url);
    const { _socket: socket } = client as unknown as {
      _socket: {
        write(data: Buffer): void;
        removeAllListeners(event: string): void;
        on(event: string, f: () => void): void;
      };
    };
    // Reads no ping, and so sends no pong.
    socket.removeAllListeners('data');
    socket.on('data', () => {});
    const header = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]);
    socket.write(header);
    const timer = setInterval(() => socket.write(Buffer.alloc(16)), 5);
    await until(() => supervisor.stats().heartbeats >= 6);
    assert.equal(wss.clients.size, 1);
    clearInterval(timer);
    await until(() => wss.clients.size === 0);
  });

  test('is not taken for one when this process stood still for many heartbeats', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, { heartbeat: 40 });
    // On a thread of its own: its pongs arrive meanwhile, and are read only after the timer has fired.
    const worker = new Worker(
      `const { WebSocket } = require(${JSON.stringify(require.resolve('ws'))});
       new WebSocket(${JSON.stringify(url)}).on('error', () => {});`,
      { eval: true, execArgv: [] },
    );
    atEnd(() => worker.terminate());
    await until(() => wss.clients.size === 1);
    const [served] = wss.clients;
    let stalls = 0;
    const ping = served?.ping.bind(served) as () => void;
    Object.assign(served as object, {
      ping() {
        ping();
        process.nextTick(() => {
          stalls++;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
        });
      },
    });
    await until(() => stalls === 4);
    assert.equal(supervisor.stats().terminated.vanished, 0);
    assert.equal(wss.clients.size, 1);
  });

  test('is not taken for one while this program does not read from it', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, { heartbeat: 40 });
    await open(url);
    const [client] = wss.clients;
    client?.pause();
    await until(() => supervisor.stats().heartbeats >= 4);
    assert.equal(wss.clients.size, 1);
    client?.resume();
    await until(() => supervisor.stats().heartbeats >= 8);
    assert.equal(wss.clients.size, 1);
  });
});

suite('onTerminate', () => {
  for (const [how, onTerminate] of Object.entries({
    throws: () => {
      throw new Error('of the callback');
    },
    rejects: async () => {
      throw new Error('of the callback');
    },
  })) {
    test(`that ${how} is a warning, and the client is terminated`, async () => {
      const seen = warnings();
      const { wss, url } = await listening();
      superviseWebSockets(wss, { heartbeat: 40, onTerminate });
      silence(await open(url));
      await until(() => wss.clients.size === 0 && seen.length > 0);
      assert.equal((seen[0] as NodeJS.ErrnoException).code, 'PLATEAU_ON_TERMINATE');
      assert.match(String(seen[0]?.message), /of the callback/);
    });
  }

  test('may end the supervision', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, { heartbeat: 40, onTerminate: () => supervisor.dispose() });
    silence(await open(url));
    silence(await open(url));
    await until(() => wss.clients.size === 1);
    const { heartbeats } = supervisor.stats();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(wss.clients.size, 1);
    assert.equal(supervisor.stats().heartbeats, heartbeats);
  });

  test('does not run in the context of the request that happened to start the timer', async () => {
    const { wss, url } = await listening();
    const storage = new AsyncLocalStorage<string>();
    const stores: unknown[] = [];
    const client = await open(url);
    storage.run('a request', () => {
      superviseWebSockets(wss, { heartbeat: 40, onTerminate: () => stores.push(storage.getStore()) });
    });
    silence(client);
    await until(() => stores.length === 1);
    assert.deepEqual(stores, [undefined]);
  });
});
