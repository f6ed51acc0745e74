/**
 * A log in memory that holds the newest records and no more. `docs/design/log.md` explains how it works and what was
 * measured.
 */

import { type InspectOptions, inspect } from 'node:util';
import { readSize } from '../cache/options';
import { estimateSize } from '../cache/size-of';
import { iteratorOf } from '../cache/walk';
import { invalidArgument, outOfRange } from '../errors';
import { LogClock, ReleaseTimer } from './age';
import {
  type BoundedLogOptions,
  type LogBounds,
  type LogSettings,
  MOST_ENTRIES,
  readLogBounds,
  readLogOptions,
} from './options';
import { Segments } from './segments';

/** Gives plateau's own tests what a log keeps its records in. */
export let segmentsOf: <T>(log: BoundedLog<T>) => Segments<T>;
/** Lets go of what is too old. A function of its own, which holds no log. */
let releaseOld: <T>(log: BoundedLog<T>) => number;

const FOREVER = Number.POSITIVE_INFINITY;
/** Records that `console.log` shows. */
const SHOWN = 3;

/** What a log has done since it was made, and what it holds. */
export interface LogStats {
  /** Records held. */
  size: number;
  /** Bytes held, as measured; 0 in a log without `maxBytes`. */
  bytes: number;
  /** Records that were taken in. */
  pushed: number;
  /** Records that left to make room. */
  dropped: number;
  /** Records that left because of `maxAge`. */
  expired: number;
  /** Records that were refused because they alone are larger than `maxBytes`. */
  rejected: number;
}

/**
 * The newest records: an array to push to that never grows beyond its bounds. The oldest leave, without anything being
 * shifted: `push` takes constant time, amortised over letting go, and `at` constant time.
 *
 * An iteration covers the records that are there when it begins. Those that leave meanwhile are skipped, those that
 * are pushed meanwhile are not part of it; none comes twice. So a loop may push to the log it walks.
 *
 * @example
 * const log = new BoundedLog<Failure>({ maxEntries: 1000, maxAge: 3_600_000 });
 * log.push({ at: Date.now(), message });
 * log.tail(10); // the newest ten, oldest first
 */
export class BoundedLog<T = unknown> implements Iterable<T> {
  #settings: LogSettings<T>;
  readonly #segments: Segments<T>;
  readonly #sized: boolean;
  /** Only with `maxAge`. */
  readonly #clock: LogClock | undefined;
  readonly #timer: ReleaseTimer<BoundedLog<T>> | undefined;
  #pushed = 0;
  #dropped = 0;
  #expired = 0;
  #rejected = 0;

  static {
    segmentsOf = (log) => log.#segments;
    releaseOld = (log) => log.#releaseOld();
  }

  /**
   * @param options the bounds and everything else; a number is short for `{ maxEntries }`
   * @param records what to begin with, oldest first
   * @throws TypeError | RangeError with a `code`, naming the option, when one is not acceptable or does not exist
   */
  constructor(options: BoundedLogOptions<T> | number, records?: Iterable<T> | null) {
    const settings = readLogOptions<T>(options);
    const { maxEntries, maxBytes, maxAge } = settings;
    this.#settings = settings;
    this.#sized = maxBytes !== FOREVER;
    this.#segments = new Segments<T>(
      this.#sized ? Math.min(maxEntries, 1024) : maxEntries,
      this.#sized,
      maxAge !== FOREVER,
    );
    if (maxAge !== FOREVER) {
      this.#clock = new LogClock(settings.clock, maxAge);
      this.#timer = new ReleaseTimer<BoundedLog<T>>(this, releaseOld, this.#clock.injected);
    }
    if (records === undefined || records === null) return;
    if (typeof records[Symbol.iterator] !== 'function')
      throw invalidArgument('records', 'an iterable', records);
    for (const record of records) this.push(record);
  }

  /** The name given. */
  get name(): string | undefined {
    return this.#settings.name;
  }

  /** The bound on records. */
  get maxEntries(): number {
    return this.#settings.maxEntries;
  }

  /** The bound on bytes; `Infinity` without one. */
  get maxBytes(): number {
    return this.#settings.maxBytes;
  }

  /** How long a record is held, in milliseconds; `Infinity` without a limit. */
  get maxAge(): number {
    return this.#settings.maxAge;
  }

  /** Records held; none that is too old. */
  get size(): number {
    this.#expire();
    return this.#segments.size;
  }

  /** Bytes held, as measured by `sizeOf`; 0 in a log without `maxBytes`. */
  get bytes(): number {
    this.#expire();
    return this.#segments.bytes;
  }

  /** Records that left to make room, since the log was made. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Records refused because they alone are larger than `maxBytes`, since the log was made. */
  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Takes records in, the last being the newest, and lets the oldest go where there is no room. Returns how many
   * records the log holds then, as the `push` of an array does.
   *
   * @throws TypeError | RangeError when what `sizeOf` or the clock returns is not acceptable, and what they throw;
   * nothing has changed then
   */
  push(...records: T[]): number {
    const segments = this.#segments;
    // What runs code of others comes first.
    const sizes = this.#sized ? records.map((record) => this.#measure(record)) : undefined;
    const now = this.#expire();
    const { maxEntries, maxBytes } = this.#settings;
    for (let i = 0; i < records.length; i++) {
      const size = sizes === undefined ? 0 : (sizes[i] as number);
      if (size > maxBytes) {
        this.#rejected++;
        continue;
      }
      if (segments.size === maxEntries) {
        segments.drop();
        this.#dropped++;
      }
      segments.push(records[i] as T, size, now);
      this.#pushed++;
      if (segments.bytes > maxBytes) this.#dropped += segments.dropToBytes(maxBytes);
    }
    if (this.#timer !== undefined && segments.size > 0) this.#timer.expect(this.#leftOfOldest(now));
    return segments.size;
  }

  #measure(record: T): number {
    const { sizeOf } = this.#settings;
    return sizeOf === undefined ? estimateSize(record) : readSize('sizeOf()', sizeOf(record));
  }

  /** Lets go of what is too old; returns the time, 0 in a log without `maxAge`. */
  #expire(): number {
    const clock = this.#clock;
    if (clock === undefined) return 0;
    const now = clock.now();
    const segments = this.#segments;
    if (segments.size > 0 && segments.oldestTime() <= now - this.#settings.maxAge) {
      this.#expired += segments.dropUntil(now - this.#settings.maxAge);
    }
    return now;
  }

  #leftOfOldest(now: number): number {
    return this.#segments.oldestTime() + this.#settings.maxAge - now;
  }

  /** Returns in how many ms the oldest of those left will be too old; `Infinity` if there is none. */
  #releaseOld(): number {
    const now = this.#expire();
    return this.#segments.size === 0 ? FOREVER : this.#leftOfOldest(now);
  }

  /** Releases what is too old now, instead of waiting; returns how many records. */
  purgeExpired(): number {
    const before = this.#expired;
    this.#expire();
    return this.#expired - before;
  }

  /**
   * The record at that place: 0 is the oldest, -1 the newest; `undefined` where there is none.
   *
   * @throws TypeError when `index` is not a whole number
   */
  at(index: number): T | undefined {
    if (!Number.isInteger(index)) throw invalidArgument('index', 'a whole number', index);
    this.#expire();
    const segments = this.#segments;
    const sequence = index < 0 ? segments.next + index : segments.head + index;
    return sequence >= segments.head && sequence < segments.next ? segments.get(sequence) : undefined;
  }

  /**
   * The newest records as an array, oldest first.
   *
   * @param count how many, at most; 0 or more, `Infinity` for all
   * @throws TypeError | RangeError when `count` is not such a number
   */
  tail(count = 10): T[] {
    const accepted = 'a whole number, 0 or more, or Infinity';
    if (typeof count !== 'number') throw invalidArgument('count', accepted, count);
    if (!(count >= 0 && (Number.isInteger(count) || count === FOREVER)))
      throw outOfRange('count', accepted, count);
    this.#expire();
    const segments = this.#segments;
    const records: T[] = [];
    for (let n = Math.max(segments.head, segments.next - count); n < segments.next; n++) {
      records.push(segments.get(n));
    }
    return records;
  }

  /** The records, oldest first. */
  values(): ReturnType<T[]['values']> {
    return this.#walk((sequence) => this.#segments.get(sequence));
  }

  /** Pairs of place and record, oldest first; places are those at the beginning of the iteration, from 0. */
  entries(): ReturnType<T[]['entries']> {
    this.#expire();
    const { head } = this.#segments;
    return this.#walk((sequence): [number, T] => [sequence - head, this.#segments.get(sequence)]);
  }

  /** The records, newest first. */
  newestFirst(): ReturnType<T[]['values']> {
    this.#expire();
    const segments = this.#segments;
    let at = segments.next - 1;
    return iteratorOf(() => {
      this.#expire();
      if (at >= segments.head) return { done: false, value: segments.get(at--) };
      at = -1;
      return { done: true, value: undefined };
    });
  }

  #walk<U>(take: (sequence: number) => U): ReturnType<U[]['values']> {
    this.#expire();
    const segments = this.#segments;
    const end = segments.next;
    let at = segments.head;
    return iteratorOf(() => {
      this.#expire();
      if (at < segments.head) at = segments.head;
      return at < end ? { done: false, value: take(at++) } : { done: true, value: undefined };
    });
  }

  /** The records, oldest first. */
  [Symbol.iterator](): ReturnType<T[]['values']> {
    return this.values();
  }

  /** Calls `callback` for every record, oldest first, with its place as {@link entries} has it. */
  forEach(callback: (record: T, index: number, log: this) => void, thisArg?: unknown): void {
    if (typeof callback !== 'function') throw invalidArgument('callback', 'a function', callback);
    for (const [index, record] of this.entries()) callback.call(thisArg, record, index, this);
  }

  /** Lets go of everything, and gives the memory back. Counts as neither dropped nor expired. */
  clear(): void {
    this.#segments.clear();
  }

  /**
   * Changes the bounds, letting the oldest go where they no longer fit. A bound that is not named stays.
   *
   * @param bounds the new bounds; a number is short for `{ maxEntries }`
   * @throws TypeError | RangeError when a bound is not acceptable; nothing has changed then
   */
  resize(bounds: LogBounds | number): void {
    const settings = readLogBounds(bounds, this.#settings);
    this.#settings = settings;
    const now = this.#expire();
    const segments = this.#segments;
    this.#dropped += segments.dropToSize(settings.maxEntries);
    if (this.#sized) this.#dropped += segments.dropToBytes(settings.maxBytes);
    if (this.#timer !== undefined && segments.size > 0) this.#timer.restart(this.#leftOfOldest(now));
  }

  /** Counters since the log was made, and what it holds now. */
  stats(): LogStats {
    const { size, bytes } = this;
    return {
      size,
      bytes,
      pushed: this.#pushed,
      dropped: this.#dropped,
      expired: this.#expired,
      rejected: this.#rejected,
    };
  }

  /** The records as an array, oldest first: what `JSON.stringify` writes. */
  toJSON(): T[] {
    return this.tail(FOREVER);
  }

  get [Symbol.toStringTag](): string {
    return 'BoundedLog';
  }

  /** @internal What `console.log` shows. Untyped, so that the types need no Node. */
  [inspect.custom](depth: number, options: import('node:util').InspectOptions): string {
    return inspectLog(this, depth, options);
  }
}

function inspectLog<T>(log: BoundedLog<T>, depth: number, options: InspectOptions): string {
  const { name, size, maxEntries, maxBytes } = log;
  const counted = maxBytes === FOREVER || maxEntries < MOST_ENTRIES;
  const bytes = maxBytes === FOREVER ? '' : `, ${Math.round(log.bytes)}/${maxBytes} bytes`;
  const bounds = `${counted ? `${size}/${maxEntries}` : size} entries${bytes}`;
  const head = `BoundedLog${name === undefined ? '' : ` ${JSON.stringify(name)}`} (${bounds})`;
  if (depth < 0) return `[${head}]`;
  const inner = { ...options, depth: depth === 0 ? -1 : 0 };
  const shown = log.tail(SHOWN).map((record) => inspect(record, inner));
  if (size > shown.length) shown.unshift(`${size - shown.length} more ...`);
  return `${head} [${shown.length === 0 ? '' : ` ${shown.join(', ')} `}]`;
}
