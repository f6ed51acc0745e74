/**
 * The memory a store will grow into, touched ahead of time.
 *
 * A fresh array of many megabytes is only reserved; each of its pages is cleared by the system when it is first
 * written, at 1 to 3 µs. At a million entries that is most of the time that growing takes, and it would come in one
 * stop. So a large store that is nearly full reserves its next arrays, and each new entry touches a page of them.
 */

/** Bytes between two touches: the usual page. On systems with larger ones some touches do nothing. */
const PAGE = 4096;

export class Memory {
  #reserved: Uint8Array[] = [];
  #bytes = 0;
  #touched = 0;
  /** The array being touched, and where. */
  #which = 0;
  #at = 0;

  /** Reserves arrays of these sizes, instead of any reserved before. */
  reserve(sizes: readonly number[]): void {
    this.drop();
    this.#reserved = sizes.map((size) => new Uint8Array(size));
    this.#bytes = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Touches as much of what is reserved as this share of it, 0 to 1. */
  touch(share: number): void {
    const goal = this.#bytes * share;
    while (this.#touched < goal) {
      const array = this.#reserved[this.#which];
      if (array === undefined) return;
      if (this.#at < array.length) {
        array[this.#at] = 0;
        this.#at += PAGE;
        this.#touched += PAGE;
      } else {
        this.#which++;
        this.#at = 0;
      }
    }
  }

  /** Zeros: reserved ones of this size, if there are. */
  #take(bytes: number): ArrayBuffer {
    const found = this.#reserved.findIndex((array) => array.length === bytes);
    const [array] = found < 0 ? [] : this.#reserved.splice(found, 1);
    return (array?.buffer as ArrayBuffer | undefined) ?? new ArrayBuffer(bytes);
  }

  int32(length: number): Int32Array {
    return this.#reserved.length === 0 ? new Int32Array(length) : new Int32Array(this.#take(4 * length));
  }

  float64(length: number): Float64Array {
    return this.#reserved.length === 0 ? new Float64Array(length) : new Float64Array(this.#take(8 * length));
  }

  /** Gives up what is left. */
  drop(): void {
    this.#reserved = [];
    this.#bytes = this.#touched = this.#which = this.#at = 0;
  }
}
