/**
 * Which keys were evicted lately, by 32-bit fingerprint: a FIFO of bounded length, 12 bytes a ghost.
 *
 * A table of four-word groups finds a fingerprint, a ring keeps the order. A group that is full gives up its
 * oldest. Two keys with one fingerprint are taken for each other, which costs a place in the wrong queue.
 */

export class Ghost {
  #limit: number;
  /** Fingerprints, 0 for none, and the ring position of each. */
  #table!: Int32Array;
  #positions!: Int32Array;
  /** Table index plus one, 0 where the ghost was removed. */
  #ring!: Int32Array;
  #head = 0;
  #tail = 0;
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#allocate(Math.min(limit, 64));
  }

  #allocate(capacity: number): void {
    const groups = 2 ** Math.ceil(Math.log2(Math.max(1, capacity / 2)));
    this.#table = new Int32Array(4 * groups);
    this.#positions = new Int32Array(4 * groups);
    this.#ring = new Int32Array(2 ** Math.ceil(Math.log2(2 * capacity + 2)));
    this.#head = this.#tail = this.#count = 0;
  }

  get size(): number {
    return this.#count;
  }

  /** Remembers a fingerprint, forgetting the oldest when there are too many. */
  add(fingerprint: number): void {
    if (fingerprint === 0 || this.#limit === 0) return;
    this.take(fingerprint);
    while (this.#count >= this.#limit) this.#forgetOldest();
    if (this.#tail - this.#head >= this.#ring.length - 1) this.#makeRoom();
    const index = this.#freeIndex(fingerprint);
    this.#table[index] = fingerprint;
    this.#positions[index] = this.#tail;
    this.#ring[this.#tail++ & (this.#ring.length - 1)] = index + 1;
    this.#count++;
  }

  /** Whether it is remembered; if so it is forgotten. */
  take(fingerprint: number): boolean {
    const index = this.#find(fingerprint);
    if (index < 0) return false;
    this.#drop(index);
    return true;
  }

  clear(): void {
    this.#allocate(Math.min(this.#limit, 64));
  }

  resize(limit: number): void {
    this.#limit = limit;
    while (this.#count > limit) this.#forgetOldest();
  }

  #home(fingerprint: number): number {
    return Math.imul(fingerprint ^ (fingerprint >>> 15), 0x2c1b3c6d) & (this.#table.length - 4);
  }

  #find(fingerprint: number): number {
    if (fingerprint === 0) return -1;
    const home = this.#home(fingerprint);
    for (let index = home; index < home + 4; index++) if (this.#table[index] === fingerprint) return index;
    return -1;
  }

  #freeIndex(fingerprint: number): number {
    const home = this.#home(fingerprint);
    let oldest = home;
    for (let index = home; index < home + 4; index++) {
      if (this.#table[index] === 0) return index;
      if ((this.#positions[index] as number) < (this.#positions[oldest] as number)) oldest = index;
    }
    this.#drop(oldest);
    return oldest;
  }

  #drop(index: number): void {
    this.#ring[(this.#positions[index] as number) & (this.#ring.length - 1)] = 0;
    this.#table[index] = 0;
    this.#count--;
  }

  #forgetOldest(): void {
    while (this.#head < this.#tail) {
      const index = (this.#ring[this.#head++ & (this.#ring.length - 1)] as number) - 1;
      if (index >= 0) {
        this.#drop(index);
        return;
      }
    }
  }

  /** The ring is full of ghosts and gaps: closes the gaps, in a larger one if the ghosts need it. */
  #makeRoom(): void {
    const ghosts: number[] = [];
    for (let at = this.#head; at < this.#tail; at++) {
      const index = (this.#ring[at & (this.#ring.length - 1)] as number) - 1;
      if (index >= 0) ghosts.push(this.#table[index] as number);
    }
    this.#allocate(Math.min(this.#limit, Math.max(64, 2 * ghosts.length)));
    for (const fingerprint of ghosts) this.add(fingerprint);
  }
}
