/** Metrics of collections, event loops and requests of each thread, and of the process and its container. */

import type { MemorySample } from '../memory/types';
import { version } from '../version';
import { perThread } from './memory-metrics';
import { type Metric, type Point, point } from './metric';
import type { Scrape } from './scrape';

const SECOND = 1000;

const threads: Metric[] = [
  perThread(
    {
      name: 'gc.collections',
      unit: '{collection}',
      kind: 'counter',
      labels: ['kind'],
      help: 'Garbage collections',
    },
    ({ sample: { gc } }) => [
      [gc.major, { kind: 'major' }],
      [gc.minor, { kind: 'minor' }],
    ],
  ),
  perThread(
    {
      name: 'gc.time',
      unit: 's',
      kind: 'counter',
      labels: ['kind'],
      help: 'Time spent in garbage collections',
    },
    ({ sample: { gc } }) => [
      [gc.majorMs / SECOND, { kind: 'major' }],
      [gc.minorMs / SECOND, { kind: 'minor' }],
    ],
  ),
  perThread(
    {
      name: 'gc.share',
      unit: '1',
      merge: 'max',
      help: 'Share of the time of the last minute that was spent in garbage collections',
    },
    ({ sample }) => sample.gc.share,
  ),
  perThread(
    {
      name: 'loop.delay',
      unit: 's',
      merge: 'max',
      help: 'The longest delay of the event loop in the second before the newest sample',
    },
    ({ sample }) => sample.loop.delay / SECOND,
  ),
  perThread(
    {
      name: 'loop.utilization',
      unit: '1',
      merge: 'average',
      help: 'Share of the second before the newest sample in which the event loop was busy',
    },
    ({ sample }) => sample.loop.utilization,
  ),
  perThread(
    { name: 'requests', unit: '{request}', kind: 'counter', help: 'HTTP requests received' },
    ({ sample }) => sample.requests.count,
  ),
  perThread(
    {
      name: 'handles',
      unit: '{handle}',
      labels: ['kind'],
      help: 'Active resources of the event loop: timers, and others such as sockets',
    },
    ({ sample: { handles } }) => [
      [handles.timers, { kind: 'timer' }],
      [Math.max(0, handles.count - handles.timers), { kind: 'other' }],
    ],
  ),
  perThread(
    {
      name: 'sample.timestamp',
      unit: 's',
      merge: 'min',
      help: 'When the newest sample was taken, as a Unix time',
    },
    ({ sample }) => sample.at / SECOND,
  ),
];

type Figure = number | undefined;

/** A metric of the process, which has no label for a thread: the figures are the same in all. */
function ofProcess(
  shape: Pick<Metric, 'name' | 'unit' | 'help'> & Partial<Pick<Metric, 'kind' | 'merge'>>,
  read: (sample: MemorySample) => Figure,
): Metric {
  const points = ({ newest }: Scrape): Iterable<Point> => point(newest && read(newest));
  return { kind: 'gauge', merge: 'sum', labels: [], ...shape, read: points };
}

const process: Metric[] = [
  ofProcess(
    {
      name: 'native.used',
      unit: 'By',
      help: 'Memory of the process that neither heaps nor buffers of watched threads explain',
    },
    ({ native }) => native.bytes,
  ),
  ofProcess(
    {
      name: 'native.malloc',
      unit: 'By',
      help: 'Memory that malloc has given out; absent where it does not tell',
    },
    ({ native }) => native.mallocUsed,
  ),
  ofProcess(
    { name: 'process.resident_memory', unit: 'By', help: 'Memory of the process that is in RAM' },
    (sample) => sample.process.rss,
  ),
  ofProcess(
    { name: 'process.anonymous_memory', unit: 'By', help: 'The part of that which is no file' },
    (sample) => sample.process.anonymous,
  ),
  ofProcess(
    {
      name: 'process.cpu',
      unit: 's',
      kind: 'counter',
      help: 'Processor time since the start of the process',
    },
    (sample) => sample.process.cpu,
  ),
  ofProcess(
    { name: 'process.descriptors', unit: '{descriptor}', help: 'Open descriptors: files, sockets' },
    (sample) => sample.process.descriptors,
  ),
  {
    name: 'process.page_faults',
    unit: '{fault}',
    kind: 'counter',
    merge: 'sum',
    labels: ['kind'],
    help: 'Page faults; major ones had to wait for a disk',
    *read({ newest }) {
      if (newest === undefined) return;
      yield { value: newest.process.minorFaults, labels: { kind: 'minor' } };
      yield { value: newest.process.majorFaults, labels: { kind: 'major' } };
    },
  },
  ofProcess(
    {
      name: 'cgroup.limit',
      unit: 'By',
      merge: 'max',
      help: 'Memory limit of the container; absent without one',
    },
    ({ cgroup }) => cgroup?.limit,
  ),
  ofProcess(
    { name: 'cgroup.used', unit: 'By', merge: 'max', help: 'Memory that counts against that limit' },
    ({ cgroup }) => cgroup?.used,
  ),
  ofProcess(
    {
      name: 'cgroup.limit_hits',
      unit: '{hit}',
      kind: 'counter',
      merge: 'max',
      help: 'How often the container was at its memory limit',
    },
    ({ cgroup }) => cgroup?.limitHits,
  ),
  ofProcess(
    {
      name: 'cgroup.oom_kills',
      unit: '{kill}',
      kind: 'counter',
      merge: 'max',
      help: 'Processes of the container that were killed for its memory limit',
    },
    ({ cgroup }) => cgroup?.oomKills,
  ),
  {
    name: 'build.info',
    unit: '{build}',
    kind: 'gauge',
    merge: 'max',
    labels: ['version'],
    help: 'Always 1; the label says which plateau this is',
    read: () => point(1, { version }),
  },
];

export const runtimeMetrics: readonly Metric[] = [...threads, ...process];
