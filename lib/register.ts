/**
 * Preload: `node --import plateau/register app.js` watches memory, and records, with no change of code.
 *
 * Configured by variables of the environment, named after the options of `startMemorySampler`: `PLATEAU_RECORDER` (a
 * directory), `PLATEAU_RECORDER_BYTES`, `PLATEAU_PRESSURE_AT`, `PLATEAU_RELIEVE_TO`, `PLATEAU_COOLDOWN`,
 * `PLATEAU_ASK_FOR_COLLECTIONS`, `PLATEAU_CONTROL` (1 lets `npx plateau profile <pid>` ask this process). A value that is wrong is warned of and left out: a preload must not be what keeps an
 * application from starting. Alarms are process warnings (`PLATEAU_LEAK`), which go to stderr unless the application
 * listens to `warning` events. Workers inherit it (those made with `eval` only with `--require`).
 *
 * @packageDocumentation
 */

import { type MemorySampler, startMemorySampler } from './index';
import { readEnvironment } from './memory/environment';

/** The sampler that was started. */
export const sampler: MemorySampler = startMemorySampler(readEnvironment(process.env));

sampler.on('alarm', ({ verdict }) => {
  process.emitWarning(`${verdict.evidence} ${verdict.next}`, {
    type: 'PlateauWarning',
    code: 'PLATEAU_LEAK',
  });
});
