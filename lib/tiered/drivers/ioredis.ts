/** The clients of `ioredis`: `Redis`, for one server or by Sentinel, and `Cluster`. */

import { slotOf } from '../slot';
import type { Driver, Link, LinkEvents } from './driver';

/** What is used of a client of `ioredis`. */
export interface IoredisLike {
  readonly status: string;
  readonly isCluster?: boolean;
  readonly options?: { keyPrefix?: unknown } | undefined;
  readonly stream?: { unref?(): unknown } | undefined;
  call(command: string, ...args: string[]): Promise<unknown>;
  duplicate(overrides?: object): IoredisLike;
  connect(): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
  disconnect(): void;
  /** Of a cluster: by slot, the names of the nodes that have it, the primary first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Of a cluster. */
  nodes?(role: string): IoredisLike[];
}

/** Our connection does not connect again by itself, so that no gap goes unseen, and queues nothing. */
const OVERRIDES = {
  lazyConnect: true,
  retryStrategy: null,
  sentinelRetryStrategy: null,
  reconnectOnError: null,
  enableOfflineQueue: false,
  autoResubscribe: false,
  autoResendUnfulfilledCommands: false,
  enableAutoPipelining: false,
  maxRetriesPerRequest: 0,
  readOnly: false,
  keyPrefix: '',
};

export class IoredisDriver implements Driver {
  readonly name: string;
  /** The client drops what Redis pushes on a tracked connection. */
  readonly offersTracking = false;
  readonly isCluster: boolean;
  readonly #client: IoredisLike;
  #publishing: IoredisLike | undefined;

  constructor(client: IoredisLike) {
    this.#client = client;
    this.isCluster = client.isCluster === true;
    this.name = this.isCluster ? 'a cluster client of ioredis' : 'a client of ioredis';
  }

  get keyPrefix(): string {
    return String(this.#client.options?.keyPrefix ?? '');
  }

  isReady(): boolean {
    const { status } = this.#client;
    // With `lazyConnect` it connects at the first command, and only then.
    return status === 'ready' || status === 'wait';
  }

  isClosed(): boolean {
    return this.#client.status === 'end';
  }

  nodeOf(key: string | undefined): string {
    if (!this.isCluster || key === undefined) return '';
    return this.#client.slots?.[slotOf(this.keyPrefix + key)]?.[0] ?? '';
  }

  send(_key: string | undefined, [command, ...args]: string[]): Promise<unknown> {
    // In lower case, as the tables are in which the client looks up where a command has its keys.
    return this.#client.call((command as string).toLowerCase(), ...args);
  }

  async publish(channel: string, text: string): Promise<unknown> {
    // In a cluster always by the same node, while it is there, so that none overtakes another.
    if (this.#publishing?.status !== 'ready') this.#publishing = this.#node();
    return this.#publishing.call('publish', channel, text);
  }

  async subscribe(channel: string, events: LinkEvents): Promise<Link> {
    const own = this.#node().duplicate(OVERRIDES);
    let open = true;
    const close = (): void => {
      open = false;
      own.disconnect();
    };
    const lost = (error?: unknown): void => {
      if (!open) return;
      close();
      events.lost(error instanceof Error ? error : new Error('the connection has ended'));
    };
    // Stays for good: an error that comes after the end must not be an unhandled one.
    own.on('error', lost);
    own.on('close', lost);
    own.on('end', lost);
    own.on('connect', () => void own.stream?.unref?.());
    own.on('message', (...[name, message]: string[]) => {
      if (name === channel) events.message(message as string);
    });
    try {
      await own.connect();
      await own.call('subscribe', channel);
    } catch (error) {
      close();
      throw error;
    }
    if (!open) throw new Error('the connection ended while it was made');
    return { confirm: () => own.call('ping'), close };
  }

  /** The client itself, or of a cluster any node: what is published on one reaches all. */
  #node(): IoredisLike {
    if (!this.isCluster) return this.#client;
    const nodes = this.#client.nodes?.('master').filter(({ status }) => status === 'ready') ?? [];
    const node = nodes[Math.floor(Math.random() * nodes.length)];
    if (node === undefined) throw new Error('no node of the cluster is connected');
    return node;
  }

  track(): Promise<Link> {
    return Promise.reject(new Error('not offered'));
  }
}
