/** Places of findings in the sources as written. */

import { fileURLToPath } from 'node:url';
import type { HeapFinding, SourcePlace } from '../heap/types';
import type { Isolate } from './control';
import { shorten } from './report/words';

/**
 * Places as they are in the sources; as they are when the isolate cannot say. It is asked because loaders make maps in
 * memory, which nobody else can see.
 */
export async function originalPlaces<P extends SourcePlace>(isolate: Isolate, places: P[]): Promise<P[]> {
  const originals = await isolate.ask('places', places).catch(() => places);
  return places.map((place, i) => ({ ...place, ...originals[i] }));
}

/** The findings with all their places in the sources. */
export async function withOriginalPlaces(isolate: Isolate, findings: HeapFinding[]): Promise<HeapFinding[]> {
  const originals = await originalPlaces(isolate, findings.flatMap(placesOf));
  let at = 0;
  return findings.map((finding) => {
    const own = placesOf(finding).length;
    at += own;
    return mapFinding(finding, originals.slice(at - own, at));
  });
}

const TYPED = /\.[cm]?tsx?$/;

/** All places of a finding, in the order in which {@link mapFinding} takes them. */
export function placesOf({ place, places, trace }: HeapFinding): SourcePlace[] {
  const all = [place, ...places, ...trace.map((step) => step.place)];
  return all.filter((each) => each !== undefined);
}

/** A finding with other places in place of those that {@link placesOf} gives. */
export function mapFinding(finding: HeapFinding, originals: readonly SourcePlace[]): HeapFinding {
  const next = originals.values();
  // The lines that were found in a TypeScript source are lines of it already: only what V8 says is of what it ran.
  const found = finding.placeIs === 'added' || finding.placeIs === 'declared';
  const map = (place: SourcePlace): SourcePlace => {
    const original = next.next().value ?? place;
    return found && place.function === undefined && TYPED.test(place.file) ? place : original;
  };
  return {
    ...finding,
    ...(finding.place === undefined ? {} : { place: map(finding.place) }),
    places: finding.places.map(map),
    trace: finding.trace.map((step) =>
      step.place === undefined ? step : { ...step, place: map(step.place) },
    ),
  };
}

/** Patterns of what holds something of the system's. */
const OPENED = ['sockets', 'timers', 'streams'];

/**
 * A finding that has no place gets one: of what was opened, the line that opened most of it; else the function in its
 * file that allocated most of what is still there, or where it has no file, in the program.
 */
export function withPlace(
  finding: HeapFinding,
  allocations: readonly SourcePlace[],
  handles: readonly SourcePlace[] = [],
): HeapFinding {
  const opened = OPENED.includes(finding.pattern) ? handles[0] : undefined;
  if (finding.place !== undefined) {
    // Where a dependency's class is made, or where it keeps what it opened, says nothing about who asked for it.
    const says = finding.placeIs !== 'constructor' && opened === undefined;
    if (says || !isForeign(finding.place)) return finding;
  }
  const path =
    finding.file === undefined || finding.file.startsWith('node:') ? undefined : pathOf(finding.file);
  const inFile = allocations.find(({ file }) => path !== undefined && pathOf(file) === path);
  const found = opened ?? inFile ?? (path === undefined ? allocations[0] : undefined);
  if (found === undefined) return finding;
  const { file, line, column, function: name } = found;
  const place = { file, line, column, ...(name ? { function: name } : {}) };
  return {
    ...finding,
    place,
    placeIs: opened === undefined ? 'allocated' : 'added',
    places: [place, ...finding.places],
  };
}

/**
 * Of what a dependency keeps at a line of its own, the program's function on whose behalf most of what is still there was
 * allocated: that line says whose fault it is, this one who asks for it.
 */
export function withCaller<F extends HeapFinding>(finding: F, allocations: readonly SourcePlace[]): F {
  const { place, places, evidence } = finding;
  if (place === undefined || !isForeign(place) || places.some((each) => !isForeign(each))) return finding;
  const caller = allocations.find((each) => !isForeign(each));
  if (caller === undefined) return finding;
  const { file, line, column, function: name } = caller;
  const told = `Most of what stays was allocated in calls by ${name || 'the function'} at ${shorten(file)}:${line}.`;
  const own = { file, line, column, ...(name ? { function: name } : {}) };
  return { ...finding, places: [...places, own], evidence: [...evidence, told] };
}

function isForeign({ file }: SourcePlace): boolean {
  return /[\\/]node_modules[\\/]/.test(file) || file.startsWith('node:');
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}
