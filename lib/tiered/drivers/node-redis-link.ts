/** A connection of ours made from a client of `redis`: for messages, or for tracked changes. */

import type { Link, LinkEvents } from './driver';

/** What is used of a client of `redis`. */
export interface NodeRedisLike {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  readonly options?: { socket?: object | undefined; keyPrefix?: unknown } | undefined;
  sendCommand(args: string[], options?: object): Promise<unknown>;
  duplicate(overrides?: object): NodeRedisLike;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: (...args: never[]) => void): unknown;
  destroy(): void;
  unref(): void;
}

/** Replies as strings, whatever the application has chosen for itself. */
export const PLAIN = { typeMapping: {} };

const CONNECT_TIMEOUT = 5000;

/** A further connection like that of `client`, which does not connect again by itself, so that no gap goes unseen. */
export async function openLink(
  client: NodeRedisLike,
  events: LinkEvents,
  options: object,
  begin: (own: NodeRedisLike) => Promise<unknown>,
): Promise<Link> {
  const own = client.duplicate({
    ...options,
    clientSideCache: undefined,
    keyPrefix: undefined,
    readonly: false,
    socket: { connectTimeout: CONNECT_TIMEOUT, ...client.options?.socket, reconnectStrategy: false },
  });
  let open = true;
  const close = (): void => {
    open = false;
    try {
      own.destroy();
    } catch {
      // It had ended by itself.
    }
  };
  const lost = (error?: unknown): void => {
    if (!open) return;
    close();
    events.lost(error ?? new Error('the connection has ended'));
  };
  // Stays for good: an error that comes after the end must not be an unhandled one.
  own.on('error', lost);
  own.on('end', lost);
  own.unref();
  try {
    await own.connect();
    await begin(own);
  } catch (error) {
    close();
    throw error;
  }
  if (!open) throw new Error('the connection ended while it was made');
  return { confirm: () => own.sendCommand(['PING'], PLAIN), close };
}
