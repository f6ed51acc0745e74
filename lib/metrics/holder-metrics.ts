/** Metrics of what holds memory: the named caches of this thread, shared ones of the process, listeners, scopes. */

import type { CacheFigures } from './caches';
import { type Labels, type Metric, type Point, point } from './metric';
import type { Scrape } from './scrape';
import type { SharedFigures } from './shared-caches';

type Shape = Pick<Metric, 'name' | 'unit' | 'help'>;

/** A metric with a value for each name of a cache. */
function perCache(
  shape: Shape & Partial<Pick<Metric, 'kind'>>,
  read: (figures: CacheFigures) => number | undefined,
): Metric {
  function* points({ caches, thread }: Scrape): Generator<Point> {
    for (const figures of caches) yield* point(read(figures), { thread, cache: figures.cache });
  }
  return { kind: 'gauge', merge: 'sum', labels: ['thread', 'cache'], ...shape, read: points };
}

const REMOVALS = ['evicted', 'expired', 'deleted', 'replaced', 'cleared'] as const;

const caches: Metric[] = [
  perCache(
    { name: 'cache.entries', unit: '{entry}', help: 'Entries in the cache' },
    ({ state }) => state?.entries,
  ),
  perCache(
    { name: 'cache.max_entries', unit: '{entry}', help: 'Its bound' },
    ({ state }) => state?.maxEntries,
  ),
  perCache(
    { name: 'cache.used', unit: 'By', help: 'Bytes in the cache; absent without maxBytes' },
    ({ state }) => (state?.maxBytes === Number.POSITIVE_INFINITY ? undefined : state?.bytes),
  ),
  perCache(
    { name: 'cache.max', unit: 'By', help: 'Its bound; absent without maxBytes' },
    ({ state }) => state?.maxBytes,
  ),
  perCache(
    { name: 'cache.hits', unit: '{hit}', kind: 'counter', help: 'Reads that found a value' },
    ({ counts }) => counts.hits,
  ),
  perCache(
    { name: 'cache.misses', unit: '{miss}', kind: 'counter', help: 'Reads that did not' },
    ({ counts }) => counts.misses,
  ),
  perCache(
    { name: 'cache.sets', unit: '{set}', kind: 'counter', help: 'Values stored' },
    ({ counts }) => counts.sets,
  ),
  perCache(
    { name: 'cache.rejected', unit: '{entry}', kind: 'counter', help: 'Entries refused for their size' },
    ({ counts }) => counts.rejected,
  ),
  {
    name: 'cache.removals',
    unit: '{entry}',
    kind: 'counter',
    merge: 'sum',
    labels: ['thread', 'cache', 'reason'],
    help: 'Entries that left, by reason: evicted, expired, deleted, replaced, cleared',
    *read({ caches, thread }) {
      for (const { cache, counts } of caches) {
        for (const reason of REMOVALS) yield { value: counts[reason], labels: { thread, cache, reason } };
      }
    },
  },
  perCache(
    { name: 'cache.loads', unit: '{load}', kind: 'counter', help: 'Loads started' },
    ({ counts }) => counts.loads,
  ),
  perCache(
    { name: 'cache.load_failures', unit: '{load}', kind: 'counter', help: 'Loads that failed' },
    ({ counts }) => counts.loadFailures,
  ),
  perCache(
    { name: 'cache.load_time', unit: 's', kind: 'counter', help: 'Time that loads took, in sum' },
    ({ counts }) => counts.loadTime / 1000,
  ),
  perCache(
    { name: 'cache.loads_in_flight', unit: '{load}', help: 'Loads under way' },
    ({ state }) => state?.loadsInFlight,
  ),
  perCache(
    {
      name: 'cache.stale_hits',
      unit: '{hit}',
      kind: 'counter',
      help: 'Reads that were given a value past its time',
    },
    ({ counts }) => counts.staleHits,
  ),
];

/** A metric with a value for each name of a shared cache. No label for a thread: the figures are the same in all. */
function perShared(
  shape: Shape & Partial<Pick<Metric, 'kind'>>,
  read: (figures: SharedFigures) => number | undefined,
): Metric {
  function* points({ shared }: Scrape): Generator<Point> {
    for (const figures of shared) yield* point(read(figures), { cache: figures.cache });
  }
  return { kind: 'gauge', merge: 'sum', labels: ['cache'], ...shape, read: points };
}

const sharedCaches: Metric[] = [
  perShared(
    { name: 'shared_cache.entries', unit: '{entry}', help: 'Entries in the shared cache' },
    ({ state }) => state?.entries,
  ),
  perShared(
    { name: 'shared_cache.max_entries', unit: '{entry}', help: 'Its bound; absent without maxEntries' },
    ({ state }) => state?.maxEntries,
  ),
  perShared(
    { name: 'shared_cache.used', unit: 'By', help: 'Bytes that it takes, everything included' },
    ({ state }) => state?.bytes,
  ),
  perShared(
    {
      name: 'shared_cache.payload',
      unit: 'By',
      help: 'The part of that which is keys and values, as they are stored',
    },
    ({ state }) => state?.payloadBytes,
  ),
  perShared({ name: 'shared_cache.max', unit: 'By', help: 'Its bound' }, ({ state }) => state?.maxBytes),
  perShared(
    { name: 'shared_cache.handles', unit: '{handle}', help: 'How often it is open, in all threads' },
    ({ state }) => state?.handles,
  ),
  perShared(
    { name: 'shared_cache.leases', unit: '{lease}', help: 'Keys that some thread is loading' },
    ({ state }) => state?.leases,
  ),
  perShared(
    { name: 'shared_cache.hits', unit: '{hit}', kind: 'counter', help: 'Reads that found a value' },
    ({ counts }) => counts.hits,
  ),
  perShared(
    { name: 'shared_cache.misses', unit: '{miss}', kind: 'counter', help: 'Reads that did not' },
    ({ counts }) => counts.misses,
  ),
  perShared(
    { name: 'shared_cache.sets', unit: '{set}', kind: 'counter', help: 'Values stored' },
    ({ counts }) => counts.sets,
  ),
  perShared(
    {
      name: 'shared_cache.rejected',
      unit: '{entry}',
      kind: 'counter',
      help: 'Values that were not stored for want of memory',
    },
    ({ counts }) => counts.rejected,
  ),
  {
    name: 'shared_cache.removals',
    unit: '{entry}',
    kind: 'counter',
    merge: 'sum',
    labels: ['cache', 'reason'],
    help: 'Entries that left, by reason: evicted, expired, deleted, replaced, cleared',
    *read({ shared }) {
      for (const { cache, counts } of shared) {
        for (const reason of REMOVALS) yield { value: counts[reason], labels: { cache, reason } };
      }
    },
  },
];

/** A metric of this thread: one value, or one for each of some things. */
function ofThread(
  shape: Shape & Partial<Pick<Metric, 'kind' | 'merge' | 'labels'>>,
  read: (scrape: Scrape) => Iterable<readonly [number, Labels?]>,
): Metric {
  function* points(scrape: Scrape): Generator<Point> {
    for (const [value, labels] of read(scrape)) yield { value, labels: { thread: scrape.thread, ...labels } };
  }
  const { labels = [] } = shape;
  return { kind: 'gauge', merge: 'sum', ...shape, labels: ['thread', ...labels], read: points };
}

function listenerSites(
  shape: Shape & Partial<Pick<Metric, 'kind' | 'merge'>>,
  value: (site: Scrape['listeners']['sites'][number]) => number,
): Metric {
  return ofThread({ ...shape, labels: ['site', 'event', 'emitter'] }, ({ listeners }) =>
    listeners.sites.map((each) => {
      const { site, event, emitter } = each;
      return [value(each), { site, event, emitter }];
    }),
  );
}

const listeners: Metric[] = [
  ofThread(
    { name: 'listeners.live', unit: '{listener}', help: 'Listeners on emitters that are observed' },
    ({ listeners }) => [[listeners.live]],
  ),
  ofThread(
    {
      name: 'listeners.added',
      unit: '{listener}',
      kind: 'counter',
      help: 'Listeners that were added to emitters that are observed',
    },
    ({ listeners }) => [[listeners.added]],
  ),
  ofThread(
    { name: 'listeners.growing_sites', unit: '{site}', help: 'Call sites whose listeners accumulate' },
    ({ listeners }) => [[listeners.growing]],
  ),
  listenerSites(
    {
      name: 'listener.site.live',
      unit: '{listener}',
      help: 'Listeners that a call site has added and that are there',
    },
    ({ live }) => live,
  ),
  listenerSites(
    {
      name: 'listener.site.added',
      unit: '{listener}',
      kind: 'counter',
      help: 'Listeners that a call site has added',
    },
    ({ added }) => added,
  ),
  listenerSites(
    {
      name: 'listener.site.growing',
      unit: '{site}',
      merge: 'max',
      help: 'Whether the listeners of a call site accumulate',
    },
    ({ growing }) => Number(growing),
  ),
];

const scopes: Metric[] = [
  ofThread({ name: 'scopes.live', unit: '{scope}', help: 'Scopes that have not ended' }, ({ scopes }) => [
    [scopes.live],
  ]),
  ofThread(
    { name: 'scopes.resources', unit: '{resource}', labels: ['kind'], help: 'What they hold, by kind' },
    ({ scopes }) => [...scopes.resources].map(([kind, count]) => [count, { kind }]),
  ),
  ofThread(
    {
      name: 'scope.site.live',
      unit: '{scope}',
      labels: ['site'],
      help: 'Scopes made at a place that have not ended',
    },
    ({ scopes }) => scopes.sites.map(({ site, live }) => [live, { site }]),
  ),
  ofThread(
    {
      name: 'scope.site.oldest_age',
      unit: 's',
      merge: 'max',
      labels: ['site'],
      help: 'Age of the oldest of them',
    },
    ({ scopes }) => scopes.sites.map(({ site, oldestAge }) => [oldestAge / 1000, { site }]),
  ),
];

export const holderMetrics: readonly Metric[] = [...caches, ...sharedCaches, ...listeners, ...scopes];
