/** Serves a log over HTTP, to those alone whom an authorisation function lets in. */

import { invalidArgument } from '../errors';
import { type Answer, failure, json, methodNotAllowed, send, success } from '../http/answer';
import { Gate } from '../http/gate';
import { reportError } from '../lifetime/report-error';
import { readKnown } from '../options';
import { BoundedLog } from './bounded-log';
import { PAGE_END, PAGE_POLICY, pageHead, pageRow } from './debug-page';
import { readDebugQuery } from './debug-query';

/** Options of {@link debugEndpoint}. */
export interface DebugEndpointOptions<Req> {
  /**
   * Whether this request may see the log. Only `true` lets it in, or a promise of `true`: any other value, a throw or a
   * rejection is answered with 403 and no more (the last two become a process warning, at most one a minute).
   */
  authorize: (req: Req) => boolean | PromiseLike<boolean>;
}

/** What is asked of a request. */
export interface DebugQuestion {
  method: unknown;
  url: unknown;
  accept: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: requests and responses of whatever framework
type Any = any;

/** Records looked at, and characters made, between turns of the event loop: under a millisecond or two. */
const LOOKED_AT = 5000;
const MADE = 200_000;

/** Answers questions about one log. */
export class DebugResponder {
  readonly #log: BoundedLog<Any>;
  readonly #gate: Gate;

  constructor(log: unknown, options: unknown) {
    if (!(log instanceof BoundedLog)) throw invalidArgument('log', 'a BoundedLog', log);
    const { authorize } = readKnown(options, ['authorize'], 'an object with a function authorize');
    this.#gate = new Gate(authorize, 'the log', 'a debug endpoint', 'PLATEAU_DEBUG_ENDPOINT');
    this.#log = log;
  }

  /** Never rejects. */
  async answer(request: unknown, { method, url, accept }: DebugQuestion): Promise<Answer> {
    try {
      if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed();
      if (!(await this.#gate.allows(request))) return failure(403, 'forbidden');
      const query = readDebugQuery(typeof url === 'string' ? url : '');
      if (typeof query === 'string') return failure(400, query);
      const html = prefersHtml(typeof accept === 'string' ? accept : '');
      return await this.#render(query, html);
    } catch (error) {
      this.#gate.failed(error);
      return failure(500, 'the log could not be read');
    }
  }

  async #render(
    { limit, matches }: { limit: number; matches(record: unknown): boolean },
    html: boolean,
  ): Promise<Answer> {
    const parts: string[] = [];
    let looked = 0;
    let made = 0;
    for (const record of this.#log.newestFirst()) {
      if (++looked % LOOKED_AT === 0) await turn();
      if (!matches(record)) continue;
      const json = jsonOf(record);
      const part = html ? pageRow(json) : json;
      parts.push(part);
      if (parts.length === limit) break;
      made += part.length;
      if (made > MADE) {
        made = 0;
        await turn();
      }
    }
    if (!html) return json(`[${parts.join(',\n')}]`);
    const head = pageHead(this.#log.name ?? 'records');
    return success('text/html; charset=utf-8', head + parts.join('') + PAGE_END, {
      'content-security-policy': PAGE_POLICY,
      'x-frame-options': 'DENY',
    });
  }
}

function jsonOf(record: unknown): string {
  try {
    return JSON.stringify(record) ?? 'null';
  } catch {
    // A cycle or a bigint, in a log of the application's own.
    return '{"error":"this record cannot be written as JSON"}';
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether a browser asks: the page is for those alone who name HTML, and who do not like JSON better. */
function prefersHtml(accept: string): boolean {
  const ranges = accept
    .toLowerCase()
    .split(',')
    .map((range) => {
      const [type, ...parameters] = range.split(';').map((part) => part.trim());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return { type, weight: q === undefined ? 1 : Number(q.slice(2)) || 0 };
    })
    .filter(({ type, weight }) => weight > 0 && (type === 'text/html' || type === 'application/json'));
  // Of equal weights the first wins: sorting is stable.
  return ranges.sort((a, b) => b.weight - a.weight)[0]?.type === 'text/html';
}

/**
 * Serves a log, newest records first: a handler for Express, for other frameworks of that kind and for plain `http`.
 * (Fastify's is in `plateau/fastify`.) As JSON, or as a page where a browser asks; never cached.
 *
 * The query may have `limit` (1 to 1,000; 100 without), `status` (`404` or `5xx`), `method`, and `path` (exact, or with
 * `*` at its end); anything else is answered with 400. Methods but GET and HEAD are answered with 405.
 *
 * @example
 * app.get('/debug/requests', debugEndpoint(recent.log, { authorize: (req) => req.user?.isAdmin === true }));
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` without an `authorize` function
 */
export function debugEndpoint<Req = Any>(
  log: BoundedLog<Any>,
  options: DebugEndpointOptions<Req>,
): (
  req: { method?: string | undefined; url?: string | undefined; headers: object },
  res: { statusCode: number; setHeader(name: string, value: string): unknown },
) => void {
  const responder = new DebugResponder(log, options);
  return (req: Any, res: Any) => {
    const { method, headers } = req;
    const question = { method, url: req.originalUrl ?? req.url, accept: headers?.accept };
    void responder.answer(req, question).then((answer) => {
      try {
        send(res, answer, method === 'HEAD');
      } catch (error) {
        reportError(error, 'while a debug endpoint answered', 'PLATEAU_DEBUG_ENDPOINT');
      }
    });
  };
}
