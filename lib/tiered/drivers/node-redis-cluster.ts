/** The client of `redis` for a cluster. What is published on one node reaches all, so any node can be listened to. */

import { slotOf } from '../slot';
import type { Link, LinkEvents } from './driver';
import { NodeRedisBase } from './node-redis-base';
import { type NodeRedisLike, openLink, PLAIN } from './node-redis-link';

/** What is used of a cluster client of `redis`. */
export interface NodeRedisClusterLike {
  readonly isOpen: boolean;
  /** Newer versions have it. */
  readonly isReady?: boolean;
  readonly slots: readonly ({ readonly master: { readonly address: string } } | undefined)[];
  readonly masters: readonly { readonly client?: NodeRedisLike | undefined }[];
  sendCommand(
    key: string | undefined,
    isReadonly: boolean,
    args: string[],
    options?: object,
  ): Promise<unknown>;
}

export class NodeRedisClusterDriver extends NodeRedisBase<NodeRedisClusterLike> {
  readonly name = 'a cluster client of redis';
  override readonly isCluster = true;
  #publishing: NodeRedisLike | undefined;

  isReady(): boolean {
    const { isOpen, isReady, masters } = this.client;
    // With `minimizeConnections` a node is connected to when it is first needed.
    return (
      isOpen && isReady !== false && masters.some(({ client }) => client === undefined || client.isReady)
    );
  }

  override nodeOf(key: string | undefined): string {
    return key === undefined ? '' : (this.client.slots[slotOf(key)]?.master.address ?? '');
  }

  send(key: string | undefined, args: string[]): Promise<unknown> {
    // Never said to be read-only: replicas lag.
    return this.client.sendCommand(key, false, args, PLAIN);
  }

  override async publish(channel: string, text: string): Promise<unknown> {
    // Always by the same node, while it is there, so that none overtakes another.
    if (!this.#publishing?.isReady) this.#publishing = this.#node();
    return this.#publishing.sendCommand(['PUBLISH', channel, text], PLAIN);
  }

  async subscribe(channel: string, events: LinkEvents): Promise<Link> {
    return openLink(this.#node(), events, { emitInvalidate: false }, (own) =>
      own.subscribe(channel, (message) => events.message(message)),
    );
  }

  /** Any node that is connected. */
  #node(): NodeRedisLike {
    const nodes = this.client.masters.flatMap((node) => (node.client?.isReady ? [node.client] : []));
    const node = nodes[Math.floor(Math.random() * nodes.length)];
    if (node === undefined) throw new Error('no node of the cluster is connected');
    return node;
  }
}
