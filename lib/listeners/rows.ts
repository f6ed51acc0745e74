/**
 * The rows of the ledger: one per emitter, event and call site, in a table of fixed size.
 *
 * When it is full, the row that was longest without an addition makes room, one without live listeners first. What it
 * had counted goes to row 0, so that nothing is lost from the sums. See `docs/design/listeners.md`.
 */

import { native } from '../native';
import type { CallSite } from '../sites/call-site';
import type { Watched } from './kinds';

/** Rows at most: about 8 MB when all are used. */
export const MAX_ROWS = 10_000;
/** Rows looked at to find one without live listeners. */
const SEARCH = 32;

/** A call site that adds listeners for one event of one kind of emitter. */
export interface Row {
  readonly index: number;
  readonly key: string;
  readonly watched: Watched;
  readonly site: CallSite;
  /** A request that led here, such as `GET /subscribe`; one of perhaps many. */
  request: string | undefined;
  /** When the oldest live listener was added, as `performance.now()`; `Infinity` when none is. */
  oldest: number;
  /** Whether some additions were only counted and not looked at. */
  sampled: boolean;
  /** Whether its place was given to another row. */
  evicted: boolean;
  /** The verdict when it was last reported, so that growth is announced once. */
  announced: boolean;
}

/** A verdict on a row, in the order of its numbers. */
export type Verdict = 'stable' | 'growing' | 'burst';
const VERDICTS: readonly Verdict[] = ['stable', 'growing', 'burst'];

export class Rows {
  readonly #native = new native.ListenerLedger();
  readonly #byKey = new Map<string, Row>();
  readonly #capacity: number;
  /** Places given away; place 0 is for rows that lost theirs. */
  #used = 1;
  #added: Float64Array = new Float64Array(64);
  #live: Float64Array = new Float64Array(64);
  #next: Float64Array = new Float64Array(64);
  #floors: Float64Array = new Float64Array(64);
  #verdicts: Uint8Array = new Uint8Array(64);
  /** Rows that lost their place. */
  evictions = 0;

  constructor(capacity: number = MAX_ROWS) {
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** The row for additions at `site`, which counts as used. */
  obtain(watched: Watched, site: CallSite): Row {
    const key = `${watched.id} ${site.key}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) {
      // To the end of the map, whose order is the order of use.
      this.#byKey.delete(key);
      this.#byKey.set(key, known);
      return known;
    }
    const index = this.#used <= this.#capacity ? this.#used++ : this.#evict();
    if (index >= this.#added.length) this.#grow();
    const row: Row = {
      index,
      key,
      watched,
      site,
      request: undefined,
      oldest: Number.POSITIVE_INFINITY,
      sampled: false,
      evicted: false,
      announced: false,
    };
    this.#byKey.set(key, row);
    return row;
  }

  /** Counts additions at a row. */
  add(row: Row, count: number): void {
    const at = row.evicted ? 0 : row.index;
    this.#added[at] = (this.#added[at] as number) + count;
  }

  /** Starts counting what is live. */
  beginLook(): void {
    this.#next.fill(0);
    for (const row of this.#byKey.values()) row.oldest = Number.POSITIVE_INFINITY;
  }

  /** Counts live listeners of a row, the oldest of which was added `at`. */
  countLive(row: Row, count: number, at: number): void {
    const index = row.evicted ? 0 : row.index;
    this.#next[index] = (this.#next[index] as number) + count;
    if (at < row.oldest) row.oldest = at;
  }

  /** Takes what was counted for the present state, and judges it. */
  endLook(now: number): void {
    for (const { index, watched } of this.#byKey.values()) {
      this.#next[index] = (this.#next[index] as number) * watched.scale;
    }
    [this.#live, this.#next] = [this.#next, this.#live];
    this.#native.look(now, this.#used, this.#live, this.#added, this.#verdicts, this.#floors);
  }

  /** What is known of a row; with `undefined`, of all that lost their place. */
  figures(row: Row | undefined): { added: number; live: number; floor: number; verdict: Verdict } {
    const at = row === undefined ? 0 : row.index;
    return {
      added: Math.round((this.#added[at] as number) * (row?.watched.factor ?? 1)),
      live: Math.round(this.#live[at] as number),
      floor: Math.round(this.#floors[at] as number),
      verdict: VERDICTS[this.#verdicts[at] as number] ?? 'stable',
    };
  }

  *[Symbol.iterator](): IterableIterator<Row> {
    yield* this.#byKey.values();
  }

  /** Gives up the row that is missed least, and returns its place. */
  #evict(): number {
    let victim: Row | undefined;
    let seen = 0;
    for (const row of this.#byKey.values()) {
      victim ??= row;
      if ((this.#live[row.index] as number) === 0) {
        victim = row;
        break;
      }
      if (++seen === SEARCH) break;
    }
    const { index, key } = victim as Row;
    (victim as Row).evicted = true;
    this.#byKey.delete(key);
    for (const counts of [this.#added, this.#live, this.#next]) {
      counts[0] = (counts[0] as number) + (counts[index] as number);
      counts[index] = 0;
    }
    this.#floors[index] = 0;
    this.#verdicts[index] = 0;
    this.#native.forget(index);
    this.evictions++;
    return index;
  }

  #grow(): void {
    const length = this.#added.length * 2;
    const grown = (old: Float64Array): Float64Array => {
      const array = new Float64Array(length);
      array.set(old);
      return array;
    };
    this.#added = grown(this.#added);
    this.#live = grown(this.#live);
    this.#next = grown(this.#next);
    this.#floors = grown(this.#floors);
    const verdicts = new Uint8Array(length);
    verdicts.set(this.#verdicts);
    this.#verdicts = verdicts;
  }
}
