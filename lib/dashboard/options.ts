/** The options of the dashboard, checked. */

import { invalidOption, outOfRange } from '../errors';
import { Gate } from '../http/gate';
import { readBoolean, readCount, readKnown } from '../options';

/** Options of `dashboard`. */
export interface DashboardOptions<Req> {
  /**
   * Whether this request may see the dashboard. Only `true` lets it in, or a promise of `true`: any other value, a throw
   * or a rejection is answered with 403 and no more (the last two become a process warning, at most one a minute).
   * Asked for each request: of the page, of `memory.json`, and of each stream of events, which lasts ten minutes at most.
   */
  authorize: (req: Req) => boolean | PromiseLike<boolean>;
  /**
   * Where the dashboard is, as `/debug/memory`, in a server that does not take the path of a mounted handler off `url`:
   * plain `node:http`. Requests elsewhere go to `next`, or get 404 without one.
   * @default '' (Express and Fastify take it off)
   */
  path?: string | undefined;
  /** Shown on the page and in `memory.json`: which service this is. At most 200 characters. */
  title?: string | undefined;
  /** Whether `memory.json` is answered with 503 while the verdict is a leak; otherwise it is always 200. @default false */
  failOnLeak?: boolean | undefined;
  /** Streams of events at a time, 1 to 1,000: one per open page. More are answered with 503. @default 16 */
  maxClients?: number | undefined;
  /**
   * Whether whom `authorize` lets in may also have a growth profile made (`npx plateau profile <url>`), which costs some
   * percent of the throughput while it lasts, and stops the event loop at its end: see `profileGrowth`. One at a time.
   * @default false
   */
  profile?: boolean | undefined;
}

/** Options with the defaults filled in. */
export interface DashboardSettings {
  gate: Gate;
  path: string;
  title: string | undefined;
  failOnLeak: boolean;
  maxClients: number;
  profile: boolean;
}

const MOST_CLIENTS = 1000;
const MOST_TITLE = 200;
const KNOWN = ['authorize', 'path', 'title', 'failOnLeak', 'maxClients', 'profile'] as const;

export function readDashboardOptions(given: unknown): DashboardSettings {
  const options = readKnown(given, KNOWN, 'an object with a function authorize');
  return {
    gate: new Gate(options.authorize, 'the dashboard', 'a dashboard', 'PLATEAU_DASHBOARD'),
    path: readPath(options.path),
    title: readTitle(options.title),
    failOnLeak: readBoolean('failOnLeak', options.failOnLeak),
    maxClients: readMaxClients(options.maxClients),
    profile: readBoolean('profile', options.profile),
  };
}

function readPath(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value !== 'string' || !/^\/[^?#\s]*$/.test(value)) {
    throw invalidOption('path', 'a path that begins with "/", without a query', value);
  }
  return value.replace(/\/+$/, '');
}

function readTitle(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const accepted = `a string of 1 to ${MOST_TITLE} characters`;
  if (typeof value !== 'string') throw invalidOption('title', accepted, value);
  if (value.length === 0 || value.length > MOST_TITLE) throw outOfRange('title', accepted, value);
  return value;
}

function readMaxClients(value: unknown = 16): number {
  const clients = readCount('maxClients', value);
  if (clients > MOST_CLIENTS) throw outOfRange('maxClients', `at most ${MOST_CLIENTS}`, value);
  return clients;
}
