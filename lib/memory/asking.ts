/**
 * When to ask V8 for a major collection, so that there is a floor to look at.
 *
 * A small service may go for minutes without one, and what it leaks looks like garbage until then, as does native memory
 * that dead objects hold. The collection that V8 begins when asked is its ordinary one: marked bit by bit and on other
 * threads, with a pause like that of every other. It is asked for only if V8 has made none for a while and something
 * has happened since, and so rarely that the pauses take less than a four-hundredth of the time.
 *
 * @see docs/design/memory.md
 */

import { native } from '../native';
import type { CollectionWatch } from './collections';

const MIB = 1024 * 1024;
/** More than V8 lets external memory grow by before it begins a collection (64 MiB). */
const ANNOUNCED = 65 * MIB;
/** Half of the heap limit has to be more than that: otherwise V8 would collect at once, in one go. */
const LEAST_LIMIT = 3 * ANNOUNCED;
/** Turns (seconds) without a major collection: while it is young or something was found, and when all is known. */
const SOON = 12;
const LATE = 60;
/** From this turn on a healthy process is known. */
const KNOWN = 600;
/** Pauses may take one in so many. */
const RARITY = 400;
/** What has to have happened: requests, or bytes more than after the last collection. */
const REQUESTS = 100;
const GROWTH = 4 * MIB;
/** Or so much has to be kept of minor collections. */
const BURDEN = 0.4;

export class Asking {
  #turns = 0;
  #since = 0;
  #major = 0;
  #requests = 0;
  #bytes = 0;

  /** Called each second, with the number of requests and bytes (heap and external) so far; `calm`: nothing is suspected. */
  turn(
    collections: CollectionWatch,
    { requests, bytes, limit, calm }: { requests: number; bytes: number; limit: number; calm: boolean },
  ): void {
    this.#turns++;
    this.#since++;
    if (collections.major !== this.#major) {
      this.#major = collections.major;
      this.#since = 0;
      this.#requests = requests;
      this.#bytes = bytes;
      return;
    }
    this.#bytes = Math.min(this.#bytes, bytes);
    const pause = Math.max(calm && this.#turns > KNOWN ? LATE : SOON, (RARITY * collections.newestMs) / 1000);
    if (this.#since < pause || limit < LEAST_LIMIT || !collections.exact) return;
    const busy = requests - this.#requests >= REQUESTS || bytes - this.#bytes >= GROWTH;
    if (!busy && collections.burden < BURDEN) return;
    // Whether V8 follows or not, it is not asked again at once.
    this.#since = 0;
    collections.expect();
    native.askForCollection(ANNOUNCED);
  }
}
