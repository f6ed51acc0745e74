/**
 * Makes Node's MaxListenersExceededWarning say where the listeners come from, instead of where the last one did.
 */

import { EventEmitter } from 'node:events';
import { showSite } from '../sites/show';
import { OTHER_EVENTS } from './kinds';
import type { Observed } from './observe';

/** Sites named. */
const TOP = 3;

interface ListenerWarning extends Error {
  emitter?: object;
  target?: object;
  type?: string | symbol;
}

let enriching = false;

/** From now on; `lookUp` knows what is observed. */
export function enrichWarnings(lookUp: (target: object) => Observed | undefined): void {
  if (enriching) return;
  enriching = true;
  // Before Node's own listener, which prints it. A listener for warnings keeps no process alive.
  process.prependListener('warning', (warning: ListenerWarning) => {
    if (warning.name !== 'MaxListenersExceededWarning') return;
    try {
      const text = sitesOf(warning, lookUp);
      if (text === '') return;
      warning.message += text;
      // Printed instead with --trace-warnings.
      if (warning.stack !== undefined) warning.stack += text;
    } catch {
      // Then the warning is as Node made it.
    }
  });
}

function sitesOf(warning: ListenerWarning, lookUp: (target: object) => Observed | undefined): string {
  const target = warning.emitter ?? warning.target;
  const { type } = warning;
  if (typeof target !== 'object' || target === null || type === undefined) return '';
  const known = lookUp(target)?.kind.events;
  const watched = known?.get(type) ?? known?.get(OTHER_EVENTS);
  if (watched === undefined) return '';
  const emitter = target as EventEmitter;
  const live: unknown[] =
    typeof emitter.listeners === 'function'
      ? emitter.listeners(type)
      : EventEmitter.getEventListeners(target as EventTarget, String(type));
  const counts = new Map<string, number>();
  let unseen = 0;
  for (const listener of live) {
    const row = watched.entries.get(listener as object)?.row;
    if (row === undefined) unseen++;
    else counts.set(row.key, (counts.get(row.key) ?? 0) + 1);
  }
  if (counts.size === 0) return '';
  const sites = new Map<string, string>();
  for (const listener of live) {
    const row = watched.entries.get(listener as object)?.row;
    if (row !== undefined && !sites.has(row.key)) sites.set(row.key, showSite(row.site));
  }
  const top = [...counts].sort((a, b) => b[1] - a[1]);
  const lines = top.slice(0, TOP).map(([key, count]) => `\n    ${count} added at ${sites.get(key)}`);
  const others = top.slice(TOP).reduce((sum, [, count]) => sum + count, 0) + unseen;
  return `\n  Live '${String(type)}' listeners by call site:${lines.join('')}${others > 0 ? `\n    ${others} elsewhere` : ''}`;
}
