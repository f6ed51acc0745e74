/** Refuses option names that do not exist: a misspelt bound would otherwise be no bound. */

import { plateauTypeError } from './errors';

/** Names listed in the message; more are cut. */
const SHOWN = 40;

/**
 * Throws for an own name in `options` that is not in `known`. A name whose value is `undefined` counts as not given.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION`
 */
export function refuseUnknown(options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name) || (options as Record<string, unknown>)[name] === undefined) continue;
    const shown = JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}…` : name);
    throw plateauTypeError(
      'PLATEAU_INVALID_OPTION',
      `options must be among ${known.join(', ')}, got ${shown}`,
    );
  }
}
