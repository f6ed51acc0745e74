/** Metrics of what holds memory in this thread besides caches: listeners, scopes. */

import type { Labels, Metric, Point } from './metric';
import type { Scrape } from './scrape';

type Shape = Pick<Metric, 'name' | 'unit' | 'help'>;

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

export const holderMetrics: readonly Metric[] = [...listeners, ...scopes];
