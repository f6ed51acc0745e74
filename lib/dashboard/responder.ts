/** Who gets what of the dashboard: the page, the state as JSON, the past, or a stream of events. */

import { type Answer, failure, isAnswered, json, methodNotAllowed, success } from '../http/answer';
import { type DashboardSettings, readDashboardOptions } from './options';
import { page, pagePolicy } from './page';
import { StateSource } from './state';
import { EventStreams } from './streams';

// biome-ignore lint/suspicious/noExplicitAny: requests and responses of whatever framework
type Any = any;

const PAGE_HEADERS = {
  'content-security-policy': pagePolicy,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The answer is a stream: `streams` has to get the response. */
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
   * Never rejects. A stream is for a response that waits for an answer still.
   *
   * @param request what `authorize` gets
   * @param url below the place of the dashboard, with its query
   */
  async answer(request: unknown, method: unknown, url: string, res: Any): Promise<Answer | typeof STREAM> {
    const { gate } = this.settings;
    try {
      if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed();
      if (!(await gate.allows(request))) return failure(403, 'forbidden');
      const [path = '', query = ''] = url.split('?', 2);
      switch (path) {
        case '':
        case '/':
          return success('text/html; charset=utf-8', page, PAGE_HEADERS);
        case '/memory.json':
          return this.#state();
        case '/history.json':
          return this.#history(query);
        case '/events':
          // Somebody who has gone meanwhile would never be seen to go.
          return isAnswered(res) ? failure(503, 'gone') : (this.streams.refusal() ?? STREAM);
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
