interface Options {
  /** Milliseconds. */
  window: number;
  limit: number;
}

interface Count {
  taken: number;
  times: number[];
}

/** Two generations of counts: at the end of a window the older one is dropped as a whole. */
export class Limiter {
  readonly #limit: number;
  #now = new Map<string, Count>();
  #before = new Map<string, Count>();

  constructor({ window, limit }: Options) {
    this.#limit = limit;
    setInterval(() => {
      this.#before = this.#now;
      this.#now = new Map();
    }, window);
  }

  take(client: string): boolean {
    const count = this.#now.get(client) ?? this.#before.get(client) ?? { taken: 0, times: [] };
    count.taken++;
    count.times.push(performance.now());
    this.#now.set(client, count);
    return count.taken <= this.#limit;
  }
}
