/** What all features check of their options and arguments, and how they say what is wrong. */

import { types } from 'node:util';
import { describe } from './describe';
import { invalidArgument, invalidOption, outOfRange, plateauTypeError } from './errors';

const DURATION = 'a positive number of milliseconds';

/**
 * The options as an object. A name whose value is `undefined` counts as not given.
 *
 * @param accepted what the argument may be, for the message
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when it is no object, `PLATEAU_INVALID_OPTION` for a name that is not `known`
 */
export function readKnown<N extends string>(
  given: unknown,
  known: readonly N[],
  accepted = 'an object',
): Partial<Record<N, unknown>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidArgument('options', accepted, given);
  }
  const options = given as Partial<Record<string, unknown>>;
  // No list of the names is made, as this may be done for every request; what is inherited is not looked at.
  for (const name in options) {
    if ((known as readonly string[]).includes(name)) continue;
    if (!Object.hasOwn(options, name) || options[name] === undefined) continue;
    throw plateauTypeError(
      'PLATEAU_INVALID_OPTION',
      `there is no option ${describe(name)}; the options are ${known.join(', ')}`,
    );
  }
  return options as Partial<Record<N, unknown>>;
}

/** A time to live: positive, `Infinity` allowed. */
export function readTtl(name: string, value: unknown): number {
  if (typeof value !== 'number') throw invalidOption(name, DURATION, value);
  if (!(value > 0)) throw outOfRange(name, DURATION, value);
  return value;
}

/** A positive, finite duration. */
export function readDuration(name: string, value: unknown): number {
  const ttl = readTtl(name, value);
  if (ttl === Number.POSITIVE_INFINITY) throw outOfRange(name, `${DURATION}, finite`, value);
  return ttl;
}

/** A duration that may be 0 for "not at all". */
export function readOptionalDuration(name: string, value: unknown): number {
  return value === 0 ? 0 : readTtl(name, value);
}

/** A share from 0 to 1. */
export function readShare(name: string, value: unknown, option = false): number {
  const accepted = 'a number from 0 to 1';
  if (typeof value !== 'number') throw (option ? invalidOption : invalidArgument)(name, accepted, value);
  if (!(value >= 0 && value <= 1)) throw outOfRange(name, accepted, value);
  return value;
}

/** Checks that `options` is an object where there is one. */
export function readObject(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalidArgument(name, 'an object', value);
  return value as Record<string, unknown>;
}

/** A signal to abort by, where there is one. A proxy is none: an emitter of events has to be the very object. */
export function readSignal(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (types.isProxy(value) || !(value instanceof AbortSignal)) {
    throw invalidOption('signal', 'an AbortSignal', value);
  }
  return value;
}

/** A function, where there is one. */
export function readFunction<F>(name: string, value: unknown): F | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'function') throw invalidOption(name, 'a function', value);
  return value as F;
}

export function readBoolean(name: string, value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value !== 'boolean') throw invalidOption(name, 'a boolean', value);
  return value;
}

export function readCount(name: string, value: unknown): number {
  const accepted = 'a positive whole number';
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!Number.isSafeInteger(value) || value < 1) throw outOfRange(name, accepted, value);
  return value;
}

export function readName(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw invalidOption('name', 'a string, not empty', value);
  return value;
}

/** Checks a function that is an argument. */
export function readCallable(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument(name, 'a function', value);
}
