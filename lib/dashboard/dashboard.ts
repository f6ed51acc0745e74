/** The dashboard as a handler of Express, of frameworks of that kind, and of plain `node:http`. */

import { isAnswered, send } from '../http/answer';
import { guarded } from '../lifetime/report-error';
import type { DashboardOptions } from './options';
import { DashboardResponder, STREAM } from './responder';

// biome-ignore lint/suspicious/noExplicitAny: requests and responses of whatever framework
type Any = any;

/** A handler that also goes into `app.use`. */
export type DashboardHandler = (
  req: { method?: string | undefined; url?: string | undefined; headers: object },
  res: { statusCode: number; setHeader(name: string, value: string): unknown },
  next?: (error?: unknown) => void,
) => void;

/**
 * A live page about the memory of this process, for those whom `authorize` lets in: the floor over the sawtooth, heap,
 * buffers and native memory, the verdict with its evidence, caches, listeners, scopes. For Express and other frameworks
 * of that kind, mounted by `app.use`, and for plain `node:http` with `path`. (Fastify's is in `plateau/fastify`.)
 *
 * Below its path it serves the page at `/`, `memory.json` for health checks, `history.json?range=` (`10m`, `2h` or `24h`)
 * and `events`, a stream of server-sent events, one a second. Anything else there is 404, methods but GET and HEAD are
 * 405, nothing is cached. With `profile` there also is `POST profile`, for `npx plateau profile <url>`.
 *
 * The figures are those of the memory sampler: start one when the application starts, or there is no past to show. If
 * none runs when somebody looks, it is started then. While nobody looks, the dashboard costs nothing.
 *
 * @example
 * startMemorySampler();
 * app.use('/debug/memory', dashboard({ authorize: (req) => req.user?.isAdmin === true }));
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` without an `authorize` function, or for
 * options that are wrong
 */
export function dashboard<Req = Any>(options: DashboardOptions<Req>): DashboardHandler {
  const responder = new DashboardResponder(options);
  const { path } = responder.settings;
  return (req: Any, res: Any, next?: () => void) => {
    const { method } = req;
    const url = below(path, String(req.url));
    if (url === undefined && next !== undefined) {
      next();
      return;
    }
    // Without a `next` one that is elsewhere gets 404, after authorisation as everybody.
    void responder.answer(req, method, url ?? '/elsewhere', res).then((answer) => {
      guarded(
        () => {
          const plain = answer === STREAM ? responder.streams.refusal() : answer;
          if (plain !== undefined) send(res, plain, method === 'HEAD');
          // Somebody who has gone meanwhile would never be seen to go.
          else if (!isAnswered(res)) responder.streams.add(req, res);
        },
        'while a dashboard answered',
        'PLATEAU_DASHBOARD',
      );
    });
  };
}

/** The rest of a URL below a path, or `undefined` where it is elsewhere. */
function below(path: string, url: string): string | undefined {
  if (!url.startsWith(path)) return undefined;
  const rest = url.slice(path.length);
  return /^(?:$|[/?])/.test(rest) ? rest : undefined;
}
