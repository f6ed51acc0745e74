/** Places of findings in the sources as written: the app's own isolate is asked, since loaders make maps in memory. */

import { fileURLToPath } from 'node:url';
import type { HeapFinding, SourcePlace } from '../heap/types';
import type { Isolate } from './control';
import type { AllocationSite } from './types';

/** Places in the sources as written; as they are when the isolate cannot say. */
export async function originalPlaces<P extends SourcePlace>(isolate: Isolate, places: P[]): Promise<P[]> {
  const originals = await isolate.ask('places', places).catch(() => places);
  return places.map((place, i) => ({ ...place, ...originals[i] }));
}

/** A finding that has no place gets the function in its file that allocated most of what is still there. */
export function withPlace(finding: HeapFinding, allocations: readonly AllocationSite[]): HeapFinding {
  if (finding.place !== undefined || finding.file === undefined) return finding;
  const found = allocations.find(({ file }) => pathOf(file) === pathOf(finding.file as string));
  if (found === undefined) return finding;
  const { file, line, column, function: name } = found;
  const place = { file, line, column, ...(name ? { function: name } : {}) };
  return { ...finding, place, placeIs: 'allocated', places: [place, ...finding.places] };
}

function pathOf(file: string): string {
  return file.startsWith('file:') ? fileURLToPath(file) : file;
}

/** The findings with all their places mapped; as they are when the isolate cannot say. */
export async function withOriginalPlaces(isolate: Isolate, findings: HeapFinding[]): Promise<HeapFinding[]> {
  const places = findings.flatMap((finding) => placesOf(finding));
  const originals = await isolate.ask('places', places).catch(() => places);
  const known = new Map(places.map((place, i) => [keyOf(place), originals[i] ?? place]));
  const map = (place: SourcePlace): SourcePlace => known.get(keyOf(place)) ?? place;
  return findings.map((finding) => ({
    ...finding,
    ...(finding.place === undefined ? {} : { place: map(finding.place) }),
    places: finding.places.map(map),
    trace: finding.trace.map((step) =>
      step.place === undefined ? step : { ...step, place: map(step.place) },
    ),
  }));
}

function placesOf({ place, places, trace }: HeapFinding): SourcePlace[] {
  const all = [place, ...places, ...trace.map((step) => step.place)];
  return all.filter((each) => each !== undefined);
}

function keyOf({ file, line, column }: SourcePlace): string {
  return `${file}:${line}:${column}`;
}
