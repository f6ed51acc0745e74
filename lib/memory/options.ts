/** The options of the memory sampler, checked. */

import { invalidOption, outOfRange } from '../errors';
import { readBoolean, readKnown, readOptionalDuration, readShare } from '../options';
import type { MemorySamplerOptions } from './types';

const KNOWN = [
  'recorder',
  'recorderBytes',
  'pressureAt',
  'relieveTo',
  'cooldown',
  'askForCollections',
  'control',
] as const;
const KIB = 1024;
const LEAST_BYTES = 64 * KIB;
const MOST_BYTES = 1024 * KIB * KIB;

export interface ReadSamplerOptions {
  recorder: string | undefined;
  recorderBytes: number;
  pressureAt: number;
  relieveTo: number;
  cooldown: number;
  askForCollections: boolean;
  control: boolean;
}

export function readSamplerOptions(given: unknown): ReadSamplerOptions {
  const options: Partial<Record<keyof MemorySamplerOptions, unknown>> = readKnown(given, KNOWN);
  const {
    recorder,
    recorderBytes = 4 * KIB * KIB,
    pressureAt = 0.85,
    relieveTo = 1,
    cooldown = 600_000,
    askForCollections = true,
  } = options;
  if (recorder !== undefined && (typeof recorder !== 'string' || recorder === '')) {
    throw invalidOption('recorder', 'the path of a directory', recorder);
  }
  const bytes = 'a whole number of bytes from 65536 to 1073741824';
  if (typeof recorderBytes !== 'number') throw invalidOption('recorderBytes', bytes, recorderBytes);
  if (!Number.isInteger(recorderBytes) || recorderBytes < LEAST_BYTES || recorderBytes > MOST_BYTES) {
    throw outOfRange('recorderBytes', bytes, recorderBytes);
  }
  return {
    recorder,
    recorderBytes,
    pressureAt: readShare('pressureAt', pressureAt, true),
    relieveTo: readShare('relieveTo', relieveTo, true),
    cooldown: readOptionalDuration('cooldown', cooldown),
    askForCollections: readBoolean('askForCollections', askForCollections),
    control: readBoolean('control', options.control),
  };
}
