/** Reports of the ledger, as plain objects that also print as a table. */

import { inspect } from 'node:util';
import { originalOf, showSite } from '../sites/show';
import { formatAge } from '../text';
import { type Kind, kinds, OTHER_EVENTS } from './kinds';
import { lookNow, rows } from './ledger';
import type { Row, Verdict } from './rows';

/** One call site that adds listeners. Counts are estimates where `sampled`. */
export interface ListenerSite {
  /** Where, as `src/server.ts:42`. */
  site: string;
  /** The file of that, source maps applied. */
  file: string;
  /** From 1; 0 where it is not known. */
  line: number;
  /** The same. */
  column: number;
  /** The function that adds them. */
  caller: string | undefined;
  /** The name of the event; `(other events)` stands for those beyond the first 64 of an emitter. */
  event: string;
  /** The emitter's name or class. */
  emitter: string;
  /** A request on whose behalf listeners were added, such as `GET /subscribe`: the last that was noted. */
  request: string | undefined;
  /** Listeners that were added. */
  added: number;
  /** Those of them that are gone. */
  removed: number;
  /** Those that are still there, at the last look: a report looks first. */
  live: number;
  /** The least that was live in the last eight seconds or so. */
  floor: number;
  /** Age of the oldest live listener in ms, or undefined when none is. */
  oldest: number | undefined;
  /** Whether the floor rises: see `docs/design/listeners.md`. */
  verdict: Verdict;
  /** Whether some additions were counted without being looked at, so that the counts are estimates. */
  sampled: boolean;
}

/** What the ledger knows. Prints as a table. */
export interface ListenerReport {
  /** The call sites: growing ones first, then those with the most live listeners. */
  sites: ListenerSite[];
  /** Additions seen in all, and how many of those were looked at. */
  additions: number;
  /** Call sites that lost their place in the ledger, and what they had added and have live. */
  evicted: { sites: number; added: number; live: number };
}

/** Everything, or what concerns one kind of emitter. */
export function reportOn(kind?: Kind): ListenerReport {
  lookNow();
  const now = performance.now();
  const sites: ListenerSite[] = [];
  for (const row of rows) {
    if (kind === undefined || row.watched.kind === kind) sites.push(siteReport(row, now));
  }
  const rank = ({ verdict }: ListenerSite): number => (verdict === 'growing' ? 0 : 1);
  sites.sort((a, b) => rank(a) - rank(b) || b.live - a.live || b.added - a.added);
  const { added, live } = rows.figures(undefined);
  const report: ListenerReport = {
    sites,
    additions: additionsOf(kind),
    evicted: { sites: rows.evictions, added, live },
  };
  // Not enumerable, so that the report stays plain data: for JSON, for comparison.
  const text = { value: () => formatReport(report), configurable: true, writable: true };
  return Object.defineProperties(report, { toString: text, [inspect.custom]: text });
}

/**
 * The report on all emitters that are observed in this thread. Looks at each of their listeners, so it is linear in
 * those: about 10 ms for 100,000.
 *
 * @example
 * console.log(String(listenerReport()));
 */
export function listenerReport(): ListenerReport {
  return reportOn();
}

/** One row as a plain object. */
export function siteReport(row: Row, now: number = performance.now()): ListenerSite {
  const { site, watched, request } = row;
  const { added, live, floor, verdict } = rows.figures(row);
  const { file, line, column } = originalOf(site);
  return {
    site: showSite(site),
    file,
    line,
    column,
    caller: site.caller,
    event: eventName(watched.event),
    emitter: watched.kind.label,
    request,
    added,
    removed: Math.max(0, added - live),
    live,
    floor,
    oldest: row.oldest === Number.POSITIVE_INFINITY ? undefined : Math.max(0, Math.round(now - row.oldest)),
    verdict,
    // Also those that have been passed over since the last that was looked at are shared out.
    sampled: row.sampled || watched.factor > 1,
  };
}

function additionsOf(kind: Kind | undefined): number {
  let sum = 0;
  for (const each of kind === undefined ? kinds : [kind]) {
    for (const { adds } of each.events.values()) sum += adds;
  }
  return sum;
}

/** The name of an event as reports show it. */
export function eventName(event: string | symbol): string {
  return event === OTHER_EVENTS ? '(other events)' : clip(String(event));
}

/** Names come from the program, perhaps from its users. */
function clip(text: string): string {
  const plain = JSON.stringify(text).slice(1, -1);
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}

function formatReport({ sites, evicted }: ListenerReport): string {
  if (sites.length === 0) return 'no listeners observed';
  const lines = sites.map((site) => {
    const { request, event, emitter, added, removed, oldest, verdict, sampled } = site;
    const where = request === undefined ? site.site : `${site.site} ${clip(request)}`;
    const about = sampled ? 'about ' : '';
    const age = oldest === undefined ? '' : `, oldest ${formatAge(oldest)}`;
    return `${where} → '${event}' on ${emitter}: ${about}${count(added)} added, ${about}${count(removed)} removed${age}, ${verdict}`;
  });
  if (evicted.sites > 0) {
    lines.push(
      `(${count(evicted.sites)} sites without a place): ${count(evicted.added)} added, ${count(evicted.live)} live`,
    );
  }
  return lines.join('\n');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
