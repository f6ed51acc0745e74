/** A user's script as load: its default export is called once per iteration. */

import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CheckFailure } from '../failure';
import { Lanes } from './lanes';
import { type Load, noCounts, type Origin, type Pace } from './types';

/** What a scenario is called with. */
export interface ScenarioContext {
  /** Where the app listens: `http://127.0.0.1:3000`. */
  url: string;
  /** Of this iteration, from 0. */
  iteration: number;
  /** Aborts when the check ends. */
  signal: AbortSignal;
  /** `fetch`, with paths taken relative to `url`, and aborted with the check. */
  fetch: (target: string | URL, init?: RequestInit) => Promise<Response>;
  /** As `fetch`, and reads the body to its end. */
  request: (
    target: string | URL,
    init?: RequestInit,
  ) => Promise<{ status: number; headers: Headers; body: string }>;
}

/** The default export of a scenario. */
export type Scenario = (context: ScenarioContext) => unknown;

/** Loads a script. */
export async function readScenario(file: string, cwd: string): Promise<Scenario> {
  const path = resolve(cwd, file);
  let module: { default?: unknown };
  try {
    // A variable, so that no bundler looks for it.
    const url = pathToFileURL(path).href;
    module = (await import(url)) as { default?: unknown };
  } catch (error) {
    throw new CheckFailure(`--scenario ${file} cannot be loaded: ${(error as Error).message}`);
  }
  // Of a CommonJS script, `exports.default` is one further down.
  const inner = (module.default as { default?: unknown } | undefined)?.default;
  const scenario = typeof module.default === 'function' ? module.default : inner;
  if (typeof scenario !== 'function') {
    throw new CheckFailure(`--scenario ${file} must have a function as its default export`);
  }
  return scenario as Scenario;
}

export class ScenarioLoad implements Load {
  readonly counts = noCounts();
  readonly targets: string[];
  readonly #scenario: Scenario;
  readonly #origin: string;
  readonly #lanes: Lanes;

  constructor(scenario: Scenario, name: string, origin: Origin, pace: Pace) {
    this.#scenario = scenario;
    this.#origin = origin.url;
    this.#lanes = new Lanes(pace);
    this.targets = [`scenario ${name} on ${origin.url}`];
  }

  async run(count: number, signal: AbortSignal): Promise<void> {
    // Each iteration's `fetch` listens to it.
    setMaxListeners(0, signal);
    await this.#lanes.run(count, signal, (index) => this.#iterate(index, signal));
  }

  async #iterate(iteration: number, signal: AbortSignal): Promise<void> {
    const fetchHere = (target: string | URL, init: RequestInit = {}): Promise<Response> =>
      fetch(new URL(target, this.#origin), { signal, ...init });
    const request: ScenarioContext['request'] = async (target, init) => {
      const response = await fetchHere(target, init);
      const status = String(response.status);
      this.counts.statuses[status] = (this.counts.statuses[status] ?? 0) + 1;
      return { status: response.status, headers: response.headers, body: await response.text() };
    };
    this.counts.sent++;
    try {
      await this.#scenario({ url: this.#origin, iteration, signal, fetch: fetchHere, request });
      this.counts.answered++;
    } catch (error) {
      if (signal.aborted) return;
      this.counts.failed++;
      const { message, cause } = error as Error;
      this.counts.failure ??= cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
  }
}
