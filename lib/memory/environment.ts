/** The options of the sampler from variables of the environment. */

import { warnOnce } from '../lifetime/report-error';
import { readSamplerOptions } from './options';
import type { MemorySamplerOptions } from './types';

type Name = keyof MemorySamplerOptions;

const text = (value: string): string => value;
const number = (value: string): number => (value.trim() === '' ? Number.NaN : Number(value));
const flag = (value: string): boolean | string =>
  ({ '1': true, true: true, '0': false, false: false })[value] ?? value;

/** How each variable is read; `readSamplerOptions` says whether that will do. */
const VARIABLES: Record<Name, { variable: string; read: (value: string) => unknown }> = {
  recorder: { variable: 'PLATEAU_RECORDER', read: text },
  recorderBytes: { variable: 'PLATEAU_RECORDER_BYTES', read: number },
  pressureAt: { variable: 'PLATEAU_PRESSURE_AT', read: number },
  relieveTo: { variable: 'PLATEAU_RELIEVE_TO', read: number },
  cooldown: { variable: 'PLATEAU_COOLDOWN', read: number },
  askForCollections: { variable: 'PLATEAU_ASK_FOR_COLLECTIONS', read: flag },
  control: { variable: 'PLATEAU_CONTROL', read: flag },
};

/** The options that are set and valid; others are warned of, once each. */
export function readEnvironment(environment: Record<string, string | undefined>): MemorySamplerOptions {
  const options: Record<string, unknown> = {};
  for (const [name, { variable, read }] of Object.entries(VARIABLES)) {
    const value = environment[variable];
    if (value === undefined || value === '') continue;
    const option = { [name]: read(value) };
    try {
      readSamplerOptions(option);
      Object.assign(options, option);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      warnOnce(`environment ${variable}`, `${variable} is left out: ${reason}`, 'PLATEAU_ENVIRONMENT');
    }
  }
  return options as MemorySamplerOptions;
}
