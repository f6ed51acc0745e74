/**
 * The Sentinel client of `redis`. Its `duplicate()` is a whole Sentinel client, which follows the primary by itself; any
 * sign of that, or of trouble, is taken as a loss, since messages may have been missed.
 */

import { randomBytes } from 'node:crypto';
import type { Driver, Link, LinkEvents } from './driver';
import { PLAIN } from './node-redis-link';

/** What is used of a Sentinel client of `redis`. */
export interface NodeRedisSentinelLike {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(isReadonly: boolean, args: string[], options?: object): Promise<unknown>;
  duplicate(overrides?: object): NodeRedisSentinelLike;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
  destroy(): unknown;
}

export class NodeRedisSentinelDriver implements Driver {
  readonly name = 'a Sentinel client of redis';
  readonly offersTracking = false;
  readonly isCluster = false;
  readonly keyPrefix = '';
  readonly #client: NodeRedisSentinelLike;
  #wasOpen = false;

  constructor(client: NodeRedisSentinelLike) {
    this.#client = client;
  }

  isReady(): boolean {
    return this.#client.isReady;
  }

  isClosed(): boolean {
    if (this.#client.isOpen) this.#wasOpen = true;
    return this.#wasOpen && !this.#client.isOpen;
  }

  send(_key: string | undefined, args: string[]): Promise<unknown> {
    return this.#client.sendCommand(false, args, PLAIN);
  }

  publish(channel: string, text: string): Promise<unknown> {
    return this.send(undefined, ['PUBLISH', channel, text]);
  }

  async subscribe(channel: string, events: LinkEvents): Promise<Link> {
    const own = this.#client.duplicate({ passthroughClientErrorEvents: false });
    let open = true;
    const close = (): void => {
      open = false;
      // It may answer with a promise, or throw when it has ended by itself.
      void (async () => own.destroy())().catch(() => {});
    };
    const lost = (error?: unknown): void => {
      if (!open) return;
      close();
      events.lost(error instanceof Error ? error : new Error('the Sentinel client has connected anew'));
    };
    for (const event of ['error', 'end', 'reconnecting']) own.on(event, lost);
    // Pinging would ask another connection of the client than the one that listens: publish something to it instead.
    const echo = `${channel}:${randomBytes(9).toString('base64url')}`;
    const waiting = new Map<string, () => void>();
    try {
      await own.connect();
      await own.subscribe(channel, (message) => events.message(message));
      await own.subscribe(echo, (message) => {
        waiting.get(message)?.();
        waiting.delete(message);
      });
    } catch (error) {
      close();
      throw error;
    }
    if (!open) throw new Error('the connection ended while it was made');
    own.on('topology-change', lost);
    const confirm = async (): Promise<void> => {
      const nonce = randomBytes(9).toString('base64url');
      const heard = new Promise<void>((resolve) => {
        // One that is never heard is given up by who asked; its place is taken by the next.
        waiting.clear();
        waiting.set(nonce, resolve);
      });
      await own.sendCommand(false, ['PUBLISH', echo, nonce], PLAIN);
      return heard;
    };
    return { confirm, close };
  }

  track(): Promise<Link> {
    return Promise.reject(new Error('not offered'));
  }
}
