/** The verdict in words, for the page and for the terminal. */

import type { MemoryVerdict } from '../index';

const WORDS: Record<string, string> = {
  'not-enough-data': 'Not enough seen yet to judge',
  'warming-up': 'Warming up',
  healthy: 'Healthy',
  filling: 'Filling, with a bound',
  'gc-pressure': 'The collector works hard',
  leak: 'Leak',
};
const PLACES: Record<string, string> = {
  heap: 'of JavaScript objects',
  external: 'of buffers',
  native: 'of native memory',
  descriptors: 'of descriptors',
  handles: 'of handles',
};

export type Tone = 'good' | 'warn' | 'bad' | '';
const TONES: Record<string, Tone> = { healthy: 'good', filling: 'good', 'gc-pressure': 'warn', leak: 'bad' };

/** As `Leak of buffers`, or `Warming up (native)`. */
export function verdictWords({ verdict, place }: Pick<MemoryVerdict, 'verdict' | 'place'>): string {
  const word = WORDS[verdict] ?? verdict;
  if (place === undefined) return word;
  return verdict === 'leak' ? `${word} ${PLACES[place] ?? place}` : `${word} (${place})`;
}

export function verdictTone({ verdict }: Pick<MemoryVerdict, 'verdict'>): Tone {
  return TONES[verdict] ?? '';
}
