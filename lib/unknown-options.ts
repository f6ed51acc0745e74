/** Options as an object, without names that do not exist: a misspelt bound would silently be no bound. */

import { describe } from './describe';
import { invalidArgument, plateauTypeError } from './errors';

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
  for (const name of Object.keys(options)) {
    if ((known as readonly string[]).includes(name) || options[name] === undefined) continue;
    throw plateauTypeError(
      'PLATEAU_INVALID_OPTION',
      `there is no option ${describe(name)}; the options are ${known.join(', ')}`,
    );
  }
  return options as Partial<Record<N, unknown>>;
}
