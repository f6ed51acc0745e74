/** Tells the program of listeners that accumulate, while they do. */

import { invalidArgument } from '../errors';
import { onGrowing } from './ledger';
import { type ListenerSite, siteReport } from './report';

/**
 * Calls back with every call site, of any observed emitter, that begins to grow: once, and again only if it has been
 * stable in between. Returns what ends that. What `callback` throws becomes a process warning (`PLATEAU_ON_GROWTH`).
 *
 * @example
 * onListenerGrowth(({ site, event, live }) => log.warn({ site, event, live }, 'listeners accumulate'));
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when `callback` is not a function
 */
export function onListenerGrowth(callback: (site: ListenerSite) => void): () => void {
  if (typeof callback !== 'function') throw invalidArgument('callback', 'a function', callback);
  return onGrowing((row) => callback(siteReport(row)));
}
