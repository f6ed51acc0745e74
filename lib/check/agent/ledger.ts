/** What the agent needs the rest of plateau for: who adds listeners, who opens handles, and source maps. */

import { createHook } from 'node:async_hooks';
import { type ListenerSite, listenerReport } from '../../listeners/report';
import { trackAllListeners } from '../../listeners/track-all';
import { type CallSite, captureSite, hideFramesOf } from '../../sites/call-site';
import { originalOf, showSite } from '../../sites/show';
import type { HandleGrowth, ListenerGrowth } from '../protocol';

/** Resources that hold something of the system's, or keep the event loop going. */
const HANDLES =
  /^(?:TCPWRAP|TCPSERVERWRAP|TLSWRAP|PIPEWRAP|UDPWRAP|PROCESSWRAP|FILEHANDLE|FSEVENTWRAP|Timeout|WORKER|ZLIB|HTTP2SESSION)$/;
/** Handles that are remembered, and places that are told. */
const [MOST_HANDLES, MOST_SITES] = [50_000, 20];
/** Frames between a program's call and the handle: through a WebSocket and an agent there are a dozen. */
const DEPTH = 40;

const before = new Map<string, number>();
const handles = new Map<number, { type: string; site: CallSite }>();

/** Begins to note who adds listeners, and who opens handles; `agent`: the file through which timers are set. */
export function observeGrowth(agent: string): boolean {
  hideFramesOf(agent);
  trackAllListeners();
  // The app may use this very ledger itself.
  for (const site of listenerReport().sites) before.set(keyOf(site), site.live);
  const init = (id: number, type: string): void => {
    if (HANDLES.test(type) && handles.size < MOST_HANDLES)
      handles.set(id, { type, site: captureSite(init, DEPTH) });
  };
  createHook({ init, destroy: (id) => void handles.delete(id) }).enable();
  return true;
}

/** Places of the program that have added listeners which are still there. */
export function growingListeners(): ListenerGrowth[] {
  return listenerReport()
    .sites.map((site) => ({ ...site, live: site.live - (before.get(keyOf(site)) ?? 0) }))
    .filter(({ live, file }) => live > 4 && file !== '' && !file.startsWith('node:'))
    .sort((a, b) => b.live - a.live)
    .slice(0, MOST_SITES)
    .map(({ file, line, event, emitter, live }) => ({ file, line, event, emitter, live }));
}

/** Places of the program that have opened handles which are still open. */
export function openHandles(): HandleGrowth[] {
  const sites = new Map<string, HandleGrowth>();
  for (const { type, site } of handles.values()) {
    // Where a dependency opened it on behalf of the program, the program's own line says more.
    const { via = site } = site;
    if (site.file === '' || site.file.startsWith('node:')) continue;
    const key = `${type} ${showSite(via)}`;
    const { file, line, column } = originalOf(via);
    const known = sites.get(key) ?? { file, line, column, type, open: 0 };
    known.open++;
    sites.set(key, known);
  }
  return [...sites.values()]
    .filter(({ open }) => open > 4)
    .sort((a, b) => b.open - a.open)
    .slice(0, MOST_SITES);
}

function keyOf({ file, line, column, event, emitter }: ListenerSite): string {
  return `${file}:${line}:${column} ${event} ${emitter}`;
}
