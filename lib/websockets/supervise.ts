/**
 * `superviseWebSockets`: pings, bounds and clean-up for all clients of a WebSocket server.
 *
 * A walk over the clients (`heart.ts` says when) looks at each for a moment: has it sent anything since its last ping,
 * does too much wait for it? Between walks a client costs nothing but one listener for its end.
 * See `docs/design/websockets.md`.
 */

import type { EventEmitter } from 'node:events';
import { invalidArgument, plateauTypeError } from '../errors';
import { reportError } from '../lifetime/report-error';
import { type ClientScope, createClientScope } from './client-scope';
import { ClientState } from './client-state';
import { now, startWalking, stopWalking, type Walker } from './heart';
import {
  readOptions,
  type Settings,
  type SuperviseWebSocketsOptions,
  type TerminationReason,
} from './options';
import { type Kind, kindOf } from './servers';
import type {
  SocketIoNamespaceLike,
  SocketIoServerLike,
  WebSocketStats,
  WebSocketSupervisor,
  WsServerLike,
} from './types';

const supervisors = new WeakMap<object, Supervisor>();

/**
 * Supervises all clients of a WebSocket server, those there are and those to come: pings them, terminates who has
 * vanished and who does not take his data, and cleans up each client's scope when it ends.
 *
 * All servers share one timer, which is set only while there are clients and keeps no process alive. A server that is
 * supervised already with the same options gets the same supervisor. A look at a client is O(1); a heartbeat over
 * many clients is spread over turns of the event loop of about two milliseconds.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `server` is none, `PLATEAU_INVALID_OPTION` for an option of the
 * wrong type or an unknown one, and when the server is supervised with other options
 * @throws RangeError `PLATEAU_OUT_OF_RANGE` for a number that is not accepted
 *
 * @example
 * const wss = new WebSocketServer({ port: 8080 });
 * const supervisor = superviseWebSockets(wss, { heartbeat: 30_000, onTerminate: (ws, why) => log.info(why) });
 * wss.on('connection', (ws) => {
 *   const feed = subscribe((price) => ws.send(price));
 *   supervisor.scopeOf(ws).defer(() => feed.unsubscribe());
 * });
 */
export function superviseWebSockets<Client extends object>(
  server: WsServerLike<Client> | SocketIoServerLike<Client> | SocketIoNamespaceLike<Client>,
  options?: SuperviseWebSocketsOptions<Client>,
): WebSocketSupervisor<Client> {
  const kind = kindOf(server);
  const settings = readOptions(options);
  const known = supervisors.get(server);
  if (known === undefined) {
    const supervisor = new Supervisor(server, kind, settings);
    supervisors.set(server, supervisor);
    return supervisor as WebSocketSupervisor<object> as WebSocketSupervisor<Client>;
  }
  for (const name of Object.keys(settings) as (keyof Settings)[]) {
    if (known.settings[name] === settings[name]) continue;
    throw plateauTypeError(
      'PLATEAU_INVALID_OPTION',
      `${name} differs from what this server is supervised with already; dispose of that supervisor first`,
    );
  }
  return known as WebSocketSupervisor<object> as WebSocketSupervisor<Client>;
}

class Supervisor implements WebSocketSupervisor<object>, Walker {
  readonly settings: Settings;
  due = Number.POSITIVE_INFINITY;
  disposed = false;
  readonly #server: object;
  readonly #kind: Kind;
  readonly #stop: () => void;
  readonly #states = new WeakMap<object, ClientState>();
  readonly #counts = { heartbeats: 0, connected: 0, ended: 0, vanished: 0, slow: 0 };
  #slowNow = 0;
  #walking = false;
  /** The walk under way. Clients that come meanwhile are part of it, those that go are not. */
  #walk: Iterator<object> | undefined;
  #walkBegan = 0;
  #pinging = false;
  #nextPing = 0;
  #warned = false;

  constructor(server: object, kind: Kind, settings: Settings) {
    this.settings = settings;
    this.#server = server;
    this.#kind = kind;
    this.#stop = kind.listen(
      (client) => void this.#meet(client),
      () => this.#start(),
    );
    for (const client of kind.clients()) this.#meet(client);
  }

  get clients(): number {
    return this.#kind.clients().size;
  }

  scopeOf(client: object): ClientScope {
    const kind = this.#kind;
    const isClient = kind.isClient(client);
    let state = isClient ? this.#states.get(client) : undefined;
    if (state === undefined) {
      // Not met yet, or gone before it could be.
      if (isClient && kind.isGone(client)) {
        state = new ClientState(true);
        this.#states.set(client, state);
      } else if (isClient && kind.claims(client)) state = this.#meet(client);
      else throw invalidArgument('client', 'a client of the supervised server', client);
    }
    state.scope ??= createClientScope();
    if (state.ended) state.scope.dispose();
    return state.scope;
  }

  stats(): WebSocketStats {
    const { heartbeats, connected, ended, vanished, slow } = this.#counts;
    const terminated = { vanished, slow };
    return { clients: this.clients, heartbeats, connected, ended, terminated, slow: this.#slowNow };
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.#stop();
    this.#rest();
    if (supervisors.get(this.#server) === this) supervisors.delete(this.#server);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** A part of a walk, or all of it. `heart.ts` calls this. */
  work(until: number): boolean {
    this.#walk ??= this.#begin();
    do {
      const next = this.#walk.next();
      if (next.done) {
        this.#walk = undefined;
        if (this.clients === 0) this.#rest();
        else this.#schedule();
        break;
      }
      try {
        this.#look(next.value);
      } catch (error) {
        reportError(error, 'while a WebSocket client was looked at');
      }
      // What is called there may end the supervision, or the last client.
    } while (this.#walk !== undefined && now() < until);
    return this.#walking;
  }

  /** There are clients, or will be in a moment. */
  #start(): void {
    if (this.#walking || this.disposed) return;
    const { heartbeat, slowFor } = this.settings;
    this.#walking = true;
    this.#nextPing = now() + heartbeat;
    this.due = now() + Math.min(heartbeat, slowFor);
    startWalking(this);
  }

  /** There are none. */
  #rest(): void {
    this.#walking = false;
    this.#walk = undefined;
    stopWalking(this);
  }

  #begin(): Iterator<object> {
    const start = now();
    this.#walkBegan = start;
    this.#pinging = start >= this.#nextPing;
    if (this.#pinging) this.#counts.heartbeats++;
    return this.#kind.clients()[Symbol.iterator]();
  }

  /**
   * From beginning to beginning, but when a walk took long then not at once again: between two looks at a client there
   * is at least half of the time that it is given.
   */
  #schedule(): void {
    const { heartbeat, slowFor } = this.settings;
    const end = now();
    if (this.#pinging) this.#nextPing = Math.max(this.#walkBegan + heartbeat, end + heartbeat / 2);
    this.due = Math.min(this.#nextPing, Math.max(this.#walkBegan + slowFor, end + slowFor / 2));
  }

  #meet(client: object): ClientState {
    const known = this.#states.get(client);
    if (known !== undefined) return known;
    const kind = this.#kind;
    const state = new ClientState(false);
    this.#states.set(client, state);
    this.#counts.connected++;
    if (kind.hasEnded(client)) {
      this.#end(client, state);
      return state;
    }
    const emitter = client as EventEmitter;
    emitter.once(kind.endEvent, () => this.#end(client, state));
    if (kind.ping !== undefined && typeof kind.socketOf(client)?.bytesRead !== 'number') {
      for (const event of ['pong', 'ping', 'message']) emitter.on(event, () => state.hear());
    }
    this.#checkOwnHeartbeat(client);
    this.#start();
    return state;
  }

  #end(client: object, state: ClientState): void {
    if (state.ended) return;
    this.#recover(state);
    state.ended = true;
    this.#counts.ended++;
    this.#kind.forget(client);
    state.scope?.dispose();
    if (this.clients === 0 && this.#walking) this.#rest();
  }

  #look(client: object): void {
    const kind = this.#kind;
    const state = this.#meet(client);
    // Who took away all listeners of a client took away ours too.
    if (!state.ended && kind.hasEnded(client)) this.#end(client, state);
    if (state.ended || state.terminated || !kind.isOpen(client)) return;
    if (this.#isSlow(client, state)) {
      this.#terminate(client, state, 'slow');
    } else if (this.#pinging && kind.ping !== undefined) {
      // A client that is not being read cannot be heard.
      if (state.isSilent(kind.socketOf(client)) && !kind.isPaused(client)) {
        this.#terminate(client, state, 'vanished');
      } else kind.ping(client);
    }
  }

  /** Whether too much has been waiting for a client for too long. */
  #isSlow(client: object, state: ClientState): boolean {
    const { maxBuffered, slowFor } = this.settings;
    if (this.#kind.buffered(client, maxBuffered) <= maxBuffered) {
      this.#recover(state);
      return false;
    }
    if (state.slowSince !== undefined) return this.#walkBegan - state.slowSince >= slowFor;
    state.slowSince = this.#walkBegan;
    this.#slowNow++;
    // A client may take all of it between two looks, and then get as much again.
    state.onDrain = () => {
      if (this.#kind.buffered(client, maxBuffered) <= maxBuffered) this.#recover(state);
    };
    state.drains = this.#kind.socketOf(client);
    state.drains?.on('drain', state.onDrain);
    return false;
  }

  #recover(state: ClientState): void {
    if (state.slowSince === undefined) return;
    state.slowSince = undefined;
    this.#slowNow--;
    if (state.onDrain !== undefined) state.drains?.removeListener('drain', state.onDrain);
    state.onDrain = undefined;
    state.drains = undefined;
  }

  #terminate(client: object, state: ClientState, reason: TerminationReason): void {
    const report = (error: unknown): void =>
      reportError(error, 'by onTerminate of superviseWebSockets', 'PLATEAU_ON_TERMINATE');
    state.terminated = true;
    this.#counts[reason]++;
    try {
      const result = this.settings.onTerminate?.(client, reason);
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
    this.#kind.terminate(client);
  }

  /** Socket.IO pings its clients itself, and may have been told to do so too rarely. */
  #checkOwnHeartbeat(client: object): void {
    const own = this.#kind.ownHeartbeat(client);
    if (this.#warned || own === undefined || own <= 2 * this.settings.heartbeat) return;
    this.#warned = true;
    process.emitWarning(
      `Socket.IO finds vanished clients after pingInterval + pingTimeout, ${own} ms here, which is longer than two ` +
        `heartbeats of ${this.settings.heartbeat} ms; superviseWebSockets leaves that to it`,
      { type: 'PlateauWarning', code: 'PLATEAU_WEBSOCKET_HEARTBEAT' },
    );
  }
}
