/**
 * The exchanges, of a request and a response, that are under way on each connection of Node's HTTP/1 servers.
 *
 * What is known of an exchange hangs on its connection and not on its response: an entry in a WeakMap, or one property
 * more on a request or a response, costs each request 3 to 7 µs, and connections are many times fewer. The end of a response is
 * `finish`, which Node itself listens for, or that of the connection: nothing that each response would pay for.
 */

import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type Waited, type Waiter, Waiters } from './waiters';

/** Sockets of a server say whose they are; those of injected requests are nobody's. */
type Connected = Socket & { readonly server?: unknown };

/** One request and its response, until that has ended. */
export class Exchange {
  readonly response: ServerResponse;
  readonly waiters: Waiters = new Waiters();
  /** The request's scope, where there is one. */
  scope: object | undefined = undefined;
  /** The bytes of its body so far, where they are counted. */
  body: { bytes: number } | undefined = undefined;
  /** Those that record it. */
  recorders: object[] | undefined = undefined;

  constructor(response: ServerResponse) {
    this.response = response;
  }
}

class Connection {
  /** Its only exchange. */
  #one: Exchange | undefined = undefined;
  /** More than one, where the client does not wait for answers. */
  #more: Map<ServerResponse, Exchange> | undefined = undefined;
  /** When the last exchange ended, on the clock of `performance.now()`. */
  endedAt = 0;
  isClosed = false;

  find(response: ServerResponse): Exchange | undefined {
    const one = this.#one;
    return one !== undefined && one.response === response ? one : this.#more?.get(response);
  }

  findRequest(request: object): Exchange | undefined {
    if (this.#one?.response.req === request) return this.#one;
    for (const each of this.#more?.values() ?? []) if (each.response.req === request) return each;
    return undefined;
  }

  begin(response: ServerResponse): Exchange {
    const exchange = new Exchange(response);
    if (this.#one === undefined && this.#more === undefined) this.#one = exchange;
    else {
      this.#more ??= new Map();
      this.#more.set(response, exchange);
    }
    return exchange;
  }

  end(response: ServerResponse): void {
    const exchange = this.find(response);
    if (exchange === undefined) return;
    if (exchange === this.#one) this.#one = undefined;
    else if (this.#more?.delete(response) && this.#more.size === 0) this.#more = undefined;
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
const isNode = !('bun' in process.versions) && !('deno' in process.versions);

/** Whether it is a response of Node's HTTP/1 server. `instanceof` first: it takes fewer look-ups than any property. */
export function hasExchange(it: unknown): it is ServerResponse {
  return it instanceof ServerResponse && isNode && (it.req?.socket as Connected | null)?.server !== undefined;
}

/** The exchange of a response; `undefined` when that has ended. */
export function exchangeFor(response: ServerResponse): Exchange | undefined {
  const { socket } = response.req;
  let connection = connections.get(socket);
  const known = connection?.find(response);
  if (known !== undefined) return known;
  if (response.writableFinished || response.destroyed || connection?.isClosed) return undefined;
  if (connection === undefined) {
    if (socket.destroyed) return undefined;
    connection = new Connection();
    connections.set(socket, connection);
    socket.on('close', onClose);
  }
  response.on('finish', onFinish);
  return connection.begin(response);
}

/** Has `waiter` told of the end; `undefined` when that has been. */
export function onExchangeEnd(response: ServerResponse, waiter: Waiter): Waited | undefined {
  const waiters = exchangeFor(response)?.waiters;
  waiters?.add(waiter);
  return waiters;
}

/** The exchange that is under way. */
export function findExchange(response: object): Exchange | undefined {
  return hasExchange(response) ? connections.get(response.req.socket)?.find(response) : undefined;
}

/** The same by its request. */
export function findExchangeOf(request: object): Exchange | undefined {
  const { socket } = request as { readonly socket?: object | null };
  return socket === undefined || socket === null ? undefined : connections.get(socket)?.findRequest(request);
}

/** When the last exchange on a response's connection ended, and this one at the latest; 0 where that is not known. */
export function lastEnd(response: ServerResponse): number {
  return connections.get(response.req.socket)?.endedAt ?? 0;
}

// One function for all: see `waiters.ts`.
function onFinish(this: ServerResponse): void {
  connections.get(this.req.socket)?.end(this);
}

function onClose(this: Socket): void {
  connections.get(this)?.close();
}
