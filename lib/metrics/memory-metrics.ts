/** Metrics of the memory of each thread, and of the verdict on it. */

import type { MemoryVerdict, Slope } from '../memory/types';
import { type Metric, type Point, point } from './metric';
import type { Isolate, Scrape } from './scrape';

/** In the order of their meaning, which is that of `src/memory/verdict.rs`. */
const VERDICTS: readonly MemoryVerdict['verdict'][] = [
  'not-enough-data',
  'warming-up',
  'healthy',
  'filling',
  'gc-pressure',
  'leak',
];
const PLACES = ['heap', 'external', 'native', 'descriptors', 'handles'] as const;
type Place = (typeof PLACES)[number];

type Shape = Pick<Metric, 'name' | 'unit' | 'help'> & Partial<Pick<Metric, 'kind' | 'merge' | 'labels'>>;
type Values = Iterable<readonly [value: number | undefined, labels?: Record<string, string>]>;

/** A metric with one or more values for each thread. */
export function perThread(shape: Shape, read: (isolate: Isolate) => number | undefined | Values): Metric {
  const { labels = [], kind = 'gauge', merge = 'sum', ...rest } = shape;
  function* points({ isolates }: Scrape): Generator<Point> {
    for (const isolate of isolates) {
      const { thread } = isolate;
      const values = read(isolate);
      if (typeof values !== 'object') yield* point(values, { thread });
      else for (const [value, more] of values) yield* point(value, { thread, ...more });
    }
  }
  return { ...rest, kind, merge, labels: ['thread', ...labels], read: points };
}

/** 0 stands for "not yet" or "not known". */
const known = (value: number | undefined): number | undefined => value || undefined;

const heap: Metric[] = [
  perThread(
    {
      name: 'heap.floor',
      unit: 'By',
      help: 'Old and large-object space right after the newest major collection',
    },
    ({ sample }) => known(sample.heap.floor),
  ),
  perThread(
    { name: 'heap.used', unit: 'By', help: 'Heap in use, garbage included' },
    ({ sample }) => sample.heap.used,
  ),
  perThread(
    { name: 'heap.committed', unit: 'By', help: 'Heap that V8 has from the system' },
    ({ sample }) => sample.heap.committed,
  ),
  perThread(
    { name: 'heap.limit', unit: 'By', help: 'Heap at which V8 gives up' },
    ({ sample }) => sample.heap.limit,
  ),
  perThread(
    {
      name: 'external.used',
      unit: 'By',
      help: 'Memory outside the heap that its objects keep, such as Buffers',
    },
    ({ sample }) => sample.external.bytes,
  ),
  perThread(
    { name: 'external.array_buffers', unit: 'By', help: 'The part of it that is ArrayBuffers and Buffers' },
    ({ sample }) => sample.external.arrayBuffers,
  ),
  perThread(
    {
      name: 'external.floor',
      unit: 'By',
      help: 'Memory outside the heap right after the newest major collection',
    },
    ({ sample }) => known(sample.external.floor),
  ),
];

const verdict: Metric[] = [
  perThread(
    {
      name: 'memory.verdict',
      unit: '{verdict}',
      merge: 'max',
      labels: ['verdict'],
      help: 'The verdict on the memory of the thread: 1 for the one that holds, 0 for the others',
    },
    ({ verdict }) => VERDICTS.map((each) => [Number(verdict.verdict === each), { verdict: each }]),
  ),
  perThread(
    {
      name: 'memory.leak',
      unit: '{place}',
      merge: 'max',
      labels: ['place'],
      help: 'Where a leak is: 1 for the place of a leak that was found, 0 for the others',
    },
    ({ verdict }) =>
      PLACES.map((place) => [Number(verdict.verdict === 'leak' && verdict.place === place), { place }]),
  ),
  perThread(
    {
      name: 'memory.confidence',
      unit: '1',
      merge: 'min',
      help: 'How sure the verdict is',
    },
    ({ verdict }) => verdict.confidence,
  ),
  perThread(
    {
      name: 'memory.verdict_timestamp',
      unit: 's',
      merge: 'max',
      help: 'Since when the verdict has been this one, as a Unix time',
    },
    ({ verdict }) => (verdict.since > 0 ? verdict.since / 1000 : undefined),
  ),
  perThread(
    {
      name: 'memory.leak_onset_timestamp',
      unit: 's',
      merge: 'min',
      help: 'When the growth that is called a leak began, as a Unix time; absent without one',
    },
    ({ verdict }) => (verdict.onset === undefined ? undefined : verdict.onset / 1000),
  ),
  perThread(
    {
      name: 'memory.time_to_limit',
      unit: 's',
      merge: 'min',
      labels: ['limit'],
      help: 'Until a limit is reached if a leak goes on: the heap limit of the thread, or the limit of the container',
    },
    ({ verdict }) => [
      [verdict.secondsToHeapLimit, { limit: 'heap' }],
      [verdict.secondsToCgroupLimit, { limit: 'cgroup' }],
    ],
  ),
];

/** The three numbers of a slope, as three metrics: a label would invite sums over it. */
function slopes(
  shape: Pick<Metric, 'name' | 'unit' | 'help' | 'merge'>,
  places: readonly Place[],
  read: (trend: MemoryVerdict['trends'][number]) => Slope | undefined,
): Metric[] {
  const { name, help } = shape;
  const parts = [
    ['value', name, help],
    ['low', `${name}_low`, `Lower end of the 95 % interval of ${name}`],
    ['high', `${name}_high`, `Upper end of the 95 % interval of ${name}`],
  ] as const;
  return parts.map(([part, partName, partHelp]) =>
    perThread({ ...shape, name: partName, help: partHelp, labels: ['place'] }, ({ verdict }) =>
      verdict.trends
        .filter(({ place }) => places.includes(place))
        .map((trend) => [read(trend)?.[part], { place: trend.place }]),
    ),
  );
}

const BYTES: readonly Place[] = ['heap', 'external', 'native'];
const COUNTS: readonly Place[] = ['descriptors', 'handles'];

const trends: Metric[] = [
  perThread(
    {
      name: 'memory.growing',
      unit: '{place}',
      merge: 'max',
      labels: ['place'],
      help: 'Whether a signal grows steadily: more than by chance, more than matters, without decaying',
    },
    ({ verdict }) => verdict.trends.map(({ place, growing }) => [Number(growing), { place }]),
  ),
  ...slopes(
    {
      name: 'memory.slope',
      unit: 'By/s',
      merge: 'sum',
      help: 'How fast the floor of the heap, memory outside of it, and native memory grow',
    },
    BYTES,
    ({ perSecond }) => perSecond,
  ),
  ...slopes(
    {
      name: 'memory.request_slope',
      unit: 'By',
      merge: 'average',
      help: 'The same growth per HTTP request; absent without requests',
    },
    BYTES,
    ({ perRequest }) => perRequest,
  ),
  ...slopes(
    {
      name: 'memory.resource_slope',
      unit: '{resource}/s',
      merge: 'sum',
      help: 'How fast open descriptors and active handles accumulate',
    },
    COUNTS,
    ({ perSecond }) => perSecond,
  ),
];

export const memoryMetrics: readonly Metric[] = [...heap, ...verdict, ...trends];
