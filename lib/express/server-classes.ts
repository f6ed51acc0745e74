/**
 * Requests and responses that are an Express application's from birth.
 *
 * Express sets the prototype of every request and response. By then they have properties, and before version 13 V8 does
 * not share what hidden classes such an object comes to have: each request makes eleven of its own, in old space, whatever
 * is read of it misses every inline cache, and the garbage is there until a major collection. With Node 20 and 22 that is
 * three quarters of the time of a small request. If they are constructed with that prototype, then setting it again
 * changes nothing. See `docs/design/scope.md`.
 */

import { subscribe } from 'node:diagnostics_channel';
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { invalidArgument } from '../errors';
import { isNode } from '../lifetime/exchange';
import { guarded } from '../lifetime/report-error';

/** Classes for the options of `http.createServer`. */
export interface ServerClasses {
  /** Makes requests that inherit from `app.request`. */
  IncomingMessage?: typeof IncomingMessage;
  /** Makes responses that inherit from `app.response`. */
  ServerResponse?: typeof ServerResponse;
}

/** An application of Express, as far as it matters here. */
interface Application {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Whether there is anything to be gained. */
const isWorthIt = isNode && Number.parseInt(process.versions.v8, 10) < 13;

/**
 * Classes by which a server makes the requests and responses of an Express application: on Node 20 and 22 a request then
 * takes a fraction of the time, and leaves less behind for major garbage collections. Empty from Node 24 on, where there
 * is nothing to gain.
 *
 * `requestScope()` does the same by itself for a server whose only listener is the application, as with `app.listen()`. This is
 * for others: where the application is called by a function of yours, or where there are WebSockets too. All of the server's
 * requests then inherit from `app.request`, in whose Express 5 `query`, for one, cannot be assigned to.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `app` is not an application of Express
 *
 * @example
 * const app = express();
 * const server = http.createServer(serverClasses(app), app);
 */
export function serverClasses(app: unknown): ServerClasses {
  if (!isApplication(app)) throw invalidArgument('app', 'an Express application', app);
  return isWorthIt ? classesOf(app) : {};
}

function isApplication(it: unknown): it is Application {
  if (typeof it !== 'function') return false;
  const { request, response } = it as Partial<Application>;
  return request instanceof IncomingMessage && response instanceof ServerResponse;
}

/** Named like Node's, by which names heap snapshots and stacks know them. */
function classesOf({ request, response }: Application): Required<ServerClasses> {
  const Request = IncomingMessage as unknown as (this: IncomingMessage, socket: Socket) => void;
  const Response = ServerResponse as unknown as (
    this: ServerResponse,
    request: IncomingMessage,
    options: unknown,
  ) => void;
  const own = {
    IncomingMessage: function IncomingMessage(this: IncomingMessage, socket: Socket): void {
      Request.call(this, socket);
    },
    ServerResponse: function ServerResponse(
      this: ServerResponse,
      from: IncomingMessage,
      options: unknown,
    ): void {
      Response.call(this, from, options);
    },
  };
  own.IncomingMessage.prototype = request;
  own.ServerResponse.prototype = response;
  // By its superclasses V8 sees how many properties there will be, and makes room in the object.
  Object.setPrototypeOf(own.IncomingMessage, Request);
  Object.setPrototypeOf(own.ServerResponse, Response);
  return own as unknown as Required<ServerClasses>;
}

/** What the applications are known by whose servers get classes: their `request`. */
const adopted = new WeakSet<object>();
/** Servers that have been looked at since the last application came to be known; `undefined` before the first. */
let seen: WeakSet<object> | undefined;

/**
 * Has servers whose requests are all for one application construct them as that application's, given a request of it and
 * its own `request`: the server of this one from now on, and any other from its next connection.
 */
export function adoptServersOf(request: object, applications: object): void {
  if (!isWorthIt || adopted.has(applications)) return;
  adopted.add(applications);
  if (seen === undefined) subscribe('net.server.socket', onConnection);
  seen = new WeakSet();
  onConnection(request);
}

/** `message`: what has a server's socket, a request or what Node says of a connection. */
function onConnection(message: unknown): void {
  const server = (message as { socket?: { server?: Server | null } | null }).socket?.server;
  if (server === undefined || server === null || seen?.has(server)) return;
  seen?.add(server);
  // It may be a server of any making, and what Node's channels call must not throw.
  guarded(() => adopt(server), 'while a server was looked at', 'PLATEAU_SERVER_CLASSES');
}

/** Events whose listeners are given a request. */
const OF_REQUESTS = ['request', 'upgrade', 'connect', 'checkContinue', 'checkExpectation', 'dropRequest'];

/**
 * Only where nobody but the application is given requests, so that nobody can tell; should somebody come to be, then it
 * is undone. Where Node keeps the classes is not documented, but it is the same in all of Node 20 and 22.
 */
function adopt(server: Server): void {
  const places = placesOf(server);
  const listeners = OF_REQUESTS.flatMap((event) => server.listeners(event) as unknown[]);
  const [app] = listeners;
  if (places === undefined || listeners.length > 1 || !isApplication(app) || !adopted.has(app.request))
    return;
  places.set(classesOf(app));
  const onNewListener = (event: string | symbol): void => {
    if (!OF_REQUESTS.includes(event as string)) return;
    server.removeListener('newListener', onNewListener);
    places.set({ IncomingMessage, ServerResponse });
  };
  server.on('newListener', onNewListener);
}

/** Where a server has its classes, if they are Node's own. */
function placesOf(server: Server): { set(classes: Required<ServerClasses>): void } | undefined {
  const slots = server as unknown as Record<symbol, unknown>;
  const symbols = Object.getOwnPropertySymbols(server);
  const request = symbols.find(({ description }) => description === 'IncomingMessage');
  const response = symbols.find(({ description }) => description === 'ServerResponse');
  if (request === undefined || response === undefined) return undefined;
  if (slots[request] !== IncomingMessage || slots[response] !== ServerResponse) return undefined;
  return {
    set(classes) {
      slots[request] = classes.IncomingMessage;
      slots[response] = classes.ServerResponse;
    },
  };
}
