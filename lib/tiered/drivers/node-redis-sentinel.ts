/**
 * The Sentinel client of `redis`. Its `duplicate()` is a whole Sentinel client, which follows the primary by itself; any
 * sign of that, or of trouble, is taken as a loss, since messages may have been missed. Before version 6 there is no
 * `duplicate()`: then the client itself is subscribed, which has a connection of its own for that.
 */

import { randomBytes } from 'node:crypto';
import type { Link, LinkEvents } from './driver';
import { NodeRedisBase } from './node-redis-base';
import { PLAIN } from './node-redis-link';

type Listener = (...args: unknown[]) => void;

/** What is used of a Sentinel client of `redis`. */
export interface NodeRedisSentinelLike {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(isReadonly: boolean, args: string[], options?: object): Promise<unknown>;
  duplicate?(overrides?: object): NodeRedisSentinelLike;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  unsubscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: Listener): unknown;
  off(event: string, listener: Listener): unknown;
  destroy(): unknown;
}

const SIGNS = ['error', 'end', 'reconnecting', 'topology-change'];

export class NodeRedisSentinelDriver extends NodeRedisBase<NodeRedisSentinelLike> {
  readonly name = 'a Sentinel client of redis';
  /** Pinging would ask another connection than the one that listens; what is published here comes by that one. */
  readonly #echoes = `plateau:echo:${newNonce()}`;
  /** The link that is told; the listeners below stay the same, so that one subscribed twice is told once. */
  #events: LinkEvents | undefined;
  #echo: { readonly nonce: string; heard(): void } | undefined;

  isReady(): boolean {
    return this.client.isReady;
  }

  send(_key: string | undefined, args: string[]): Promise<unknown> {
    return this.client.sendCommand(false, args, PLAIN);
  }

  async subscribe(channel: string, events: LinkEvents): Promise<Link> {
    const client = this.client;
    const own = client.duplicate?.() ?? client;
    let isOpen = true;
    const end = async (): Promise<void> => {
      if (own !== client) {
        await own.destroy();
        return;
      }
      for (const sign of SIGNS) own.off(sign, lost);
      await own.unsubscribe(channel, this.#onMessage);
      await own.unsubscribe(this.#echoes, this.#onEcho);
    };
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      if (this.#events === events) this.#events = undefined;
      // It may have ended by itself.
      end().catch(() => {});
    };
    const lost: Listener = (error) => {
      if (!isOpen) return;
      close();
      events.lost(
        error instanceof Error ? error : new Error('the Sentinel client has turned to another server'),
      );
    };
    const confirm = (): Promise<void> => this.#confirm(own);
    for (const sign of SIGNS) {
      if (own === client || sign !== 'topology-change') own.on(sign, lost);
    }
    try {
      if (own !== client) await own.connect();
      this.#events = events;
      await own.subscribe(channel, this.#onMessage);
      await own.subscribe(this.#echoes, this.#onEcho);
    } catch (error) {
      close();
      throw error;
    }
    if (!isOpen) throw new Error('the connection ended while it was made');
    // Connecting is a change of topology too.
    if (own !== client) own.on('topology-change', lost);
    return { confirm, close };
  }

  readonly #onMessage = (message: string): void => this.#events?.message(message);

  readonly #onEcho = (message: string): void => {
    if (this.#echo?.nonce === message) this.#echo.heard();
  };

  async #confirm(own: NodeRedisSentinelLike): Promise<void> {
    const nonce = newNonce();
    const heard = new Promise<void>((resolve) => {
      // One that is never heard is given up by who asked; the next takes its place.
      this.#echo = { nonce, heard: resolve };
    });
    await own.sendCommand(false, ['PUBLISH', this.#echoes, nonce], PLAIN);
    await heard;
  }
}

function newNonce(): string {
  return randomBytes(9).toString('base64url');
}
