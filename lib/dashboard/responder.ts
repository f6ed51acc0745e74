/** Who gets what of the dashboard: the page, the state as JSON, the past, or a stream of events. */

import { type Answer, failure, json, methodNotAllowed, success } from '../http/answer';
import { type DashboardSettings, readDashboardOptions } from './options';
import { page, pagePolicy } from './page';
import { answerProfile } from './profile';
import { StateSource } from './state';
import { EventStreams } from './streams';

const PAGE_HEADERS = {
  'content-security-policy': pagePolicy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The answer is a stream, if there is a place: `streams` has to be asked, and to get the response, in one turn. */
export const STREAM = Symbol('stream');

export class DashboardResponder {
  readonly settings: DashboardSettings;
  readonly streams: EventStreams;
  readonly #source: StateSource;

  constructor(options: unknown) {
    this.settings = readDashboardOptions(options);
    this.#source = new StateSource(this.settings.title);
    this.streams = new EventStreams(() => this.#event(), this.settings.maxClients);
  }

  /**
   * Never rejects.
   *
   * @param request what `authorize` gets
   * @param url below the place of the dashboard, with its query
   * @param res of `node:http`: when it is closed, nobody waits for the answer any more
   */
  async answer(
    request: unknown,
    method: unknown,
    url: string,
    res?: unknown,
  ): Promise<Answer | typeof STREAM> {
    const { gate, profile } = this.settings;
    try {
      const [path = '', query = ''] = url.split('?', 2);
      const isProfile = path === '/profile' && method === 'POST';
      if (method !== 'GET' && method !== 'HEAD' && !isProfile) return methodNotAllowed();
      if (!(await gate.allows(request))) return failure(403, 'forbidden');
      if (isProfile && profile) return await answerProfile(request, res, query);
      switch (path) {
        case '':
        case '/':
          return success('text/html; charset=utf-8', page, PAGE_HEADERS);
        case '/memory.json':
          await this.#source.prepare();
          return this.#state();
        case '/history.json':
          return this.#history(query);
        case '/events':
          await this.#source.prepare();
          return STREAM;
        default:
          return failure(404, 'not found');
      }
    } catch (error) {
      gate.failed(error);
      return failure(500, 'the state of the process could not be read');
    }
  }

  #state(): Answer {
    const { text, leaking } = this.#source.state();
    return json(text, leaking && this.settings.failOnLeak ? 503 : 200);
  }

  #event(): string | undefined {
    try {
      return this.#source.state().text;
    } catch (error) {
      this.settings.gate.failed(error);
      return undefined;
    }
  }

  #history(query: string): Answer {
    const range = new URLSearchParams(query).get('range') ?? '10m';
    const history = this.#source.history(range);
    return history === undefined ? failure(400, 'range must be 10m, 2h or 24h') : json(history);
  }
}
