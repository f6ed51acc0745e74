/**
 * What is known about the servers that can be supervised: `ws`, and Socket.IO with its namespaces. By shape, without
 * importing either.
 */

import { invalidArgument } from '../errors';

// biome-ignore lint/suspicious/noExplicitAny: objects of other packages, of which some properties are looked at
type Any = any;

/** One kind of server, and of client. */
export interface Kind {
  /** The clients, as the server itself knows them where it does. */
  clients(): Iterable<object> & { readonly size: number };
  /** Whether a client is of this server. Where that keeps no record, one has to be believed. */
  claims(client: object): boolean;
  /** A client has ended. The server knows, unless all listeners of the client were taken away. */
  forget(client: object): void;
  /** Calls back for each new client, and for `soon` when one is about to come. Returns what stops that. */
  listen(connected: (client: object) => void, soon: () => void): () => void;
  /** What a client emits when it has ended. */
  readonly endEvent: string;
  /** Whether this is a client at all, as far as one can see. */
  isClient(client: unknown): boolean;
  /** Whether messages can go both ways. */
  isOpen(client: object): boolean;
  hasEnded(client: object): boolean;
  /** The same of a client that is not known: a Socket.IO socket may not have begun either, in a middleware. */
  isGone(client: object): boolean;
  /** Bytes that wait in this process to be sent; counted no further than just over `enough`. */
  buffered(client: object, enough: number): number;
  /** The TCP or TLS socket under a client, where there is one. */
  socketOf(client: object): Any;
  /** Sends a ping; absent where the server does so itself. */
  ping?(client: object): void;
  /** Whether a client was stopped from being read by this program. */
  isPaused(client: object): boolean;
  /** Milliseconds after which the server itself finds a vanished client, where it does. */
  ownHeartbeat(client: object): number | undefined;
  terminate(client: object): void;
}

const ACCEPTED = "ws's WebSocketServer, or Socket.IO's Server or Namespace";

/** What `server` is, or a TypeError. */
export function kindOf(server: unknown): Kind {
  if (typeof server === 'object' && server !== null) {
    const it = server as Any;
    if (typeof it.on === 'function' && typeof it.removeListener === 'function') {
      const { clients } = it;
      if (typeof it.handleUpgrade === 'function' && (clients === undefined || isCollection(clients))) {
        return wsKind(it);
      }
      if (isCollection(it.sockets)) return socketIoKind(it, () => [it]);
      if (typeof it.of === 'function' && isCollection(it.sockets?.sockets)) {
        return socketIoKind(it, () => (isCollection(it._nsps) ? [...it._nsps.values()] : [it.sockets]));
      }
    }
  }
  throw invalidArgument('server', ACCEPTED, server);
}

function isCollection(it: Any): boolean {
  return (
    typeof it === 'object' && it !== null && typeof it.values === 'function' && typeof it.size === 'number'
  );
}

/** Before all other listeners: they may ask for the scope of the client. */
function first(emitter: Any, event: string, listener: (...args: Any[]) => void): () => void {
  if (typeof emitter.prependListener === 'function') emitter.prependListener(event, listener);
  else emitter.on(event, listener);
  return () => void emitter.removeListener(event, listener);
}

function isWs(client: Any): boolean {
  return (
    typeof client === 'object' &&
    client !== null &&
    typeof client.readyState === 'number' &&
    typeof client.terminate === 'function' &&
    typeof client.ping === 'function' &&
    typeof client.once === 'function'
  );
}

function wsKind(server: Any): Kind {
  // Without `clientTracking` there is no such set.
  const own = server.clients === undefined ? new Set<object>() : undefined;
  const keep = (client: Any): void => {
    if (own === undefined || own.has(client)) return;
    own.add(client);
    client.once('close', () => own.delete(client));
  };
  const all = (): Set<object> => own ?? server.clients;
  return {
    endEvent: 'close',
    clients: all,
    forget: (client) => void all().delete(client),
    claims(client) {
      keep(client);
      return own !== undefined || server.clients.has(client);
    },
    listen(connected, soon) {
      const stops = [
        first(server, 'connection', (client: Any) => {
          // Programs emit this themselves, with whatever they like.
          if (!isWs(client)) return;
          keep(client);
          connected(client);
        }),
        // Said before every handshake is answered. After `handleUpgrade` it is up to the program to emit `connection`.
        first(server, 'headers', soon),
      ];
      return () => {
        for (const stop of stops) stop();
      };
    },
    isClient: isWs,
    isOpen: (client: Any) => client.readyState === 1,
    hasEnded: (client: Any) => client.readyState === 3,
    isGone: (client: Any) => client.readyState === 3,
    buffered: (client: Any) => client.bufferedAmount,
    socketOf: (client: Any) => client._socket,
    ping: (client: Any) => void client.ping(),
    isPaused: (client: Any) => client.isPaused === true,
    ownHeartbeat: () => undefined,
    // At once: a close frame would wait behind what the client does not take.
    terminate: (client: Any) => void client.terminate(),
  };
}

/** What a packet in engine.io's buffer weighs besides its data. */
const PACKET = 64;

function isSocket(socket: Any): boolean {
  return (
    typeof socket === 'object' &&
    socket !== null &&
    typeof socket.once === 'function' &&
    typeof socket.disconnect === 'function' &&
    typeof socket.conn?.readyState === 'string'
  );
}

function socketIoKind(server: Any, namespaces: () => Any[]): Kind {
  const sockets = new Set<object>();
  return {
    endEvent: 'disconnect',
    clients: () => sockets,
    forget: (socket) => void sockets.delete(socket),
    claims: (socket) => sockets.has(socket),
    listen(connected) {
      const stops: (() => void)[] = [];
      const add = (socket: Any): void => {
        if (!isSocket(socket) || socket.disconnected === true) return;
        sockets.add(socket);
        socket.once('disconnect', () => sockets.delete(socket));
        connected(socket);
      };
      const follow = (namespace: Any): void => {
        for (const socket of namespace.sockets.values()) add(socket);
        stops.push(first(namespace, 'connection', add));
      };
      for (const namespace of namespaces()) follow(namespace);
      // Of a server; a namespace says nothing of the kind.
      stops.push(first(server, 'new_namespace', follow));
      return () => {
        for (const stop of stops) stop();
      };
    },
    isClient: isSocket,
    isOpen: (socket: Any) => socket.disconnected !== true && socket.conn.readyState !== 'closed',
    hasEnded: (socket: Any) => socket.disconnected === true,
    isGone: (socket: Any) => socket.conn.readyState === 'closed',
    buffered: (socket: Any, enough) => bufferedOfEngine(socket.conn, enough),
    socketOf: (socket: Any) => socket.conn.transport?.socket?._socket,
    isPaused: () => false,
    ownHeartbeat(socket: Any) {
      const options = socket.conn.server?.opts;
      return options === undefined ? undefined : options.pingInterval + options.pingTimeout;
    },
    terminate(socket: Any) {
      const { conn } = socket;
      const under = conn.transport?.socket;
      // `socket.disconnect(true)` would wait until all is sent, and so for ever.
      conn.close(true);
      // Engine.io only begins the closing handshake, behind all that waits.
      if (typeof under?.terminate === 'function') under.terminate();
    },
  };
}

/** What engine.io holds back until the transport has taken the last batch, and what the transport holds. */
function bufferedOfEngine(conn: Any, enough: number): number {
  const under = conn.transport?.socket?.bufferedAmount;
  let bytes = typeof under === 'number' ? under : 0;
  for (const packet of conn.writeBuffer ?? []) {
    if (bytes > enough) break;
    const data = packet?.data;
    bytes += PACKET + (typeof data === 'string' ? data.length : (data?.byteLength ?? 0));
  }
  return bytes;
}
