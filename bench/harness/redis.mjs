/** A Redis of the benchmark's own, and clients of it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createClient } from 'redis';

/** Starts a server on a free loopback port; it ends with this process at the latest. */
export async function startRedis() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  await once(probe, 'close');
  const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', ''], {
    stdio: 'ignore',
  });
  process.on('exit', () => child.kill('SIGKILL'));
  for (let tries = 0; tries < 200; tries++) {
    const client = createClient({ socket: { port, reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      client.destroy();
      return port;
    } catch {
      await sleep(20);
    }
  }
  throw new Error('redis-server does not answer');
}

/** A connected client, and a plain GET with it. */
export async function connect(name, port) {
  if (name === 'redis') {
    const client = createClient({ socket: { port } });
    client.on('error', () => {});
    await client.connect();
    return { client, get: (key) => client.get(key), set: (key, value) => client.set(key, value) };
  }
  const client = new Redis(port);
  await once(client, 'ready');
  return { client, get: (key) => client.get(key), set: (key, value) => client.set(key, value) };
}
