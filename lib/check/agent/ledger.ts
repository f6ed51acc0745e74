/** What the agent needs the rest of plateau for: the ledger of listeners, and source maps. */

import type { SourcePlace } from '../../heap/types';
import { listenerReport } from '../../listeners/report';
import { trackAllListeners } from '../../listeners/track-all';
import { originalOf } from '../../sites/show';
import type { ListenerGrowth } from '../protocol';

/** Begins to note who adds listeners. */
export function observeListeners(): boolean {
  trackAllListeners();
  return true;
}

/** Places that have added listeners which are still there. */
export function growingListeners(): ListenerGrowth[] {
  return listenerReport()
    .sites.filter(({ live, file }) => live > 1 && file !== '')
    .slice(0, 20)
    .map(({ site, file, line, event, emitter, added, live }) => ({
      site,
      file,
      line,
      event,
      emitter,
      added,
      live,
    }));
}

/** Places in the sources as written. Here, because only the isolate knows the maps that its loader has made. */
export function originals(places: readonly SourcePlace[]): SourcePlace[] {
  return places.map((place) => {
    if (place.file === '' || place.file.startsWith('node:')) return place;
    const site = { ...place, key: '', caller: undefined, via: undefined };
    return { ...place, ...originalOf(site) };
  });
}
