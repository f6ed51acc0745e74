/**
 * Errors of plateau: ordinary `TypeError`, `RangeError` and `Error` objects with a stable `code`.
 *
 * A message names the option, says what is accepted and shows what was given:
 * `ttl must be a positive number of milliseconds, got "5m"`. The code is what programs match on.
 */

import { describe } from './describe';

/** Every value of `error.code` that plateau's JavaScript side sets. */
export type PlateauErrorCode =
  /** An option has the wrong type or an unknown value. */
  | 'PLATEAU_INVALID_OPTION'
  /** A method argument has the wrong type. */
  | 'PLATEAU_INVALID_ARGUMENT'
  /** A number of the right type lies outside the accepted range. */
  | 'PLATEAU_OUT_OF_RANGE'
  /** A load took longer than its `timeout`. */
  | 'PLATEAU_LOAD_TIMEOUT'
  /** More loads are in flight than `maxLoads`. */
  | 'PLATEAU_TOO_MANY_LOADS'
  /** Redis, or the client, could not be asked. */
  | 'PLATEAU_REMOTE_UNAVAILABLE'
  /** Redis did not answer in time. */
  | 'PLATEAU_REMOTE_TIMEOUT'
  /** What was waited for did not happen within its `timeout`. */
  | 'PLATEAU_WAIT_TIMEOUT'
  /** An emitter closed before it emitted what was waited for. */
  | 'PLATEAU_WAIT_CLOSED'
  /** Resources of a scope could not be released. */
  | 'PLATEAU_RELEASE_FAILED'
  /** A metric of this name, and not of ours, is in the registry. */
  | 'PLATEAU_METRIC_TAKEN'
  /** A shared cache of this name is open in this process with another value of an option. */
  | 'PLATEAU_SHARED_CONFLICT'
  /** A shared cache of this name is not open, and `maxBytes` was not given. */
  | 'PLATEAU_SHARED_NOT_OPEN'
  /** Key and value are larger than an entry may be. */
  | 'PLATEAU_ENTRY_TOO_LARGE'
  /** A value is not what an operation works on, such as a number to add to. */
  | 'PLATEAU_WRONG_VALUE'
  /** A codec could not turn a value into bytes, or bytes into a value. */
  | 'PLATEAU_CODEC'
  /** A snapshot cannot be written or read. */
  | 'PLATEAU_SNAPSHOT'
  /** There is not enough memory for it, so that it could end the process. */
  | 'PLATEAU_NOT_ENOUGH_MEMORY'
  /** A file is not a snapshot, or not a whole one, or of another codec. */
  | 'PLATEAU_NOT_A_SNAPSHOT'
  /** It could not be told whether something leaks. */
  | 'PLATEAU_UNCLEAR'
  /** The tracker, scope or cache has ended. */
  | 'PLATEAU_DISPOSED'
  /** No native addon could be loaded for this platform. */
  | 'PLATEAU_NATIVE_MISSING'
  /** The native addon belongs to another version of the package. */
  | 'PLATEAU_NATIVE_VERSION';

/** What `new`-ing one of the built-in error classes needs to know. */
type ErrorClass<E extends Error> = new (message: string, options?: ErrorOptions) => E;

/** An error object with its code. */
export type Coded<E extends Error> = E & { code: PlateauErrorCode };

function coded<E extends Error>(
  Class: ErrorClass<E>,
  code: PlateauErrorCode,
  message: string,
  hideAbove: (...args: never[]) => unknown,
  options?: ErrorOptions,
): Coded<E> {
  const error = new Class(message, options) as Coded<E>;
  error.code = code;
  // The first line of the stack should be where the bad value was found, not these helpers.
  Error.captureStackTrace(error, hideAbove);
  return error;
}

/** A plain `Error` with a code. */
export function plateauError(code: PlateauErrorCode, message: string, options?: ErrorOptions): Coded<Error> {
  return coded(Error, code, message, plateauError, options);
}

/** A `TypeError` with a code. */
export function plateauTypeError(
  code: PlateauErrorCode,
  message: string,
  options?: ErrorOptions,
): Coded<TypeError> {
  return coded(TypeError, code, message, plateauTypeError, options);
}

/** A `RangeError` with a code. */
export function plateauRangeError(
  code: PlateauErrorCode,
  message: string,
  options?: ErrorOptions,
): Coded<RangeError> {
  return coded(RangeError, code, message, plateauRangeError, options);
}

/** The error for an option of the wrong type: `<name> must be <accepted>, got <value>`. */
export function invalidOption(name: string, accepted: string, value: unknown): Coded<TypeError> {
  return coded(TypeError, 'PLATEAU_INVALID_OPTION', mustBe(name, accepted, value), invalidOption);
}

/** The error for a method argument of the wrong type. */
export function invalidArgument(name: string, accepted: string, value: unknown): Coded<TypeError> {
  return coded(TypeError, 'PLATEAU_INVALID_ARGUMENT', mustBe(name, accepted, value), invalidArgument);
}

/** The error for a number of the right type outside the accepted range. */
export function outOfRange(name: string, accepted: string, value: unknown): Coded<RangeError> {
  return coded(RangeError, 'PLATEAU_OUT_OF_RANGE', mustBe(name, accepted, value), outOfRange);
}

function mustBe(name: string, accepted: string, value: unknown): string {
  return `${name} must be ${accepted}, got ${describe(value)}`;
}
