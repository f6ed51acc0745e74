/**
 * The exchanges, of a request and a response, that are under way on each connection of Node's HTTP/1 servers.
 *
 * What is known of an exchange hangs on its connection, of which there are many times fewer, and its end is what Node
 * announces on a channel, or that of the connection: a request or response gets no property, no listener and no entry in
 * a WeakMap. Nor is more read of them than has to be. Express gives each a prototype, whereupon V8 (before Node 24)
 * makes a hidden class for each of them, and all that is read or written misses every cache, at half a microsecond and
 * more. See `docs/design/listeners.md`.
 */

import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Waiters } from './waiters';

/** Sockets of a server say whose they are; those of injected requests are nobody's. And whether they speak HTTP, and what. */
type Connected = Socket & {
  readonly server?: unknown;
  readonly parser?: object | null;
  readonly _httpMessage?: unknown;
};

/** One request and its response, until that has ended. */
export class Exchange {
  readonly request: object;
  readonly response: ServerResponse;
  readonly waiters: Waiters = new Waiters();
  /** The request's scope, where there is one. */
  scope: object | undefined = undefined;
  /** The bytes of its body so far, where they are counted. */
  body: { bytes: number } | undefined = undefined;
  /** Those that record it. */
  recorders: object[] | undefined = undefined;

  constructor(request: object, response: ServerResponse) {
    this.request = request;
    this.response = response;
  }
}

/** The one that was asked for last, while it is under way: mostly it is the next one as well, and found without a look. */
let latest: Exchange | undefined;

/** What Node says when a request has come. */
interface Started {
  readonly request: object;
  readonly response: ServerResponse;
  readonly socket: Connected;
}

/** The request that has come last, while it is under way: one at most is held. What is said of it need not be read from it. */
let newest: Started | undefined;

class Connection {
  /** Its only exchange. */
  #one: Exchange | undefined = undefined;
  /** More than one, where the client does not wait for answers. */
  #more: Map<ServerResponse, Exchange> | undefined = undefined;
  /** When the last response ended that is known of, on the clock of `performance.now()`. */
  endedAt = 0;
  isClosed = false;

  find(response: ServerResponse): Exchange | undefined {
    const one = this.#one;
    return one !== undefined && one.response === response ? one : this.#more?.get(response);
  }

  findRequest(request: object): Exchange | undefined {
    if (this.#one !== undefined && isOf(request, this.#one)) return this.#one;
    for (const each of this.#more?.values() ?? []) if (isOf(request, each)) return each;
    return undefined;
  }

  begin(request: object, response: ServerResponse): Exchange {
    const exchange = new Exchange(request, response);
    if (this.#one === undefined && this.#more === undefined) this.#one = exchange;
    else {
      this.#more ??= new Map();
      this.#more.set(response, exchange);
    }
    return exchange;
  }

  end(response: ServerResponse): void {
    const exchange = this.find(response);
    if (exchange === undefined) {
      if (endsAreNoted) this.endedAt = performance.now();
      return;
    }
    if (exchange === this.#one) this.#one = undefined;
    else if (this.#more?.delete(response) && this.#more.size === 0) this.#more = undefined;
    if (exchange === latest) latest = undefined;
    this.endedAt = performance.now();
    exchange.waiters.end(this.endedAt);
  }

  close(): void {
    this.isClosed = true;
    if (this.#one !== undefined) this.end(this.#one.response);
    for (const response of this.#more?.keys() ?? []) this.end(response);
  }
}

const connections = new WeakMap<object, Connection>();

/** Other runtimes have their own servers behind Node's interface, and tell the end of a connection in other ways. */
export const isNode: boolean = !('bun' in process.versions) && !('deno' in process.versions);

/** Whether it is a response of Node's HTTP/1 server. */
export function hasExchange(it: unknown): it is ServerResponse {
  return isServerResponse(it) && connectionOf(it.req) !== undefined;
}

/** `instanceof`, as it takes fewer look-ups than any property. */
function isServerResponse(it: unknown): it is ServerResponse {
  return it instanceof ServerResponse && isNode;
}

/** The server's socket of a request. */
function connectionOf(request: object | null | undefined): Connected | undefined {
  return ofServer((request as { readonly socket?: Connected | null } | null | undefined)?.socket);
}

function ofServer(socket: Connected | null | undefined): Connected | undefined {
  return socket?.server === undefined ? undefined : socket;
}

/**
 * The exchange of a response; `null` when that has ended, and `undefined` when it is none of Node's HTTP/1 server.
 * `request`: its own, where that is known.
 */
export function exchangeOf(it: unknown, request?: object): Exchange | null | undefined {
  if (latest?.response === it) return latest;
  if (!isServerResponse(it)) return undefined;
  const started = newest?.response === it ? newest : undefined;
  const own = started?.request ?? request ?? it.req;
  const socket = started === undefined ? connectionOf(own) : ofServer(started.socket);
  if (socket === undefined) return undefined;
  let connection = connections.get(socket);
  const known = connection?.find(it);
  if (known !== undefined) return remember(known);
  if (connection?.isClosed) return null;
  // What the program has not ended need not be asked whether that is over.
  if (started === undefined && it.finished && it.writableFinished) return null;
  if (socket.destroyed && (connection === undefined || it.destroyed)) return null;
  connection ??= connect(socket);
  listen();
  // After an upgrade, or where the program has made it, a response is not the server's own, and nobody announces its end.
  const isServers = started !== undefined || socket._httpMessage === it;
  if (!isServers || socket.parser === undefined || socket.parser === null) it.on('finish', onFinish);
  return remember(connection.begin(own, it));
}

function connect(socket: Socket): Connection {
  const connection = new Connection();
  connections.set(socket, connection);
  socket.on('close', onClose);
  return connection;
}

function remember(exchange: Exchange): Exchange {
  latest = exchange;
  return exchange;
}

/** The exchange that is under way. */
export function findExchange(response: object): Exchange | undefined {
  if (latest?.response === response) return latest;
  if (!isServerResponse(response)) return undefined;
  const socket = connectionOf(response.req);
  return socket === undefined ? undefined : connections.get(socket)?.find(response);
}

/** The same by its request. */
export function findExchangeOf(request: object): Exchange | undefined {
  if (latest?.request === request) return latest;
  const { socket } = request as { readonly socket?: object | null };
  return socket === undefined || socket === null ? undefined : connections.get(socket)?.findRequest(request);
}

/** The response to a request that has just come or was just asked for; `undefined` where the request would have to be read. */
export function responseAtHand(request: object): ServerResponse | undefined {
  if (latest?.request === request) return latest.response;
  return newest?.request === request ? newest.response : undefined;
}

/** When the last exchange on a response's connection ended, and this one at the latest; 0 where that is not known. */
export function lastEnd(response: ServerResponse): number {
  return connections.get(response.req.socket)?.endedAt ?? 0;
}

/** Whether the request is that of the exchange: what it began with, or Node's own. */
function isOf(request: object, exchange: Exchange): boolean {
  return exchange.request === request || exchange.response.req === request;
}

let isListening = false;
let endsAreNoted = false;

/** Has the time noted when a response ends, also of those that nobody has waited for: {@link lastEnd} tells it. */
export function noteAllEnds(): void {
  endsAreNoted = true;
  listen();
}

/** Has Node tell of the beginning and the end of every response, from now on. */
function listen(): void {
  if (isListening || !isNode) return;
  isListening = true;
  subscribe('http.server.request.start', (message) => {
    newest = message as Started;
  });
  subscribe('http.server.response.finish', (message) => {
    const { response, socket } = message as Started;
    if (newest?.response === response) newest = undefined;
    const connection = connections.get(socket) ?? (endsAreNoted ? connect(socket) : undefined);
    connection?.end(response);
  });
}

// One function for all: see `waiters.ts`.
function onFinish(this: ServerResponse): void {
  connections.get(this.req.socket)?.end(this);
}

function onClose(this: Socket): void {
  if (newest?.socket === this) newest = undefined;
  connections.get(this)?.close();
}
