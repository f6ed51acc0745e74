/**
 * The two client libraries behind one small interface, told apart by what they offer: neither is imported, so neither
 * has to be installed.
 */

import { invalidOption } from '../../errors';
import { IoredisDriver, type IoredisLike } from './ioredis';
import { NodeRedisDriver, type NodeRedisLike } from './node-redis';
import { NodeRedisClusterDriver, type NodeRedisClusterLike } from './node-redis-cluster';
import { NodeRedisSentinelDriver, type NodeRedisSentinelLike } from './node-redis-sentinel';

/** What a connection of ours for invalidations tells. */
export interface LinkEvents {
  /** A message was published on the channel. */
  message(text: string): void;
  /** Redis tracked a change of these names; of all of them where it is `null`. */
  changed(names: readonly string[] | null): void;
  /** The connection has ended, or missed something. Not called by `close()`. */
  lost(error: unknown): void;
}

/** A connection of ours for invalidations. */
export interface Link {
  /** Resolves once everything that Redis sent before the call has been told; rejects when that is not known. */
  confirm(): Promise<unknown>;
  /** Ends the connection. Never throws. */
  close(): void;
}

/** What is used of a client. */
export interface Driver {
  /** What it is, for messages. */
  readonly name: string;
  /** Whether {@link Driver.track} works. */
  readonly offersTracking: boolean;
  /** Whether keys are spread over several servers. */
  readonly isCluster: boolean;
  /** What the client itself puts before every key. */
  readonly keyPrefix: string;
  /** Whether a command would be sent now rather than queued. */
  isReady(): boolean;
  /** Whether the application has closed the client for good. */
  isClosed(): boolean;
  /** Which server of several a command with this key goes to, as far as is known. */
  nodeOf(key: string | undefined): string;
  /** Sends a command to the primary of `key`, or to any node. Replies are strings, numbers, null and arrays of them. */
  send(key: string | undefined, args: string[]): Promise<unknown>;
  /** Publishes a message; those of one sender arrive in their order. */
  publish(channel: string, text: string): Promise<unknown>;
  /** Opens a connection that hears what is published on `channel`. */
  subscribe(channel: string, events: LinkEvents): Promise<Link>;
  /** Opens a connection that Redis tells of every change to names that begin with one of `prefixes`. */
  track(prefixes: readonly string[], events: LinkEvents): Promise<Link>;
}

const ACCEPTED = 'a client of redis 5 or later or of ioredis 5 or later';

/**
 * The driver for the application's client.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` if it is no client we know
 */
export function driverOf(client: unknown): Driver {
  if (typeof client === 'object' && client !== null) {
    if (has(client, ['call', 'duplicate', 'on', 'disconnect']) && hasString(client, 'status')) {
      return new IoredisDriver(client as unknown as IoredisLike);
    }
    if (has(client, ['sendCommand', 'on', 'destroy']) && 'isOpen' in client) {
      if (has(client, ['getMasterNode', 'subscribe'])) {
        return new NodeRedisSentinelDriver(client as unknown as NodeRedisSentinelLike);
      }
      if (has(client, ['nodeClient']))
        return new NodeRedisClusterDriver(client as unknown as NodeRedisClusterLike);
      if (has(client, ['duplicate', 'unref']) && 'isReady' in client) {
        return new NodeRedisDriver(client as unknown as NodeRedisLike);
      }
    }
  }
  throw invalidOption('remote', ACCEPTED, client);
}

function has(value: object, methods: readonly string[]): boolean {
  return methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');
}

function hasString(value: object, name: string): boolean {
  return typeof (value as Record<string, unknown>)[name] === 'string';
}
