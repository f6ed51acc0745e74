/** WebSocket connections as load: each is opened, says something, and is closed; a share of them is cut off. */

import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { Lanes } from './lanes';
import { type Load, noCounts, type Origin, type Pace } from './types';

/** How long the app may take to accept a connection, in ms. */
const TIMEOUT = 10_000;
/** How long an answer to the message is waited for, in ms: not every app gives one. */
const ANSWER = 50;

export class WebSocketLoad implements Load {
  readonly counts = noCounts();
  readonly targets: string[];
  readonly #urls: string[];
  readonly #message: string;
  readonly #headers: Record<string, string>;
  readonly #lanes: Lanes;
  readonly #open = new Set<WebSocket>();

  constructor(
    paths: readonly string[],
    message: string,
    headers: Record<string, string>,
    origin: Origin,
    pace: Pace,
  ) {
    this.#urls = paths.map((path) => new URL(path, origin.url).href.replace(/^http/, 'ws'));
    this.#message = message;
    this.#headers = headers;
    this.#lanes = new Lanes(pace);
    this.targets = this.#urls.map((url) => `WebSocket ${url}`);
  }

  async run(count: number, signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      for (const socket of this.#open) socket.terminate();
    };
    signal.addEventListener('abort', stop);
    try {
      await this.#lanes.run(count, signal, (index) => this.#connect(index, signal));
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async #connect(index: number, signal: AbortSignal): Promise<void> {
    this.counts.sent++;
    const url = this.#urls[index % this.#urls.length] as string;
    const socket = new WebSocket(url, {
      headers: this.#headers,
      handshakeTimeout: TIMEOUT,
      rejectUnauthorized: false,
      perMessageDeflate: false,
    });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.#open.add(socket);
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('open', resolve);
        socket.on('error', reject);
      });
      const answer = new Promise<void>((resolve) => socket.once('message', () => resolve()));
      socket.send(this.#message);
      await Promise.race([answer, sleep(ANSWER)]);
      if (this.#lanes.isCut(index)) {
        socket.terminate();
        this.counts.cut++;
      } else {
        socket.close();
        await Promise.race([closed, sleep(TIMEOUT)]);
        this.counts.answered++;
      }
    } catch (error) {
      if (signal.aborted) return;
      this.counts.failed++;
      this.counts.failure ??= `${url}: ${(error as Error).message}`;
      await sleep(ANSWER);
    } finally {
      this.#open.delete(socket);
      socket.terminate();
    }
  }
}
