/** Servers and clients for the tests here, closed after each test. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'node:test';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';

export { until } from '../support';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** Runs `close` when the test is over. */
export function atEnd(close: () => unknown): void {
  closing.push(close);
}

export async function listening(options: ServerOptions = {}): Promise<{ wss: WebSocketServer; url: string }> {
  const wss = new WebSocketServer({ port: 0, host: '127.0.0.1', ...options });
  await once(wss, 'listening');
  atEnd(() => {
    for (const client of wss.clients ?? []) client.terminate();
    wss.close();
  });
  return { wss, url: `ws://127.0.0.1:${(wss.address() as AddressInfo).port}` };
}

/** An open client. */
export async function open(url: string): Promise<WebSocket> {
  const client = new WebSocket(url);
  client.on('error', () => {});
  atEnd(() => client.terminate());
  await once(client, 'open');
  return client;
}

/** Neither reads nor answers from now on, and says nothing of it. */
export function silence(client: WebSocket): void {
  client.pause();
}

/** The process warnings of a test. */
export function warnings(): Error[] {
  const seen: Error[] = [];
  const listener = (warning: Error): void => void seen.push(warning);
  process.on('warning', listener);
  atEnd(() => process.off('warning', listener));
  return seen;
}
