/**
 * What every command passes on its way to the client: it is refused where it could only wait (client not connected,
 * breaker open, too many unanswered), and given up after `remoteTimeout`. So nothing queues without a bound, in this
 * cache or in the client, and no read waits for a Redis that is not there.
 *
 * A command that was given up stays counted until the client has answered it: it may still be carried out.
 */

import { clearBackgroundTimeout, setBackgroundTimeout } from '../background';
import { plateauError } from '../errors';
import { Breaker } from './breaker';
import { now } from './clock';
import type { Counters } from './counters';
import type { Settings } from './options';
import type { BreakerState } from './types';

/** Servers whose state is remembered. */
const MAX_NODES = 1000;
const WORST_FIRST: readonly BreakerState[] = ['open', 'half-open'];

export class Gate {
  /** For each server of a cluster, so that one that fails does not keep the others from being asked. */
  readonly #breakers = new Map<string, Breaker>();
  readonly #settings: Settings<unknown>;
  readonly #counters: Counters;
  #inFlight = 0;
  #givenUp = 0;

  constructor(settings: Settings<unknown>, counters: Counters) {
    this.#settings = settings;
    this.#counters = counters;
  }

  /** Commands not answered by the client. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Of those, the ones nobody waits for any more. */
  get givenUp(): number {
    return this.#givenUp;
  }

  /** Whether commands to any server would be sent now. Does not use up a breaker's probe. */
  get isOpen(): boolean {
    const time = now();
    return (
      this.#settings.driver.isReady() &&
      [...this.#breakers.values()].every((breaker) => breaker.wouldAdmit(time))
    );
  }

  /** That of the breaker which is furthest from closed. */
  get state(): BreakerState {
    const time = now();
    for (const [node, breaker] of this.#breakers) {
      if (breaker.isForgotten(time)) this.#breakers.delete(node);
    }
    const states = [...this.#breakers.values()].map(({ state }) => state);
    return WORST_FIRST.find((state) => states.includes(state)) ?? 'closed';
  }

  /**
   * Sends a command.
   *
   * @param key what says to which server it goes
   * @returns what it answers; rejects with `PLATEAU_REMOTE_UNAVAILABLE`, `PLATEAU_REMOTE_TIMEOUT` or the client's error
   */
  send(command: () => Promise<unknown>, key?: string): Promise<unknown> {
    const breaker = this.#breakerOf(this.#settings.driver.nodeOf(key));
    const refused = this.#refusal(breaker);
    if (refused !== undefined) {
      this.#counters.skipped++;
      return Promise.reject(plateauError('PLATEAU_REMOTE_UNAVAILABLE', refused));
    }
    return new Promise((resolve, reject) => {
      const { remoteTimeout } = this.#settings;
      let waiting = true;
      const timer = setBackgroundTimeout(() => {
        waiting = false;
        this.#givenUp++;
        this.#counters.timeouts++;
        breaker.failed(now());
        reject(plateauError('PLATEAU_REMOTE_TIMEOUT', `Redis did not answer within ${remoteTimeout} ms`));
      }, remoteTimeout);
      const ended = (): boolean => {
        this.#inFlight--;
        clearBackgroundTimeout(timer);
        if (!waiting) this.#givenUp--;
        return waiting;
      };
      this.#inFlight++;
      attempt(command).then(
        (reply) => {
          breaker.succeeded();
          if (ended()) resolve(reply);
        },
        (error: unknown) => {
          if (!ended()) return;
          // A script that is not loaded yet is no failure; see `Remote`.
          if (!isNoScript(error)) {
            this.#counters.remoteErrors++;
            breaker.failed(now());
          } else {
            breaker.succeeded();
          }
          reject(error);
        },
      );
    });
  }

  #breakerOf(node: string): Breaker {
    let breaker = this.#breakers.get(node);
    if (breaker === undefined) {
      const { breakerThreshold, breakerCooldown } = this.#settings;
      // Servers come and go: those that have gone must not stay for ever.
      if (this.#breakers.size >= MAX_NODES) this.#breakers.clear();
      breaker = new Breaker(breakerThreshold, breakerCooldown);
      this.#breakers.set(node, breaker);
    }
    return breaker;
  }

  #refusal(breaker: Breaker): string | undefined {
    const { driver, maxCommands } = this.#settings;
    if (!driver.isReady()) return 'the client is not connected to Redis';
    if (this.#inFlight >= maxCommands) return `${maxCommands} commands are in flight, no more are allowed`;
    // Last, as it may use up the probe.
    return breaker.admit(now()) ? undefined : 'Redis failed and is left alone for a while';
  }
}

/** A promise whatever the client does, throwing included. */
async function attempt(command: () => Promise<unknown>): Promise<unknown> {
  return await command();
}

/** Whether an error says that Redis does not have a script of that sum. */
export function isNoScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Whether Redis itself said no, rather than that it could not be reached. */
export function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(?:ERR|NOPERM|NOPROTO|UNKNOWN)/i.test(error.message);
}
