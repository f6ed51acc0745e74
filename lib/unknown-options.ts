/** Option names that do not exist are refused: a misspelt bound would silently be no bound. */

import { describe } from './describe';
import { plateauTypeError } from './errors';

/** Throws `PLATEAU_INVALID_OPTION` when `options` has an enumerable property of its own that is not `known`. */
export function refuseUnknownOptions(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw plateauTypeError(
      'PLATEAU_INVALID_OPTION',
      `there is no option ${describe(name)}; the options are ${known.join(', ')}`,
    );
  }
}
