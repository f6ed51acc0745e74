/** The client of `redis` for one server. */

import type { Driver, Link, LinkEvents } from './driver';
import { type NodeRedisLike, openLink, PLAIN } from './node-redis-link';

export type { NodeRedisLike } from './node-redis-link';

export class NodeRedisDriver implements Driver {
  readonly name = 'a client of redis';
  readonly offersTracking = true;
  readonly isCluster = false;
  readonly keyPrefix = '';
  readonly #client: NodeRedisLike;
  #wasOpen = false;

  constructor(client: NodeRedisLike) {
    this.#client = client;
  }

  isReady(): boolean {
    return this.#client.isReady;
  }

  isClosed(): boolean {
    // One that has not been connected yet is not open either.
    if (this.#client.isOpen) this.#wasOpen = true;
    return this.#wasOpen && !this.#client.isOpen;
  }

  nodeOf(): string {
    return '';
  }

  send(_key: string | undefined, args: string[]): Promise<unknown> {
    return this.#client.sendCommand(args, PLAIN);
  }

  publish(channel: string, text: string): Promise<unknown> {
    return this.send(undefined, ['PUBLISH', channel, text]);
  }

  subscribe(channel: string, events: LinkEvents): Promise<Link> {
    return openLink(this.#client, events, { emitInvalidate: false }, (own) =>
      own.subscribe(channel, (message) => events.message(message)),
    );
  }

  track(prefixes: readonly string[], events: LinkEvents): Promise<Link> {
    return openLink(this.#client, events, { RESP: 3, emitInvalidate: true }, async (own) => {
      own.on('invalidate', (name: unknown) => events.changed(name === null ? null : [String(name)]));
      // The client has turned on the other kind, which would only tell of what this connection reads.
      await own.sendCommand(['CLIENT', 'TRACKING', 'OFF'], PLAIN);
      const named = prefixes.flatMap((prefix) => ['PREFIX', prefix]);
      await own.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...named], PLAIN);
    });
  }
}
