/**
 * Sends HTTP requests over kept-alive connections, with Node's own client: exactly as many as asked for, each counted,
 * a share of them cut short. Connections are new in each round, and closed at its end, so that none is part of a floor.
 */

import http from 'node:http';
import https from 'node:https';
import { Lanes } from './lanes';
import { type Load, type LoadRequest, noCounts, type Origin, type Pace } from './types';

/** An answer that takes longer, in ms, has failed. */
const TIMEOUT = 15_000;
/** A cut comes no later than this after the request was sent, in ms: the app may wait with its answer. */
const CUT = 150;
/** Every other cut comes this soon, in ms, before most answers. */
const SOON = 2;
/** After a failure, a lane waits for so long, in ms: an app that is down shall not keep a core busy. */
const PAUSE = 20;

export class HttpLoad implements Load {
  readonly counts = noCounts();
  readonly targets: string[];
  readonly #requests: readonly LoadRequest[];
  readonly #origin: Origin;
  readonly #lanes: Lanes;
  readonly #connections: number;
  #cuts = 0;
  /** Of requests under way: what ends each at once. */
  readonly #stops = new Set<() => void>();

  constructor(requests: readonly LoadRequest[], origin: Origin, pace: Pace) {
    this.#requests = requests;
    this.#origin = origin;
    this.#lanes = new Lanes(pace);
    this.#connections = pace.connections;
    this.targets = [
      ...new Set(
        requests.map(
          ({ method, target }) =>
            `${method} ${new URL(target, origin.url).href.replaceAll('%7Bn%7D', '{n}')}`,
        ),
      ),
    ];
  }

  async run(count: number, signal: AbortSignal): Promise<void> {
    const settings = { keepAlive: true, maxSockets: this.#connections, rejectUnauthorized: false };
    const agents = { 'http:': new http.Agent(settings), 'https:': new https.Agent(settings) };
    const stop = (): void => {
      for (const each of this.#stops) each();
    };
    signal.addEventListener('abort', stop);
    try {
      await this.#lanes.run(count, signal, (index) => this.#send(index, agents));
    } finally {
      signal.removeEventListener('abort', stop);
      for (const agent of Object.values(agents)) agent.destroy();
    }
  }

  #send(index: number, agents: Record<string, http.Agent>): Promise<void> {
    const request = this.#requests[index % this.#requests.length] as LoadRequest;
    return this.#exchange(numbered(request, index), this.#lanes.isCut(index), agents);
  }

  #exchange(
    { method, target, headers, body }: LoadRequest,
    cut: boolean,
    agents: Record<string, http.Agent>,
  ): Promise<void> {
    const url = new URL(target, this.#origin.url);
    this.counts.sent++;
    return new Promise((resolve) => {
      let done = false;
      const finish = (): boolean => {
        if (done) return false;
        done = true;
        clearTimeout(timer);
        this.#stops.delete(stop);
        return true;
      };
      const fail = (reason: string): void => {
        if (!finish()) return;
        this.counts.failed++;
        this.counts.failure ??= `${method} ${url}: ${reason}`;
        request.destroy();
        setTimeout(resolve, PAUSE);
      };
      const cutNow = (): void => {
        if (!finish()) return;
        this.counts.cut++;
        request.destroy();
        resolve();
      };
      const stop = (): void => {
        finish();
        request.destroy();
        resolve();
      };
      const request = (url.protocol === 'https:' ? https : http).request(url, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }), ...headers },
        agent: agents[url.protocol],
        ...(this.#origin.socketPath === undefined ? {} : { socketPath: this.#origin.socketPath }),
      });
      const late = cut ? (this.#cuts++ % 2 === 0 ? SOON : CUT) : TIMEOUT;
      let begun = false;
      const slow = (): void => {
        const what = begun ? 'the answer did not end' : 'no answer';
        const hint = begun ? ' (streams are for --abort-ratio 1)' : '';
        fail(`${what} in ${TIMEOUT / 1000} s${hint}`);
      };
      const timer = setTimeout(() => (cut ? cutNow() : slow()), late);
      this.#stops.add(stop);
      request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
      request.on('response', (response) => {
        begun = true;
        const status = String(response.statusCode);
        this.counts.statuses[status] = (this.counts.statuses[status] ?? 0) + 1;
        if (cut) return cutNow();
        response.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
        response.on('end', () => {
          if (!finish()) return;
          this.counts.answered++;
          resolve();
        });
        response.on('close', () => fail('the connection was closed in the middle of the answer'));
        response.resume();
      });
      request.end(body);
    });
  }
}

/** The request with a number that is new each time in place of `{n}`: no two ask for the same. */
function numbered(request: LoadRequest, index: number): LoadRequest {
  const fill = (text: string): string => text.replaceAll('{n}', String(index));
  const { target, headers, body } = request;
  return {
    ...request,
    target: fill(target),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, fill(value)])),
    body: typeof body === 'string' ? fill(body) : body,
  };
}
