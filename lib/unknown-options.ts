/** Option names that do not exist are refused: a misspelt bound would silently be no bound. */

import { describe } from './describe';
import { plateauTypeError } from './errors';

/**
 * Refuses a name in `options` that is not `known`. One whose value is `undefined` counts as not given.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION`
 */
export function refuseUnknownOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name) || (options as Record<string, unknown>)[name] === undefined) continue;
    throw plateauTypeError(
      'PLATEAU_INVALID_OPTION',
      `there is no option ${describe(name)}; the options are ${known.join(', ')}`,
    );
  }
}
