/**
 * The streams of events: a bounded number of responses that get the same text once a second. There is a timer only
 * while there is a stream, and it keeps no process alive.
 *
 * A stream ends with its client, with its server, and after ten minutes: then the browser asks again, and is authorised
 * again. To one that does not read nothing is written, so that nothing gathers here on its behalf, and after ten
 * seconds it is cut off.
 */

import { clearBackgroundTimeout, realNow, setBackgroundTimeout } from '../background';
import { type Answer, COMMON_HEADERS, failure } from '../http/answer';
import { guarded } from '../lifetime/report-error';

// biome-ignore lint/suspicious/noExplicitAny: requests and responses of whatever framework
type Any = any;

/** Between two events, in ms. */
const PACE = 1000;
const LONGEST = 600_000;
/** Events in a row that a client may fail to take. */
const MOST_MISSED = 10;
/** How soon a browser asks again, in ms. */
const RETRY = 2000;
const BUSY_RETRY_SECONDS = 10;

const HEADERS = {
  ...COMMON_HEADERS,
  // Not transformed: a middleware that compresses would hold events back.
  'cache-control': 'no-store, no-transform',
  'content-type': 'text/event-stream; charset=utf-8',
  // The same, for nginx.
  'x-accel-buffering': 'no',
};

interface Client {
  readonly res: Any;
  readonly server: { listening?: boolean } | undefined;
  readonly since: number;
  missed: number;
}

export class EventStreams {
  readonly #clients = new Set<Client>();
  readonly #maxClients: number;
  readonly #next: () => string | undefined;
  readonly #longest: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param next what is written to all, on one line; nothing where it is `undefined`. Must not throw
   * @param longest how long a stream lasts, in ms
   */
  constructor(next: () => string | undefined, maxClients: number, longest: number = LONGEST) {
    this.#next = next;
    this.#maxClients = maxClients;
    this.#longest = longest;
  }

  /** Streams now. */
  get size(): number {
    return this.#clients.size;
  }

  /** The answer to a request that can have no stream. */
  refusal(): Answer | undefined {
    if (!this.#closed && this.#clients.size < this.#maxClients) return undefined;
    return failure(503, 'too many watch already', { 'retry-after': String(BUSY_RETRY_SECONDS) });
  }

  /** Makes a response a stream. It must not have been answered. */
  add(req: Any, res: Any, headers: Record<string, string> = {}): void {
    // A connection that served a stream is not used again: it would outlive the end of a server that closes.
    const last: Record<string, string> = req.httpVersionMajor === 1 ? { connection: 'close' } : {};
    res.writeHead(200, { ...headers, ...HEADERS, ...last });
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const client: Client = { res, server: req.socket?.server, since: realNow(), missed: 0 };
    this.#clients.add(client);
    res.on('close', () => this.#remove(client));
    // The end of a connection is no news.
    res.on('error', () => this.#remove(client));
    res.write(`retry: ${RETRY}\n${this.#message()}`);
    if (this.#timer === undefined) this.#schedule();
  }

  /** Ends all streams; no more are taken. */
  close(): void {
    this.#closed = true;
    for (const { res } of this.#clients) end(res);
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    clearBackgroundTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = setBackgroundTimeout(() => {
      this.#schedule();
      const message = this.#message();
      for (const client of this.#clients) this.#serve(client, message);
    }, PACE);
  }

  #message(): string {
    const data = this.#next();
    // Without an event a comment, the line that shows a proxy that the connection lives.
    return data === undefined ? ':\n\n' : `event: state\ndata: ${data}\n\n`;
  }

  #serve(client: Client, message: string): void {
    const { res, server, since } = client;
    if (server?.listening === false || realNow() - since > this.#longest) {
      end(res);
    } else if (res.writableNeedDrain) {
      if (++client.missed >= MOST_MISSED) guarded(() => res.destroy(), 'by a dashboard', 'PLATEAU_DASHBOARD');
    } else {
      client.missed = 0;
      guarded(() => res.write(message), 'by a dashboard', 'PLATEAU_DASHBOARD');
    }
  }
}

function end(res: Any): void {
  guarded(() => res.end(), 'by a dashboard', 'PLATEAU_DASHBOARD');
}
