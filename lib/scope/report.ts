/**
 * The scopes that live, by the place in the program that made them, and what is said of those that leak.
 *
 * A scope is listed while it holds something, or while nothing but a call can end it. Listing keeps what it holds
 * reachable, never the scope that the user has: see `life.ts`.
 */

import { performance } from 'node:perf_hooks';
import { guarded, warnOnce } from '../lifetime/report-error';
import { type CallSite, SiteSampler, UNKNOWN_SITE } from '../sites/call-site';
import { showSite } from '../sites/show';
import { alignColumns, formatAge } from '../text';
import type { Holdings, ResourceKind } from './holdings';
import { nameOf } from './options';

/** Why something is reported as a leak. */
export type ScopeLeakReason =
  /** The scope was garbage-collected while it held something; that has been released. */
  | 'collected'
  /** Something was added after the end, and released at once. */
  | 'late'
  /** Work that was tracked, or a release, was not done when the grace period after the end was over. */
  | 'outlived';

/** One leak, as `onLeak` gets it. */
export interface ScopeLeak {
  /** Why it is one. */
  readonly reason: ScopeLeakReason;
  /** What it is about: where the scope was made or first used, or where something was added late, or tracked. */
  readonly site: string;
  /** The scope's name. */
  readonly name: string | undefined;
  /** Resources by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Milliseconds: the age of a scope that was collected, or the time since the end. */
  readonly age: number;
}

/** The live scopes of one place in the program. */
export interface ScopeSite {
  /** `src/feed.ts:42`; `(not sampled)` for scopes made too fast for each to be looked at. */
  site: string;
  /** Scopes that live. */
  live: number;
  /** What they hold, by kind. */
  resources: Record<string, number>;
  /** The age of the oldest in milliseconds. */
  oldestAge: number;
  /** Names of the oldest, up to five different ones. */
  names: string[];
}

/** What {@link scopeReport} returns. Its `toString()` is a table. */
export interface ScopeReport {
  /** Scopes that live. */
  live: number;
  /** Live scopes whose place is not known, since they were made too fast for each to be looked at. */
  notSampled: number;
  /** By place, the one with the most scopes first. */
  sites: ScopeSite[];
  toString(): string;
}

type Counts = Record<ResourceKind, number>;

/** The live scopes of one place: a list, the oldest first. */
export interface SiteRecord {
  readonly key: string;
  readonly site: CallSite | undefined;
  readonly label: string | undefined;
  readonly resources: Counts;
  live: number;
  oldest: Holdings | undefined;
  newest: Holdings | undefined;
}

/** Places listed apart; the scopes of any more are counted together. */
const MAX_SITES = 1000;
/** Scopes of a place that are asked for their names. */
const NAMED = 100;

const sites = new Map<string, SiteRecord>();
const notSampled = siteRecord('', undefined, '(not sampled)');
const others = siteRecord('', undefined, '(other places)');

const sampler = new SiteSampler(200);

/** The place from which `above` was called; `undefined` when places have taken more than their share of the time. */
export function sampleSite(above: (...args: never[]) => unknown): CallSite | undefined {
  return sampler.capture(above);
}

/** Lists what a scope holds. */
export function list(holdings: Holdings, site: CallSite | undefined, since: number): void {
  const record = recordOf(site);
  holdings.site = record;
  holdings.since = since;
  holdings.listedBefore = record.newest;
  if (record.newest !== undefined) record.newest.listedAfter = holdings;
  else record.oldest = holdings;
  record.newest = holdings;
  record.live++;
  for (let each = holdings.last; each !== undefined; each = each.previous) record.resources[each.kind]++;
}

/** The opposite of {@link list}; resources that are still held are no longer counted. */
export function unlist(holdings: Holdings): void {
  const { site: record, listedBefore: before, listedAfter: after } = holdings;
  if (record === undefined) return;
  if (before !== undefined) before.listedAfter = after;
  else record.oldest = after;
  if (after !== undefined) after.listedBefore = before;
  else record.newest = before;
  holdings.site = holdings.listedBefore = holdings.listedAfter = undefined;
  for (let each = holdings.last; each !== undefined; each = each.previous) record.resources[each.kind]--;
  if (--record.live === 0 && record.key !== '') sites.delete(record.key);
}

function recordOf(site: CallSite | undefined): SiteRecord {
  if (site === undefined) return notSampled;
  const key = `@${site.key}`;
  let record = sites.get(key);
  if (record === undefined) {
    if (sites.size >= MAX_SITES) return others;
    record = siteRecord(key, site, undefined);
    sites.set(key, record);
  }
  return record;
}

function siteRecord(key: string, site: CallSite | undefined, label: string | undefined): SiteRecord {
  return { key, site, label, resources: noResources(), live: 0, oldest: undefined, newest: undefined };
}

function noResources(): Counts {
  return {
    listener: 0,
    timer: 0,
    stream: 0,
    fetch: 0,
    wait: 0,
    disposable: 0,
    callback: 0,
    scope: 0,
    work: 0,
    hidden: 0,
  };
}

function labelOf(record: SiteRecord): string {
  return record.label ?? showSite(record.site ?? UNKNOWN_SITE);
}

/**
 * The scopes of this thread that live, by the place in the program where they were made (a request's: first used).
 * Listed are scopes that hold something, and empty ones that only a call can end.
 *
 * The places of the first 200 scopes are looked for, and after that as many as take 0.2 % of the time: the scopes in
 * between are counted under `(not sampled)`. A thousand places are listed, the scopes of others are counted together.
 * Takes time proportional to the number of places, and reads the source maps of their files once.
 *
 * @example
 * console.log(`${scopeReport()}`);
 */
export function scopeReport(): ScopeReport {
  const now = performance.now();
  const rows = [...sites.values(), others, notSampled]
    .filter((record) => record.live > 0)
    .map((record) => row(record, now))
    .sort((a, b) => b.live - a.live);
  const report = {
    live: rows.reduce((sum, { live }) => sum + live, 0),
    notSampled: notSampled.live,
    sites: rows,
  };
  const asTable = (): string => table(report);
  // Not among the data: a report is logged as JSON, and compared.
  return Object.defineProperty(report, 'toString', { value: asTable, configurable: true, writable: true });
}

function row(record: SiteRecord, now: number): ScopeSite {
  const names = new Set<string>();
  let each = record.oldest;
  for (let seen = 0; each !== undefined && seen < NAMED && names.size < 5; seen++, each = each.listedAfter) {
    if (each.settings.name !== undefined) names.add(each.settings.name);
  }
  return {
    site: labelOf(record),
    live: record.live,
    resources: countsOf(record.resources),
    oldestAge: record.oldest === undefined ? 0 : Math.max(0, now - record.oldest.since),
    names: [...names],
  };
}

function countsOf(counts: Counts): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([kind, count]) => count > 0 && kind !== 'hidden'));
}

function table({ live, sites: rows }: Pick<ScopeReport, 'live' | 'sites'>): string {
  if (live === 0) return 'no scopes';
  const cells = rows.map((each) => [
    String(each.live),
    formatAge(each.oldestAge),
    each.names.length === 0 ? each.site : `${each.site} (${each.names.join(', ')})`,
    held(each.resources),
  ]);
  return alignColumns([['live', 'oldest', 'made at', 'holding'], ...cells], [false, false, true, true]).join(
    '\n',
  );
}

function held(resources: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(resources).map(([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`);
  return kinds.length === 0 ? 'nothing' : kinds.join(', ');
}

/** Reports a scope that was collected with what it still holds. */
export function reportCollected(holdings: Holdings, label: string | undefined): void {
  const counts = noResources();
  for (let each = holdings.last; each !== undefined; each = each.previous) counts[each.kind]++;
  const age = performance.now() - holdings.since;
  const text = (what: string, site: string): string =>
    `${nameOf(holdings.settings)} made at ${site} was garbage-collected while it held ${what}: released now; give it ` +
    '`until`, or call its dispose()';
  leak(holdings, 'collected', label ?? '(not sampled)', countsOf(counts), age, text);
}

/** The place of a listed scope as reports show it. */
export function siteLabel(holdings: Holdings): string | undefined {
  return holdings.site === undefined ? undefined : labelOf(holdings.site);
}

/** Reports that something of `kind` was added after the end. */
export function reportLate(
  holdings: Holdings,
  kind: ResourceKind,
  above: (...args: never[]) => unknown,
): void {
  const now = performance.now();
  if (holdings.settings.grace > 0 && now - holdings.endedAt <= holdings.settings.grace) return;
  const site = sampleSite(above);
  if (site === undefined && holdings.settings.onLeak === undefined) return;
  const text = (what: string, place: string): string =>
    `${what} was added at ${place} after ${nameOf(holdings.settings)} had ended: released at once`;
  const label = site === undefined ? '(not sampled)' : showSite(site);
  leak(holdings, 'late', label, { [kind]: 1 }, now - holdings.endedAt, text);
}

/** Reports what is still going on when the grace period after the end is over. */
export function reportOutlived(
  holdings: Holdings,
  site: CallSite | undefined,
  resources: Record<string, number>,
): void {
  const text = (what: string, place: string): string =>
    `${what} of ${nameOf(holdings.settings)}, from ${place}, not done ${holdings.settings.grace} ms after its end`;
  const label = site === undefined ? '(not sampled)' : showSite(site);
  leak(holdings, 'outlived', label, resources, performance.now() - holdings.endedAt, text);
}

function leak(
  { settings }: Holdings,
  reason: ScopeLeakReason,
  site: string,
  resources: Record<string, number>,
  age: number,
  text: (what: string, site: string) => string,
): void {
  if (settings.onLeak !== undefined) {
    const { onLeak, name } = settings;
    guarded(
      () => onLeak({ reason, site, name, resources, age }),
      `by onLeak of ${nameOf(settings)}`,
      'PLATEAU_SCOPE_LEAK',
    );
    return;
  }
  warnOnce(`${reason} ${site}`, text(held(resources), site), 'PLATEAU_SCOPE_LEAK');
}
