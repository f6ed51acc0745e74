/** What has grown between heap snapshots. */

import { dirname } from 'node:path';
import { invalidArgument, invalidOption, outOfRange } from '../errors';
import { native } from '../native';
import { readKnown, readSignal } from '../options';
import { watchProgress } from './progress';
import { checkSource, nameOf, readSource } from './source';
import type { CompareHeapsOptions, HeapComparison, HeapFinding, HeapSource } from './types';

const OPTIONS = ['signal', 'onProgress', 'limit', 'roots', 'sources'] as const;

/**
 * Compares two or three snapshots of one process, in the order in which they were taken: where objects have come to stay,
 * which pattern that is, and what holds them.
 *
 * Three are better than two: what was made between the first and the second and still is in the third has outlived what it
 * was made for, while of two nobody knows what is only passing. Take them after equal loads, each after a garbage collection.
 *
 * Works on other threads; the event loop only hands over the pieces of streams. Time and memory are linear: about 0.5 s and
 * 100 MB for each million objects of the last snapshot, less for the others, of which only ids are kept.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` or `PLATEAU_INVALID_OPTION`, RangeError `PLATEAU_OUT_OF_RANGE` (thrown at once)
 * @throws Error `PLATEAU_SNAPSHOT` for a file that cannot be read, `PLATEAU_NOT_A_SNAPSHOT` for one that is no snapshot, or
 * not a whole one (the promise rejects); with the signal's reason when it aborts
 */
export function compareHeaps(
  snapshots: HeapSource[],
  options: CompareHeapsOptions = {},
): Promise<HeapComparison> {
  if (!Array.isArray(snapshots) || (snapshots.length !== 2 && snapshots.length !== 3)) {
    throw invalidArgument('snapshots', 'an array of two or three snapshots', snapshots);
  }
  for (const [at, source] of snapshots.entries()) checkSource(`snapshots[${at}]`, source);
  const { sources, ...read } = readOptions(options);
  const comparison = compare(snapshots, read);
  return sources ? comparison.then(withLines) : comparison;
}

function readOptions(given: CompareHeapsOptions) {
  const { signal, onProgress, limit = 20, roots = [], sources = false } = readKnown(given, OPTIONS);
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidOption('onProgress', 'a function', onProgress);
  }
  if (typeof limit !== 'number') throw invalidOption('limit', 'a whole number from 1 to 1000', limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw outOfRange('limit', 'a whole number from 1 to 1000', limit);
  }
  if (!Array.isArray(roots) || !roots.every((root) => typeof root === 'string')) {
    throw invalidOption('roots', 'an array of folders', roots);
  }
  if (typeof sources !== 'boolean') throw invalidOption('sources', 'true or false', sources);
  return {
    signal: readSignal(signal),
    onProgress: onProgress as CompareHeapsOptions['onProgress'],
    limit,
    roots: roots as string[],
    sources,
  };
}

/** The lines of findings, from the sources that the snapshots name. */
async function withLines(comparison: HeapComparison): Promise<HeapComparison> {
  // With the parser, which only this needs.
  const { locate, Sources } = await import('./lines/locate.js');
  const sources = new Sources();
  const findings = await Promise.all(comparison.findings.map((finding) => locate(finding, sources)));
  return { ...comparison, findings };
}

/** Without places in this package: it observes what others do, and is on their stacks. */
function withoutOurs(finding: HeapFinding): HeapFinding {
  const places = finding.places.filter(({ file }) => dirname(file) !== __dirname);
  if (places.length === finding.places.length) return finding;
  const { place: _place, placeIs, ...rest } = finding;
  const [first] = places;
  return first === undefined
    ? { ...rest, places }
    : { ...rest, places, place: first, ...(placeIs && { placeIs }) };
}

async function compare(
  snapshots: HeapSource[],
  { signal, onProgress, limit, roots }: Omit<ReturnType<typeof readOptions>, 'sources'>,
): Promise<HeapComparison> {
  const sources = snapshots.map(() => new native.HeapSource());
  const last = sources.length - 1;
  // One after the other: each is read on two threads, and memory for one at a time is enough.
  for (const [at, source] of snapshots.entries()) {
    const into = sources[at] as (typeof sources)[number];
    const name = nameOf(source, at);
    const stop = watchProgress(into, `reading ${name}`, at / (last + 2), (at + 1) / (last + 2), onProgress);
    try {
      await readSource(source, name, at < last, into, signal);
    } finally {
      stop();
    }
  }
  const whole = sources[last] as (typeof sources)[number];
  const abort = () => whole.abort();
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort, { once: true });
  onProgress?.({ share: (last + 1) / (last + 2), stage: 'comparing' });
  try {
    const json = await native.compareHeaps(sources.slice(0, last), whole, limit, roots);
    const comparison = JSON.parse(json) as HeapComparison;
    return { ...comparison, findings: comparison.findings.map(withoutOurs) };
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
