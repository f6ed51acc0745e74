/**
 * Those who wait for one end.
 *
 * Who waits is an object with a method and not a callback, and it is its own entry: where a request adds a tracker
 * there is no closure, no list and no map. That is worth more than it looks. V8 keeps the optimised code of a function
 * only while one of its closures lives, so the code of closures that live as long as a request is lost at each major
 * collection, and then runs unoptimised for a while. See `docs/design/listeners.md`.
 */

import { reportError } from './report-error';

/** The method that is called at the end. */
export const ended: unique symbol = Symbol('plateau.ended');

/** Something that waits for an end. */
export interface Waiter {
  /** `at`: when, on the clock of `performance.now()`, which all who are told share: reading it is not free. */
  [ended](at: number): void;
}

/** Where somebody waits, to wait no longer. */
export interface Waited {
  remove(waiter: Waiter): unknown;
}

/** Waiters in the order in which they came. The usual only one needs no set. */
export class Waiters implements Waited {
  #first: Waiter | undefined = undefined;
  #others: Set<Waiter> | undefined = undefined;

  get isEmpty(): boolean {
    return this.#first === undefined && (this.#others === undefined || this.#others.size === 0);
  }

  add(waiter: Waiter): void {
    if (this.isEmpty) this.#first = waiter;
    else {
      this.#others ??= new Set();
      this.#others.add(waiter);
    }
  }

  /** Whether it was there. */
  remove(waiter: Waiter): boolean {
    if (this.#first !== waiter) return this.#others?.delete(waiter) === true;
    this.#first = undefined;
    return true;
  }

  /** Tells each of them, once. What one throws is reported. */
  end(at: number): void {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) tell(first, at);
    if (this.#others === undefined) return;
    // One may cancel others, which must not be told then.
    for (const each of this.#others) {
      this.#others.delete(each);
      tell(each, at);
    }
  }
}

function tell(waiter: Waiter, at: number): void {
  try {
    waiter[ended](at);
  } catch (error) {
    reportError(error, 'while a lifetime ended');
  }
}
