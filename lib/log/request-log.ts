/**
 * Records requests as plain data when they have ended, for every framework. What a record is made from is let go of
 * with it: neither request nor response is held by anything but themselves. See `docs/design/log.md`.
 */

import { describe } from '../describe';
import { onEnd } from '../lifetime/ending';
import { findExchange, hasExchange } from '../lifetime/exchange';
import { reportError } from '../lifetime/report-error';
import { ended, type Waited, type Waiter } from '../lifetime/waiters';
import type { BoundedLog } from './bounded-log';
import { copyFields, isOfRequest } from './fields';
import { pathOf } from './paths';
import { clip, REDACTED } from './redact';
import { type RequestSettings, readRequestOptions } from './request-options';
import type { ByteCount } from './response-bytes';

/** A request that has ended. */
export interface RequestRecord {
  /** From `req.id`, the header `x-request-id`, or a number of its own; up to 128 characters. */
  id: string;
  /** When it came, in milliseconds since 1970. */
  at: number;
  method: string;
  /** As it was asked for, with secrets redacted; up to 2,048 characters. */
  url: string;
  /** The pattern of the route that took it, where the framework tells it. */
  route: string | null;
  /** The status that was sent; `null` when the connection was lost before. */
  status: number | null;
  /** Milliseconds from its coming to the end of the response. */
  duration: number;
  /** Bytes of the response's body, as they were handed to the connection. */
  bytes: number;
  /** Whether the connection was lost before the response was complete. */
  aborted: boolean;
  /** The headers named by the option `headers`, as far as there were any. */
  headers?: Record<string, string>;
}

/** How a framework's requests are read, and its responses counted. */
export interface Framework {
  /** Names that it adds to the options. */
  readonly options: readonly string[];
  url(request: Any): unknown;
  route(request: Any): unknown;
  /** Has the body counted from now on: what is added to is returned. */
  count(response: Any): ByteCount;
}

/** What `pick`, `exclude` and `requestId` are called with: Node's objects, or the framework's own around them. */
interface Seen {
  readonly request: Any;
  readonly response: Any;
}

const FIELDS = ['id', 'at', 'method', 'url', 'route', 'status', 'duration', 'bytes', 'aborted', 'headers'];
const MAX_URL = 2048;
const MAX_ID = 128;
const MAX_METHOD = 32;
const MAX_HEADER = 512;
const MAX_ROUTE = 512;

// biome-ignore lint/suspicious/noExplicitAny: Node's objects or those of any framework, of which some properties are read
type Any = any;

/** Says one thing once. */
class Complaint {
  #made = false;
  constructor(readonly when: string) {}

  make(error: unknown): void {
    if (this.#made) return;
    this.#made = true;
    reportError(error, `${this.when}; further ones are not reported`, 'PLATEAU_RECENT_REQUESTS');
  }
}

/** One request that is being recorded. */
class Recording implements Waiter {
  readonly #start = performance.now();
  readonly #recorder: RequestRecorder;
  readonly #record: RequestRecord;
  readonly #req: Any;
  readonly #res: Any;
  readonly #seen: Seen;
  over = false;
  count: ByteCount | undefined = undefined;
  /** Where its end is waited for: that of the response, and that of the connection. */
  waited: Waited | undefined = undefined;
  connection: Waited | undefined = undefined;

  constructor(recorder: RequestRecorder, record: RequestRecord, req: Any, res: Any, seen: Seen) {
    this.#recorder = recorder;
    this.#record = record;
    this.#req = req;
    this.#res = res;
    this.#seen = seen;
  }

  [ended](at: number): void {
    if (this.over) return;
    this.over = true;
    this.waited?.remove(this);
    this.connection?.remove(this);
    const duration = at - this.#start;
    this.#recorder.end(this.#record, this.#req, this.#res, this.#seen, duration, this.count?.bytes ?? 0);
  }
}

/** Records into one log. */
export class RequestRecorder {
  readonly log: BoundedLog<RequestRecord>;
  readonly #settings: RequestSettings;
  readonly #framework: Framework;
  /** Requests that are being recorded, where there is no exchange to note that. */
  readonly #begun = new WeakSet<object>();
  #count = 0;
  readonly #pickThrew = new Complaint('by the pick function of recentRequests');
  readonly #pickGave = new Complaint('because of what the pick function of recentRequests returned');
  readonly #excludeThrew = new Complaint('by the exclude function of recentRequests');
  readonly #idThrew = new Complaint('by the requestId function of recentRequests');
  readonly #failed = new Complaint('while a request was recorded');

  /** @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable or does not exist */
  constructor(options: unknown, framework: Framework) {
    this.#settings = readRequestOptions(options, framework.options);
    this.#framework = framework;
    this.log = this.#settings.log;
  }

  /** A request has come. Never throws. */
  begin(req: object, res: object, request: object = req, response: object = res): void {
    try {
      if (!this.#knows(req, res)) this.#begin(req, res, { request, response });
    } catch (error) {
      this.#failed.make(error);
    }
  }

  #begin(req: Any, res: Any, seen: Seen): void {
    const url = String(this.#framework.url(seen.request) ?? '');
    if (this.#isExcluded(url, seen)) return;
    const record: RequestRecord = {
      id: '',
      at: Date.now(),
      method: clip(String(req.method ?? ''), MAX_METHOD),
      url: this.#settings.parameters.url(url, MAX_URL),
      route: null,
      status: null,
      duration: 0,
      bytes: 0,
      aborted: false,
    };
    const recording = new Recording(this, record, req, res, seen);
    const waited = onEnd(res, recording, 'res');
    recording.waited = waited;
    this.#remember(req, res);
    // A response without a connection, as made for an upgrade, never ends; its request's connection does.
    if (!recording.over && isDetached(req, res))
      recording.connection = onEnd(req.socket, recording, 'req.socket');
    // Last, so that a response of an unknown kind is left as it was.
    recording.count = this.#framework.count(res);
    if (waited === undefined) recording[ended](performance.now());
  }

  /** Whether a request is being recorded: a middleware may be mounted twice. */
  #knows(req: object, res: object): boolean {
    const exchange = findExchange(res);
    if (exchange !== undefined) return exchange.recorders?.includes(this) === true;
    // When it is over, what was complete has been recorded, or was answered by what stands before this.
    return (hasExchange(res) && res.writableFinished) || this.#begun.has(req);
  }

  #remember(req: object, res: object): void {
    const exchange = findExchange(res);
    if (exchange === undefined) this.#begun.add(req);
    else {
      exchange.recorders ??= [];
      exchange.recorders.push(this);
    }
  }

  /** @internal A request has ended. Never throws. */
  end(record: RequestRecord, req: Any, res: Any, seen: Seen, duration: number, bytes: number): void {
    try {
      record.duration = Math.round(duration * 1000) / 1000;
      record.bytes = hasBody(record.method, res.statusCode) ? bytes : 0;
      this.#finish(record, req, res, seen);
    } catch (error) {
      this.#failed.make(error);
    }
  }

  #isExcluded(url: string, { request }: Seen): boolean {
    const { excludes, asks } = this.#settings;
    if (excludes !== undefined) return excludes(pathOf(url));
    if (asks === undefined) return false;
    try {
      return Boolean(asks(request));
    } catch (error) {
      this.#excludeThrew.make(error);
      return false;
    }
  }

  #finish(record: RequestRecord, req: Any, res: Any, seen: Seen): void {
    const upgraded = isDetached(req, res) && req.headers?.upgrade !== undefined && !res.headersSent;
    record.aborted = !upgraded && isAborted(req, res);
    record.status = upgraded ? 101 : res.headersSent ? Number(res.statusCode) : null;
    const route = this.#framework.route(seen.request);
    if (typeof route === 'string') record.route = clip(route, MAX_ROUTE);
    record.id = this.#idOf(req, seen);
    const headers = this.#headersOf(req);
    if (headers !== undefined) record.headers = headers;
    this.#pick(record, req, res, seen);
    this.log.push(record);
  }

  #idOf(req: Any, { request, response }: Seen): string {
    const { requestId } = this.#settings;
    let id: unknown;
    if (requestId === undefined) id = (request as Any).id ?? req.headers?.['x-request-id'];
    else {
      try {
        id = requestId(request, response);
      } catch (error) {
        this.#idThrew.make(error);
      }
    }
    const usable = typeof id === 'number' || typeof id === 'bigint' || (typeof id === 'string' && id !== '');
    return usable ? clip(String(id), MAX_ID) : String(++this.#count);
  }

  #headersOf(req: Any): Record<string, string> | undefined {
    const { headers, parameters } = this.#settings;
    if (headers.length === 0) return undefined;
    const found: Record<string, string> = {};
    for (const { name, redacted } of headers) {
      const value: unknown = req.headers?.[name];
      if (value === undefined) continue;
      const text = Array.isArray(value) ? value.join(', ') : String(value);
      // A referer is a URL, and other headers have parameters too.
      found[name] = redacted ? REDACTED : parameters.url(text, MAX_HEADER);
    }
    return found;
  }

  #pick(record: RequestRecord, req: Any, res: Any, { request, response }: Seen): void {
    const { pick } = this.#settings;
    try {
      const picked: unknown = pick?.(request, response);
      if (picked === undefined || picked === null) return;
      const why = picked === req || picked === res ? NOT_HELD : refusalOf(picked);
      if (why === undefined) this.#copy(picked as object, record);
      else this.#pickGave.make(new TypeError(why));
    } catch (error) {
      this.#pickThrew.make(error);
    }
  }

  #copy(picked: object, record: RequestRecord): void {
    const refuse = (name: string, why: string): void =>
      this.#pickGave.make(new TypeError(`its field ${describe(name)} ${why}`));
    const fields: Record<string, unknown> = {};
    copyFields(
      picked,
      fields,
      {
        redactor: this.#settings.parameters,
        refuse: (name) =>
          refuse(name, 'was a request, a response, a socket or a stream, which no record holds'),
      },
      (name) => {
        if (!FIELDS.includes(name)) return false;
        refuse(name, 'would have replaced that of the record');
        return true;
      },
    );
    Object.assign(record, fields);
  }
}

const NOT_HELD = 'it was a request, a response, a socket or a stream, which no record holds';

/** Why fields cannot be taken from this. */
function refusalOf(picked: unknown): string | undefined {
  if (typeof picked !== 'object' || picked === null || Array.isArray(picked)) {
    return 'it must be an object of plain fields';
  }
  if (isOfRequest(picked)) return NOT_HELD;
  if (typeof (picked as Any).then !== 'function') return undefined;
  // Nobody else will: a rejection must not end the process.
  Promise.resolve(picked).catch(() => {});
  return 'it was a promise; fields must be there at once';
}

/** Whether the response has no connection of its own although its request has. */
function isDetached(req: Any, res: Any): boolean {
  // First what most responses have: looking for what is not there goes through all their prototypes.
  if (res.socket !== null && res.socket !== undefined) return false;
  return res.stream === undefined && typeof req.socket?.destroy === 'function' && !res.writableEnded;
}

/** Whether the response ended without being complete. */
function isAborted(req: Any, res: Any): boolean {
  // HTTP/2's; others need not be asked.
  const stream = hasExchange(res) ? undefined : res.stream;
  if (typeof stream?.respond === 'function') return stream.aborted === true || res.writableEnded !== true;
  if (res.writableFinished === true) return false;
  // Made-up connections, as those of Fastify's inject, do not tell what they have sent.
  return res.writableEnded !== true || (res.socket ?? req.socket)?.destroyed !== false;
}

/** Whether there is a body at all: what is written where there is none is not sent. */
function hasBody(method: string, status: unknown): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304 && !(Number(status) < 200);
}
