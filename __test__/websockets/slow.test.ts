import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { superviseWebSockets, type TerminationReason } from 'plateau';
import { listening, open, silence, until } from './servers';

const MB = 1024 * 1024;
/** More than the system takes for a client that reads nothing. */
const MUCH = 32 * MB;

suite('a client that does not take its data', () => {
  test('is terminated when more than maxBuffered stays, and its buffer is released', async () => {
    const { wss, url } = await listening();
    const reasons: [TerminationReason, boolean][] = [];
    const supervisor = superviseWebSockets(wss, {
      heartbeat: 10_000,
      slowFor: 50,
      maxBuffered: MB,
      onTerminate: (client, reason) => reasons.push([reason, client.bufferedAmount > MB]),
    });
    const other = await open(url);
    const [good] = wss.clients;
    const client = await open(url);
    const [, bad] = wss.clients;
    silence(client);
    bad?.send(Buffer.alloc(MUCH));
    good?.send('hello');
    await until(() => wss.clients.size === 1);
    assert.deepEqual(reasons, [['slow', true]]);
    assert.deepEqual([...wss.clients], [good]);
    assert.deepEqual(supervisor.stats().terminated, { vanished: 0, slow: 1 });
    assert.equal(supervisor.stats().slow, 0);
    assert.equal(supervisor.stats().heartbeats, 0, 'buffers are looked at more often than pings are sent');
    assert.equal(other.readyState, 1);
  });

  test('is left alone below the bound, and with Infinity for it', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, {
      heartbeat: 300,
      slowFor: 20,
      maxBuffered: Number.POSITIVE_INFINITY,
    });
    const client = await open(url);
    for (const each of wss.clients) each.send(Buffer.alloc(MUCH));
    silence(client);
    await until(() => supervisor.stats().heartbeats >= 1);
    assert.deepEqual([wss.clients.size, supervisor.stats().slow], [1, 0]);
    client.resume();
  });

  test('and catches up in time is left alone, each time anew', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, { heartbeat: 1000, maxBuffered: MB });
    const client = await open(url);
    const [served] = wss.clients;
    const fallBehind = (): void => {
      client.pause();
      served?.send(Buffer.alloc(MUCH));
    };
    fallBehind();
    await until(() => supervisor.stats().slow === 1);
    for (let i = 0; i < 3; i++) {
      const { heartbeats } = supervisor.stats();
      client.resume();
      await until(() => served?.bufferedAmount === 0);
      // As much again, so that at every look it is behind.
      fallBehind();
      await until(() => supervisor.stats().heartbeats > heartbeats && supervisor.stats().slow === 1);
    }
    client.resume();
    assert.equal(wss.clients.size, 1);
    assert.deepEqual(supervisor.stats().terminated, { vanished: 0, slow: 0 });
    const [socket] = [...wss.clients].map(
      (ws) => (ws as unknown as { _socket: NodeJS.EventEmitter })._socket,
    );
    assert.ok((socket?.listenerCount('drain') ?? 9) <= 1, 'no listener is left behind');
  });

  test('but takes some of it, so that no pong can come yet, has not vanished', async () => {
    const { wss, url } = await listening();
    const supervisor = superviseWebSockets(wss, { heartbeat: 80, maxBuffered: Number.POSITIVE_INFINITY });
    const client = await open(url);
    const [served] = wss.clients;
    const { _socket: socket } = client as unknown as {
      _socket: NodeJS.EventEmitter & { pause(): void; resume(): void };
    };
    // Takes part of it between two heartbeats, and is never done.
    const { heartbeats } = supervisor.stats();
    for (let i = 0; i < 64; i++) served?.send(Buffer.alloc(2 * MB));
    client.pause();
    const timer = setInterval(() => {
      client.resume();
      socket.once('data', () => client.pause());
    }, 1);
    await until(() => supervisor.stats().heartbeats >= heartbeats + 5);
    clearInterval(timer);
    assert.equal(wss.clients.size, 1);
    assert.ok((served?.bufferedAmount ?? 0) > 0, 'it took all: the test shows nothing');
  });
});
