// The types of superviseWebSockets: the client's type comes from the server.

import {
  type Scope,
  type SuperviseWebSocketsOptions,
  superviseWebSockets,
  type TerminationReason,
  type WebSocketStats,
  type WebSocketSupervisor,
} from 'plateau';

/** Fails to compile unless the two are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

// Servers as `ws` and Socket.IO declare them, in short.
interface Ws {
  readonly bufferedAmount: number;
  user?: string;
}
interface WsServer {
  clients: Set<Ws>;
  on(event: 'connection', listener: (this: WsServer, socket: Ws, request: object) => void): this;
  on(event: string | symbol, listener: (this: WsServer, ...args: unknown[]) => void): this;
  removeListener(event: string | symbol, listener: (...args: unknown[]) => void): this;
  handleUpgrade(request: object, socket: object, head: Buffer, callback: (client: Ws) => void): void;
}
interface IoSocket {
  readonly id: string;
}
interface IoNamespace {
  readonly sockets: Map<string, IoSocket>;
  on(event: string, listener: (...args: unknown[]) => void): this;
  removeListener(event: string, listener: (...args: unknown[]) => void): this;
}
interface IoServer {
  readonly sockets: IoNamespace;
  of(name: string): IoNamespace;
  on(event: string, listener: (...args: unknown[]) => void): this;
  removeListener(event: string, listener: (...args: unknown[]) => void): this;
}
declare const wss: WsServer;
declare const io: IoServer;
declare const ws: Ws;

const supervisor = superviseWebSockets(wss, {
  heartbeat: 30_000,
  maxBuffered: 1024,
  slowFor: 5000,
  onTerminate(client, reason) {
    same<typeof client, Ws>();
    same<typeof reason, TerminationReason>();
  },
});
same<typeof supervisor, WebSocketSupervisor<Ws>>();
same<TerminationReason, 'vanished' | 'slow'>();
same<ReturnType<typeof supervisor.stats>, WebSocketStats>();
same<typeof supervisor.clients, number>();
supervisor.stats().terminated.slow satisfies number;

const scope: Scope = supervisor.scopeOf(ws);
scope.defer(() => {});
scope.defer(async () => {});
same<typeof scope.signal, AbortSignal>();
scope.use({ [Symbol.dispose]() {}, name: 'feed' }).name satisfies string;
supervisor.dispose();
supervisor[Symbol.dispose]();

superviseWebSockets(io, { onTerminate: (socket) => same<typeof socket, IoSocket>() });
superviseWebSockets(io.of('/chat'), { onTerminate: (socket) => same<typeof socket, IoSocket>() });
superviseWebSockets(wss);
const options: SuperviseWebSocketsOptions<Ws> = { heartbeat: undefined };
superviseWebSockets(wss, options);

// @ts-expect-error there is no such option
superviseWebSockets(wss, { heartbeats: 5 });
// @ts-expect-error a heartbeat is a number of milliseconds
superviseWebSockets(wss, { heartbeat: '30s' });
// @ts-expect-error a client is no server
superviseWebSockets(ws);
// @ts-expect-error nor is nothing
superviseWebSockets();
// @ts-expect-error a client of another kind
supervisor.scopeOf({ id: 'a' });
// @ts-expect-error the count is not to be set
supervisor.clients = 5;

export { scope };
