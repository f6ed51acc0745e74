/** The options of `recentRequests`, for every framework: what they mean, and their checks. */

import { readMaxEntries } from '../cache/options';
import { invalidOption, plateauTypeError } from '../errors';
import { readFunction, readKnown } from '../options';
import { BoundedLog } from './bounded-log';
import { type PathPattern, readPatterns } from './paths';
import { Redactor } from './redact';
import type { RequestRecord } from './request-log';

/** Options of `recentRequests`. `Req` and `Res` are the framework's request and response. */
export interface RecentRequestsOptions<Req, Res, Picked extends object = object> {
  /**
   * The most requests held, 1 to 67,108,863; the oldest leave.
   * @default 1000
   */
  max?: number | undefined;
  /** The most bytes held, by an estimate of the memory that the records retain. */
  maxBytes?: number | undefined;
  /** How long a request is held after its end, in milliseconds. */
  maxAge?: number | undefined;
  /** A log to record into, in place of one made from `max`, `maxBytes` and `maxAge`. */
  log?: BoundedLog<RequestRecord & Partial<Picked>> | undefined;
  /**
   * Returns further fields of the record, when the request has ended. They are copied: plain data of up to 100 fields
   * and items, four levels deep, strings of up to 1,024 characters, secrets redacted by their names. Requests, responses,
   * sockets and streams are refused, with one process warning, and so is what would replace a field of the record. What
   * it throws becomes one process warning, and the request is recorded without further fields.
   */
  pick?: ((req: Req, res: Res) => Picked | null | undefined) | undefined;
  /**
   * Requests that are not recorded: their paths, without query, as an exact string, a prefix that ends in `*`, a
   * pattern, a list of these; or a function that is asked when the request comes.
   */
  exclude?: PathPattern | readonly PathPattern[] | ((req: Req) => boolean) | undefined;
  /**
   * Names of parameters, headers and picked fields that are redacted besides the built-in ones (which are in
   * `docs/design/log.md`: tokens, keys, passwords, sessions, signatures and the like), letter case aside; or a function
   * that says of a name whether it is to be redacted, too. A function that throws redacts.
   */
  redact?: readonly string[] | ((name: string) => boolean) | undefined;
  /** Names of query parameters and picked fields that are shown although the built-in list has them. */
  revealParameters?: readonly string[] | undefined;
  /**
   * Names of the request headers to record.
   * @default none
   */
  headers?: readonly string[] | undefined;
  /** Names of headers, among `headers`, that are shown although the built-in list has them, such as `cookie`. */
  revealHeaders?: readonly string[] | undefined;
  /**
   * The id of a request, asked when it has ended.
   * @default `req.id`, or else the header `x-request-id`, or else a number of its own
   */
  requestId?: ((req: Req, res: Res) => string | number | undefined) | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: of whatever framework
type Any = any;

/** Options with the defaults filled in. */
export interface RequestSettings {
  log: BoundedLog<RequestRecord>;
  pick: ((req: Any, res: Any) => unknown) | undefined;
  /** Whether a request to this path is not recorded. */
  excludes: ((path: string) => boolean) | undefined;
  asks: ((req: Any) => unknown) | undefined;
  parameters: Redactor;
  headers: readonly { name: string; redacted: boolean }[];
  requestId: ((req: Any, res: Any) => unknown) | undefined;
}

const NAMES = ['max', 'maxBytes', 'maxAge', 'log', 'pick', 'exclude', 'redact', 'revealParameters'].concat([
  'headers',
  'revealHeaders',
  'requestId',
]);
const MAX = 1000;
const HEADER = /^[!#$%&'*+.^`|~\w-]+$/;

/** Checks the options and fills in the defaults. `ignored` are names that a framework adds. */
export function readRequestOptions(given: unknown, ignored: readonly string[] = []): RequestSettings {
  const o = readKnown(given, [...NAMES, ...ignored]) as Record<string, unknown>;
  const asks = typeof o.exclude === 'function' ? (o.exclude as RequestSettings['asks']) : undefined;
  const excludes = asks === undefined ? readPatterns('exclude', o.exclude) : undefined;
  const test = typeof o.redact === 'function' ? (o.redact as (name: string) => boolean) : undefined;
  const extra = test === undefined ? readNames('redact', o.redact, 'a list of names, or a function') : [];
  const shown = readNames('revealHeaders', o.revealHeaders);
  const parameters = new Redactor({
    names: extra,
    test,
    reveal: readNames('revealParameters', o.revealParameters),
  });
  const inHeaders = new Redactor({ names: extra, test, reveal: [] });
  const headers = readNames('headers', o.headers).map((each) => {
    const name = each.toLowerCase();
    if (!HEADER.test(name) || name === '__proto__') {
      throw invalidOption('headers', 'a list of names of headers', each);
    }
    return { name, redacted: inHeaders.isSecret(name) && !shown.some((one) => one.toLowerCase() === name) };
  });
  return {
    pick: readFunction('pick', o.pick),
    excludes,
    asks,
    parameters,
    headers,
    requestId: readFunction('requestId', o.requestId),
    // Last, as only here something is made.
    log: readLog(o),
  };
}

function readLog(o: Record<string, unknown>): BoundedLog<RequestRecord> {
  const { log, max, maxBytes, maxAge } = o;
  if (log === undefined) {
    return new BoundedLog<RequestRecord>({
      maxEntries: max === undefined ? MAX : readMaxEntries(max, 'max', 'requests'),
      maxBytes: maxBytes as number | undefined,
      maxAge: maxAge as number | undefined,
      name: 'recent requests',
    });
  }
  if (!(log instanceof BoundedLog)) throw invalidOption('log', 'a BoundedLog', log);
  for (const [name, value] of Object.entries({ max, maxBytes, maxAge })) {
    if (value === undefined) continue;
    const why = `${name} must be left out where log is given, which has bounds of its own`;
    throw plateauTypeError('PLATEAU_INVALID_OPTION', why);
  }
  return log;
}

function readNames(option: string, value: unknown, accepted = 'a list of names'): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalidOption(option, accepted, value);
  for (const name of value) {
    if (typeof name !== 'string' || name === '') throw invalidOption(option, accepted, name);
  }
  return [...value];
}
