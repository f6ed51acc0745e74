/** What tests of several features need. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** A port of the loopback interface on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Waits until something is so; fails after twenty seconds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    assert.ok(performance.now() < end, `${what} did not come true`);
    await sleep(2);
  }
}

export type Warning = Error & { code?: string };

/** Runs `work` and returns the warnings that the process emits meanwhile. */
export async function warningsDuring(work: () => unknown): Promise<Warning[]> {
  await sleep(5);
  const seen: Warning[] = [];
  const note = (warning: Warning): void => void seen.push(warning);
  process.on('warning', note);
  await work();
  await sleep(5);
  process.removeListener('warning', note);
  return seen;
}

/**
 * A server for all tests of a file, which answers `/held` only when it is told to. `started` is told its origin before the
 * first test.
 */
export function holdingServer(started: (origin: string) => void): {
  held: ServerResponse[];
  release(): void;
} {
  const server = createServer((request, response) => {
    if (request.url === '/held') state.held.push(response);
    else response.end('done');
  });
  const state = {
    held: [] as ServerResponse[],
    release(): void {
      for (const response of state.held.splice(0)) response.end();
    },
  };
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    started(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return state;
}
