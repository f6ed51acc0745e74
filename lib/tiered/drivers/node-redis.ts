/** The client of `redis` for one server. */

import type { Link, LinkEvents } from './driver';
import { NodeRedisBase } from './node-redis-base';
import { type NodeRedisLike, openLink, PLAIN } from './node-redis-link';

export type { NodeRedisLike } from './node-redis-link';

export class NodeRedisDriver extends NodeRedisBase<NodeRedisLike> {
  readonly name = 'a client of redis';
  override readonly offersTracking = true;

  isReady(): boolean {
    return this.client.isReady;
  }

  send(_key: string | undefined, args: string[]): Promise<unknown> {
    return this.client.sendCommand(args, PLAIN);
  }

  subscribe(channel: string, events: LinkEvents): Promise<Link> {
    return openLink(this.client, events, { emitInvalidate: false }, (own) =>
      own.subscribe(channel, (message) => events.message(message)),
    );
  }

  override track(prefixes: readonly string[], events: LinkEvents): Promise<Link> {
    return openLink(this.client, events, { RESP: 3, emitInvalidate: true }, async (own) => {
      own.on('invalidate', (name: unknown) => events.changed(name === null ? null : [String(name)]));
      // The client has turned on the other kind, which would only tell of what this connection reads.
      await own.sendCommand(['CLIENT', 'TRACKING', 'OFF'], PLAIN);
      const named = prefixes.flatMap((prefix) => ['PREFIX', prefix]);
      await own.sendCommand(['CLIENT', 'TRACKING', 'ON', 'BCAST', ...named], PLAIN);
    });
  }
}
