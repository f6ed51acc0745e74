/** The options of `BoundedLog`: what they mean, and the checks that make the rest of the code safe. */

import type { ClockSource } from '../cache/clock';
import { MAX_ENTRIES, readClock, readMaxBytes, readMaxEntries } from '../cache/options';
import { invalidOption } from '../errors';
import { readFunction, readKnown, readName, readTtl } from '../options';

/** Options of {@link BoundedLog}. At least one of `maxEntries` and `maxBytes` is required. */
export interface BoundedLogOptions<T> {
  /** The most records held, 1 to 67,108,863. Memory is allocated as records arrive, not ahead. */
  maxEntries?: number | undefined;
  /**
   * The most bytes held, as measured by `sizeOf`. A record larger than this is refused: `push` returns, and
   * `rejected` counts it.
   */
  maxBytes?: number | undefined;
  /**
   * How long a record is held, in milliseconds; any positive number, `Infinity` for no limit. Older ones are neither
   * returned nor counted from that moment on, and are released within a second though nobody reads. Not a bound: a
   * log with a `maxAge` still needs `maxEntries` or `maxBytes`.
   * @default Infinity
   */
  maxAge?: number | undefined;
  /**
   * The size of a record in bytes: a finite number, 0 or more. Called once per record, before it is held.
   * @default an estimate of the memory that the record retains, see `docs/design/size-of.md`
   */
  sizeOf?: ((record: T) => number) | undefined;
  /**
   * Where the time comes from, for tests. Fake timers (`node:test`'s or a library's) are noticed without this. A clock
   * that goes back is taken to have stood still.
   * @default a monotonic clock
   */
  clock?: ClockSource | undefined;
  /** Shown by `console.log` and on the page of {@link debugEndpoint}. */
  name?: string | undefined;
}

/** What {@link BoundedLog.resize} changes. A bound that is not named stays. */
export interface LogBounds {
  /** As in {@link BoundedLogOptions}. */
  maxEntries?: number | undefined;
  /** As in {@link BoundedLogOptions}; only for a log that was made with one. */
  maxBytes?: number | undefined;
  /** As in {@link BoundedLogOptions}; only for a log that was made with one. */
  maxAge?: number | undefined;
}

/** Options with the defaults filled in. */
export interface LogSettings<T> {
  maxEntries: number;
  maxBytes: number;
  maxAge: number;
  sizeOf: ((record: T) => number) | undefined;
  clock: ClockSource | undefined;
  name: string | undefined;
}

const FOREVER = Number.POSITIVE_INFINITY;
const BOUNDS = ['maxEntries', 'maxBytes', 'maxAge'] as const;
const NAMES = [...BOUNDS, 'sizeOf', 'clock', 'name'] as const;
/** What `maxBytes` alone allows: records of no size are bounded too. */
export const MOST_ENTRIES: number = MAX_ENTRIES;

/** Checks the options and fills in the defaults. */
export function readLogOptions<T>(given: unknown): LogSettings<T> {
  const o = readAll(given, NAMES);
  const settings: LogSettings<T> = {
    maxEntries: o.maxEntries === undefined ? MOST_ENTRIES : readMaxEntries(o.maxEntries),
    maxBytes: o.maxBytes === undefined ? FOREVER : readMaxBytes(o.maxBytes),
    maxAge: o.maxAge === undefined ? FOREVER : readTtl('maxAge', o.maxAge),
    sizeOf: readFunction('sizeOf', o.sizeOf),
    clock: readClock(o.clock),
    name: readName(o.name),
  };
  if (o.maxEntries === undefined && o.maxBytes === undefined) {
    throw invalidOption('maxEntries or maxBytes', 'given: a log without a bound is a leak', undefined);
  }
  if (settings.sizeOf !== undefined && o.maxBytes === undefined) {
    throw invalidOption('maxBytes', 'given where sizeOf is', undefined);
  }
  return settings;
}

/** Checks the bounds for a log of these settings; returns all three. */
export function readLogBounds<T>(given: unknown, now: LogSettings<T>): LogSettings<T> {
  const o = readAll(given, BOUNDS);
  const unmeasured = 'left out: this log was made without';
  const next = {
    ...now,
    maxEntries: o.maxEntries === undefined ? now.maxEntries : readMaxEntries(o.maxEntries),
    maxBytes: o.maxBytes === undefined ? now.maxBytes : readMaxBytes(o.maxBytes),
    maxAge: o.maxAge === undefined ? now.maxAge : readTtl('maxAge', o.maxAge),
  };
  if (o.maxBytes !== undefined && now.maxBytes === FOREVER) {
    throw invalidOption('maxBytes', `${unmeasured}, and has measured nothing`, o.maxBytes);
  }
  if (o.maxAge !== undefined && now.maxAge === FOREVER) {
    throw invalidOption('maxAge', `${unmeasured}, and knows the age of nothing`, o.maxAge);
  }
  return next;
}

function readAll<N extends string>(given: unknown, names: readonly N[]): Partial<Record<N, unknown>> {
  const options: unknown = typeof given === 'number' ? { maxEntries: given } : given;
  return readKnown(options, names, 'an object, or a number of entries');
}
