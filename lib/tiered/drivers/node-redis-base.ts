/** What the drivers for the clients of `redis` have in common. */

import type { Driver, Link, LinkEvents } from './driver';

/** A client that is opened once, and closed for good. */
interface Openable {
  readonly isOpen: boolean;
}

export abstract class NodeRedisBase<C extends Openable> implements Driver {
  abstract readonly name: string;
  readonly offersTracking: boolean = false;
  readonly isCluster: boolean = false;
  readonly keyPrefix = '';
  protected readonly client: C;
  #wasOpen = false;

  constructor(client: C) {
    this.client = client;
  }

  isClosed(): boolean {
    // One that has not been connected yet is not open either.
    if (this.client.isOpen) this.#wasOpen = true;
    return this.#wasOpen && !this.client.isOpen;
  }

  nodeOf(_key: string | undefined): string {
    return '';
  }

  publish(channel: string, text: string): Promise<unknown> {
    return this.send(undefined, ['PUBLISH', channel, text]);
  }

  track(_prefixes: readonly string[], _events: LinkEvents): Promise<Link> {
    return Promise.reject(new Error('not offered'));
  }

  abstract isReady(): boolean;
  abstract send(key: string | undefined, args: string[]): Promise<unknown>;
  abstract subscribe(channel: string, events: LinkEvents): Promise<Link>;
}
