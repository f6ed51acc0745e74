import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { superviseWebSockets, type WebSocketSupervisor } from 'plateau';
import { type WebSocket, WebSocketServer } from 'ws';
import { listening, open, until } from './servers';

async function collected(refs: readonly WeakRef<object>[]): Promise<boolean> {
  for (let i = 0; i < 50; i++) {
    await immediate();
    (globalThis as unknown as { gc(): void }).gc();
    if (refs.every((ref) => ref.deref() === undefined)) return true;
  }
  return false;
}

test('a supervised server that is dropped is collected, with its supervisor', async () => {
  async function make(): Promise<WeakRef<object>[]> {
    const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(wss, 'listening');
    const supervisor = superviseWebSockets(wss, { heartbeat: 30_000, onTerminate: () => void wss });
    const { port } = wss.address() as { port: number };
    const client = await open(`ws://127.0.0.1:${port}`);
    const [served] = wss.clients as Set<WebSocket>;
    supervisor.scopeOf(served as WebSocket).defer(() => void wss);
    client.close();
    await until(() => wss.clients.size === 0);
    wss.close();
    await once(wss, 'close');
    return [new WeakRef(wss), new WeakRef(supervisor), new WeakRef(served as WebSocket)];
  }
  assert.ok(await collected(await make()));
});

test('a supervised server that never had a client is collected', async () => {
  function make(): WeakRef<object>[] {
    const wss = new WebSocketServer({ noServer: true });
    return [new WeakRef(wss), new WeakRef(superviseWebSockets(wss))];
  }
  assert.ok(await collected(make()));
});

for (const clientTracking of [true, false]) {
  test(`clients are collected after their end, their supervisor is in use: clientTracking ${clientTracking}`, async () => {
    const { wss, url } = await listening({ clientTracking });
    const supervisor = superviseWebSockets(wss, { heartbeat: 50, maxBuffered: 1 });
    const refs: WeakRef<object>[] = [];
    wss.on('connection', (served) => {
      refs.push(new WeakRef(served));
      // Of every second one no end is heard.
      if (refs.length % 2 === 0) served.removeAllListeners();
      else supervisor.scopeOf(served).defer(() => void served);
    });
    async function visit(): Promise<void> {
      const clients = [];
      for (let i = 0; i < 10; i++) clients.push(await open(url));
      for (const client of clients) client.terminate();
    }
    await visit();
    await until(() => (supervisor as WebSocketSupervisor<WebSocket>).stats().ended === 10);
    assert.ok(await collected(refs));
    assert.equal(supervisor.clients, 0);
  });
}
