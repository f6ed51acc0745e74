/** The types that `superviseWebSockets` takes and gives; servers are known by their shape. */

import type { ClientScope } from './client-scope';
import type { TerminationReason } from './options';

/** Counts of a {@link WebSocketSupervisor}, since it began. */
export interface WebSocketStats {
  /** Clients now. */
  clients: number;
  /** Heartbeats begun: walks over all clients in which each is pinged. */
  heartbeats: number;
  /** Clients seen, those of now included. */
  connected: number;
  /** Clients seen that have ended, for whatever reason. */
  ended: number;
  /** Those of them that the supervisor has terminated. */
  terminated: Record<TerminationReason, number>;
  /** Clients that had more than `maxBuffered` bytes waiting when last looked at. */
  slow: number;
}

/** What {@link superviseWebSockets} returns. */
export interface WebSocketSupervisor<Client = unknown> {
  /** Clients now. */
  readonly clients: number;
  /** Whether the supervision has been ended. */
  readonly disposed: boolean;
  /**
   * The scope of a client, made on first use: what it is given is cleaned up once, on any end of the client. Already
   * ended for a client that has ended. A Socket.IO socket is a client from `connection` on, not yet in a middleware.
   * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when it is no client of this server
   */
  scopeOf(client: Client): ClientScope;
  /** Counts; O(1). */
  stats(): WebSocketStats;
  /** Ends the supervision. The clients live on, and their scopes still end with them. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** As much of an emitter as is needed. */
export interface WebSocketServerEvents {
  // biome-ignore lint/suspicious/noExplicitAny: listeners of any event, as in Node's own declaration
  on(event: any, listener: (...args: any[]) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  removeListener(event: any, listener: (...args: any[]) => void): unknown;
}

/** `WebSocketServer` of `ws`. */
export interface WsServerLike<Client> extends WebSocketServerEvents {
  readonly clients?: ReadonlySet<Client>;
  // biome-ignore lint/suspicious/noExplicitAny: not called
  handleUpgrade(...args: any[]): void;
}

/** A namespace of Socket.IO. */
export interface SocketIoNamespaceLike<Client> extends WebSocketServerEvents {
  readonly sockets: ReadonlyMap<string, Client>;
}

/** `Server` of Socket.IO. */
export interface SocketIoServerLike<Client> extends WebSocketServerEvents {
  readonly sockets: { readonly sockets: ReadonlyMap<string, Client> };
  // biome-ignore lint/suspicious/noExplicitAny: not called
  of(...args: any[]): unknown;
}
