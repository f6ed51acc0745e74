/** Reads a dashboard over HTTP: its state, its past, and its stream of events. */

import { PROFILE_HEADER, PROFILE_VALUE } from '../dashboard/profile-header';
import type { DashboardHistory, DashboardState } from '../dashboard/types';
import type { GrowthProfile } from '../profile/types';

/** Without news for so long, in ms, a connection is taken to be lost. */
const SILENCE = 10_000;
/** The longest answer that is read, in characters: what is more is no dashboard. */
const MOST = 8 * 2 ** 20;

/** What the server refuses for good: trying again would be of no use. */
export class Refused extends Error {}

export class DashboardClient {
  readonly #base: string;
  readonly #query: string;
  readonly #headers: Headers;

  constructor(url: URL, headers: Headers) {
    const path = url.pathname.replace(/\/(?:profile|memory\.json|events|history\.json)?$/, '');
    this.#base = `${url.origin}${path}`;
    this.#query = url.search;
    this.#headers = headers;
  }

  async state(): Promise<DashboardState> {
    const response = await this.#get('/memory.json', AbortSignal.timeout(SILENCE));
    // With `failOnLeak` a leak is answered with 503, and the state all the same.
    if (!response.ok && response.status !== 503) throw refusal(response);
    return parse(await response.text());
  }

  async history(): Promise<DashboardHistory> {
    const response = await this.#get('/history.json', AbortSignal.timeout(SILENCE));
    if (!response.ok) throw refusal(response);
    return (await response.json()) as DashboardHistory;
  }

  /** Has a growth profile made. */
  async profile(options: Record<string, unknown>, patience: number): Promise<GrowthProfile> {
    const query = new URLSearchParams(this.#query);
    for (const [name, value] of Object.entries(options)) query.set(name, String(value));
    const headers = new Headers(this.#headers);
    headers.set(PROFILE_HEADER, PROFILE_VALUE);
    const response = await fetch(`${this.#base}/profile?${query}`, {
      method: 'POST',
      headers,
      signal: AbortSignal.timeout(patience),
      redirect: 'manual',
    });
    const answer = (await response.json().catch(() => undefined)) as GrowthProfile & { error?: unknown };
    if (response.ok) return answer;
    if (response.status === 404 || response.status === 405) {
      throw new Refused(
        'there is no dashboard here that allows it: it has to be made with the option profile: true',
      );
    }
    // What it says is about the profile: that one is being made, that an option is wrong.
    if (response.status !== 403 && typeof answer?.error === 'string') throw new Refused(answer.error);
    throw refusal(response);
  }

  /** The states that a stream tells, until it ends or falls silent. */
  async *events(signal: AbortSignal): AsyncGenerator<DashboardState> {
    const controller = new AbortController();
    const both = AbortSignal.any([signal, controller.signal]);
    const abort = () => controller.abort(new Error(`no news for ${SILENCE / 1000} s`));
    let timer = setTimeout(abort, SILENCE);
    try {
      const response = await this.#get('/events', both);
      if (!response.ok || response.body === null) throw refusal(response);
      let text = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        clearTimeout(timer);
        timer = setTimeout(abort, SILENCE);
        text += chunk;
        if (text.length > MOST) throw new Refused('what it sends is no stream of a dashboard');
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data !== undefined) yield parse(data);
        }
      }
    } finally {
      clearTimeout(timer);
      controller.abort();
    }
  }

  #get(path: string, signal: AbortSignal): Promise<Response> {
    // Not followed: the headers, which may be secrets, are for this server.
    return fetch(`${this.#base}${path}${this.#query}`, {
      headers: this.#headers,
      signal,
      redirect: 'manual',
    });
  }
}

function refusal({ status }: Response): Error {
  if (status === 403 || status === 401) return new Refused(`it refuses: ${status}; is a --header missing?`);
  if (status >= 500) return new Error(`it answers with ${status}`);
  return new Refused(`it answers with ${status}: is the dashboard at this address?`);
}

function parse(text: string): DashboardState {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    // Said below.
  }
  const { verdict, sample, caches } = (state ?? {}) as Partial<DashboardState>;
  if (typeof verdict?.verdict !== 'string' || sample === undefined || !Array.isArray(caches)) {
    throw new Refused('what it answers is no state of a dashboard');
  }
  return state as DashboardState;
}
