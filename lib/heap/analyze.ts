/** What a heap snapshot consists of. */

import { invalidOption, outOfRange, plateauError, plateauTypeError } from '../errors';
import { native } from '../native';
import { readKnown, readSignal } from '../options';
import type { AnalyzeHeapOptions, HeapAnalysis, HeapLook } from './analysis-types';
import { watchProgress } from './progress';
import { checkSource, nameOf, readSource } from './source';
import type { HeapSource } from './types';

const OPTIONS = ['looks', 'limit', 'query', 'retainers', 'signal', 'onProgress'] as const;
const LOOKS: readonly HeapLook[] = [
  'summary',
  'largest',
  'duplicates',
  'closures',
  'collections',
  'detached',
];
const ROWS = 'a whole number from 1 to 100000';

/**
 * Looks at a snapshot: what it consists of, what is largest, who holds what. Sizes are those of Chrome's developer tools.
 *
 * Works on other threads; the event loop only hands over the pieces of a stream. Time and memory are linear: about 0.4 s and
 * 100 MB for each million objects, and as much again for some looks.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION` (also for a query that cannot be understood),
 * RangeError `PLATEAU_OUT_OF_RANGE` (thrown at once)
 * @throws Error `PLATEAU_SNAPSHOT` for a file that cannot be read, or where there is no such object or class as `retainers`
 * names; `PLATEAU_NOT_A_SNAPSHOT` for one that is no snapshot, or not a whole one (the promise rejects); with the signal's
 * reason when it aborts
 */
export function analyzeHeap(snapshot: HeapSource, options: AnalyzeHeapOptions = {}): Promise<HeapAnalysis> {
  checkSource('snapshot', snapshot);
  return analyze(snapshot, readOptions(options));
}

type Settings = ReturnType<typeof readOptions>;

function readOptions(given: AnalyzeHeapOptions) {
  const options = readKnown(given, OPTIONS);
  const { limit = 20, query, retainers, onProgress } = options;
  const looks =
    options.looks ?? (query === undefined && retainers === undefined ? ['summary', 'largest'] : []);
  if (!Array.isArray(looks) || !looks.every((look) => LOOKS.includes(look))) {
    throw invalidOption('looks', `an array of ${LOOKS.map((look) => `'${look}'`).join(', ')}`, looks);
  }
  if (typeof limit !== 'number') throw invalidOption('limit', ROWS, limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100_000) throw outOfRange('limit', ROWS, limit);
  if (query !== undefined) {
    if (typeof query !== 'string') throw invalidOption('query', 'a query, such as class = "Map"', query);
    const wrong = native.checkHeapQuery(query);
    if (wrong !== null) throw plateauTypeError('PLATEAU_INVALID_OPTION', `query: ${wrong}`);
  }
  if (retainers !== undefined && (typeof retainers !== 'string' || retainers === '')) {
    throw invalidOption('retainers', "the id of an object, such as '@1234', or a class", retainers);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidOption('onProgress', 'a function', onProgress);
  }
  const signal = readSignal(options.signal);
  return {
    looks: looks as HeapLook[],
    limit,
    query,
    retainers,
    signal,
    onProgress: onProgress as AnalyzeHeapOptions['onProgress'],
  };
}

async function analyze(snapshot: HeapSource, settings: Settings): Promise<HeapAnalysis> {
  const { looks, limit, query, retainers, signal, onProgress } = settings;
  const source = new native.HeapSource();
  const name = nameOf(snapshot, 0);
  const stop = watchProgress(source, `reading ${name}`, 0, 0.5, onProgress);
  try {
    await readSource(snapshot, name, false, source, signal);
  } finally {
    stop();
  }
  signal?.throwIfAborted();
  onProgress?.({ share: 0.5, stage: 'analysing' });
  const abort = () => source.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return JSON.parse(await native.analyzeHeap(source, looks, limit, query, retainers)) as HeapAnalysis;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw plateauError('PLATEAU_SNAPSHOT', `${name}: ${(error as Error).message}`, { cause: error });
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
