/**
 * Who may see what an endpoint of plateau serves: those alone whom an authorisation function lets in. There is no
 * default for that: an endpoint that was made without one would sooner or later be found.
 */

import { invalidOption } from '../errors';
import { reportError } from '../lifetime/report-error';

/** How often failures are reported, in ms; a flood of requests must not become one of warnings. */
const REPORT_EVERY = 60_000;

export class Gate {
  readonly #authorize: (req: unknown) => unknown;
  readonly #endpoint: string;
  readonly #code: string;
  #reported = Number.NEGATIVE_INFINITY;

  /**
   * @param seen what `authorize` guards, as `the log`
   * @param endpoint its name in warnings, as `a debug endpoint`
   * @param code of those warnings
   * @throws TypeError `PLATEAU_INVALID_OPTION` when `authorize` is no function
   */
  constructor(authorize: unknown, seen: string, endpoint: string, code: string) {
    if (typeof authorize !== 'function') {
      throw invalidOption(
        'authorize',
        `a function that returns true for requests that may see ${seen}`,
        authorize,
      );
    }
    this.#authorize = authorize as (req: unknown) => unknown;
    this.#endpoint = endpoint;
    this.#code = code;
  }

  /** Whether `authorize` says true, itself or by a promise; a throw or a rejection is reported, and a no. */
  async allows(request: unknown): Promise<boolean> {
    const authorize = this.#authorize;
    try {
      return (await authorize(request)) === true;
    } catch (error) {
      this.#report(error, `by the authorize function of ${this.#endpoint}`);
      return false;
    }
  }

  /** Reports that answering has failed. */
  failed(error: unknown): void {
    this.#report(error, `while ${this.#endpoint} answered`);
  }

  #report(error: unknown, when: string): void {
    const now = performance.now();
    if (now - this.#reported < REPORT_EVERY) return;
    this.#reported = now;
    reportError(error, when, this.#code);
  }
}
