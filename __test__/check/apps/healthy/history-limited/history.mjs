class Step {
  next = null;

  constructor(change) {
    this.change = change;
  }
}

/** A linked list of so many steps. */
export class History {
  #oldest = null;
  #newest = null;
  #limit;
  length = 0;

  constructor(limit) {
    this.#limit = limit;
  }

  add(change) {
    const step = new Step(change);
    if (this.#newest) this.#newest.next = step;
    this.#newest = step;
    this.#oldest ??= step;
    if (++this.length > this.#limit) {
      this.#oldest = this.#oldest.next;
      this.length--;
    }
  }
}
