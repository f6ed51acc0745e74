/** Tells of failures that fail nobody's call: to `onError`, or once as a process warning. */

import { realNow } from '../background';
import { guarded, printError } from '../lifetime/report-error';
import type { TieredErrorContext } from './types';

/** Between two reports, ms. */
const PAUSE = 1000;

export class Reporter {
  readonly #onError: ((error: unknown, context: TieredErrorContext) => void) | undefined;
  readonly #namespace: string;
  #next = Number.NEGATIVE_INFINITY;
  #suppressed = 0;
  #warned = false;

  constructor(
    onError: ((error: unknown, context: TieredErrorContext) => void) | undefined,
    namespace: string,
  ) {
    this.#onError = onError;
    this.#namespace = namespace;
  }

  report(error: unknown, operation: TieredErrorContext['operation'], key?: string): void {
    const onError = this.#onError;
    if (onError === undefined) {
      this.#warn(error, operation);
      return;
    }
    const time = realNow();
    if (time < this.#next) {
      this.#suppressed++;
      return;
    }
    this.#next = time + PAUSE;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    guarded(
      () => onError(error, { operation, key, suppressed }),
      "by a TieredCache's onError",
      'PLATEAU_ON_ERROR',
    );
  }

  #warn(error: unknown, operation: string): void {
    if (this.#warned) return;
    this.#warned = true;
    process.emitWarning(
      `TieredCache ${this.#namespace}: ${operation} failed, the cache goes on without Redis. Further failures are only ` +
        `counted, in stats().errors; give an onError to see them. ${printError(error)}`,
      { type: 'PlateauWarning', code: 'PLATEAU_TIERED' },
    );
  }
}
