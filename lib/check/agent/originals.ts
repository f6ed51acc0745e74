/** Places in the sources as written. */

import { fileURLToPath } from 'node:url';
import type { SourcePlace } from '../../heap/types';
import { originalOf } from '../../sites/show';

/** Places in the sources as written. Here, because only the isolate knows the maps that its loader has made. */
export function originals<P extends SourcePlace>(places: readonly P[]): P[] {
  return places.map((place) => {
    if (place.file === '' || place.file.startsWith('node:')) return place;
    const site = { ...place, key: '', caller: undefined, via: undefined };
    const original = originalOf(site);
    return { ...place, ...original, file: pathOf(original.file) };
  });
}

function pathOf(file: string): string {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return file;
  }
}
