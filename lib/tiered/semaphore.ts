/** Lets so many pass at once; the rest waits in its order, up to a bound. */

export class Semaphore {
  readonly #most: number;
  readonly #mostWaiting: number;
  #waiting: (() => void)[] = [];
  /** The first that still waits: an array is expensive to shift. */
  #first = 0;
  #inside = 0;

  constructor(most: number, mostWaiting: number) {
    this.#most = most;
    this.#mostWaiting = mostWaiting;
  }

  /** Enters, or waits to; `undefined` where too many wait already. Who has entered must leave. */
  enter(): Promise<void> | undefined {
    if (this.#inside < this.#most) {
      this.#inside++;
      return Promise.resolve();
    }
    if (this.#waiting.length - this.#first >= this.#mostWaiting) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  leave(): void {
    const next = this.#waiting[this.#first];
    if (next === undefined) {
      this.#inside--;
      return;
    }
    this.#first++;
    if (this.#first === this.#waiting.length) {
      this.#waiting = [];
      this.#first = 0;
    } else if (this.#first >= 1024 && this.#first * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    // The place passes on.
    next();
  }
}
