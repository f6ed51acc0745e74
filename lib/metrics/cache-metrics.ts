/** Metrics of the named caches of this thread, and of the shared ones of the process. */

import type { CacheFigures } from './caches';
import { type Labels, type Metric, type Point, point } from './metric';
import { type EntryCounts, REASONS } from './named';
import type { Scrape } from './scrape';
import type { SharedFigures } from './shared-caches';

type Shape = Pick<Metric, 'name' | 'unit' | 'help'> & Partial<Pick<Metric, 'kind'>>;

/** What is known of a name, whichever kind of cache it is. */
interface Figures {
  readonly cache: string;
  readonly counts: EntryCounts;
  state: { entries: number; maxEntries: number; bytes: number; maxBytes: number } | undefined;
}

/** One kind of caches: how their metrics begin, and where the figures are. */
interface Family<F extends Figures> {
  readonly prefix: string;
  readonly labels: readonly string[];
  readonly figures: (scrape: Scrape) => readonly F[];
  readonly labelsOf: (figures: F, scrape: Scrape) => Labels;
}

const OWN: Family<CacheFigures> = {
  prefix: 'cache',
  labels: ['thread', 'cache'],
  figures: ({ caches }) => caches,
  labelsOf: ({ cache }, { thread }) => ({ thread, cache }),
};

/** Without a label for a thread: the figures are the same in all. */
const SHARED: Family<SharedFigures> = {
  prefix: 'shared_cache',
  labels: ['cache'],
  figures: ({ shared }) => shared,
  labelsOf: ({ cache }) => ({ cache }),
};

/** A metric with a value for each name. */
function perName<F extends Figures>(
  { prefix, labels, figures, labelsOf }: Family<F>,
  shape: Shape,
  read: (figures: F) => number | undefined,
): Metric {
  function* points(scrape: Scrape): Generator<Point> {
    for (const each of figures(scrape)) yield* point(read(each), labelsOf(each, scrape));
  }
  return { kind: 'gauge', merge: 'sum', ...shape, name: `${prefix}.${shape.name}`, labels, read: points };
}

/** Those that both kinds have. */
function common<F extends Figures>(family: Family<F>): Metric[] {
  const { prefix, labels, figures, labelsOf } = family;
  const gauge = (name: string, unit: Shape['unit'], help: string, read: (of: F) => number | undefined) =>
    perName(family, { name, unit, help }, read);
  const counter = (name: string, unit: Shape['unit'], help: string, read: (of: F) => number) =>
    perName(family, { name, unit, kind: 'counter', help }, read);
  return [
    gauge('entries', '{entry}', 'Entries in the cache', ({ state }) => state?.entries),
    gauge('max_entries', '{entry}', 'Its bound; absent without maxEntries', ({ state }) => state?.maxEntries),
    gauge('used', 'By', 'Bytes in the cache; absent without maxBytes', ({ state }) =>
      state?.maxBytes === Number.POSITIVE_INFINITY ? undefined : state?.bytes,
    ),
    gauge('max', 'By', 'Its bound; absent without maxBytes', ({ state }) => state?.maxBytes),
    counter('hits', '{hit}', 'Reads that found a value', ({ counts }) => counts.hits),
    counter('misses', '{miss}', 'Reads that did not', ({ counts }) => counts.misses),
    counter('sets', '{set}', 'Values stored', ({ counts }) => counts.sets),
    counter(
      'rejected',
      '{entry}',
      'Entries refused for their size, or for want of memory',
      ({ counts }) => counts.rejected,
    ),
    {
      name: `${prefix}.removals`,
      unit: '{entry}',
      kind: 'counter',
      merge: 'sum',
      labels: [...labels, 'reason'],
      help: `Entries that left, by reason: ${REASONS.join(', ')}`,
      *read(scrape) {
        for (const each of figures(scrape)) {
          const own = labelsOf(each, scrape);
          for (const reason of REASONS) yield { value: each.counts[reason], labels: { ...own, reason } };
        }
      },
    },
  ];
}

export const cacheMetrics: readonly Metric[] = [
  ...common(OWN),
  perName(
    OWN,
    { name: 'loads', unit: '{load}', kind: 'counter', help: 'Loads started' },
    ({ counts }) => counts.loads,
  ),
  perName(
    OWN,
    { name: 'load_failures', unit: '{load}', kind: 'counter', help: 'Loads that failed' },
    ({ counts }) => counts.loadFailures,
  ),
  perName(
    OWN,
    { name: 'load_time', unit: 's', kind: 'counter', help: 'Time that loads took, in sum' },
    ({ counts }) => counts.loadTime / 1000,
  ),
  perName(
    OWN,
    { name: 'loads_in_flight', unit: '{load}', help: 'Loads under way' },
    ({ state }) => state?.loadsInFlight,
  ),
  perName(
    OWN,
    {
      name: 'stale_hits',
      unit: '{hit}',
      kind: 'counter',
      help: 'Reads that were given a value past its time',
    },
    ({ counts }) => counts.staleHits,
  ),
  ...common(SHARED),
  perName(
    SHARED,
    {
      name: 'payload',
      unit: 'By',
      help: 'The part of its bytes that is keys and values, as they are stored',
    },
    ({ state }) => state?.payloadBytes,
  ),
  perName(
    SHARED,
    { name: 'handles', unit: '{handle}', help: 'How often it is open, in all threads' },
    ({ state }) => state?.handles,
  ),
  perName(
    SHARED,
    { name: 'leases', unit: '{lease}', help: 'Keys that some thread is loading' },
    ({ state }) => state?.leases,
  ),
];
