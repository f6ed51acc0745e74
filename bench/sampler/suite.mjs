/** What the memory sampler costs: a request of an Express app, an idle process, and memory. */

import { spread } from '../harness/statistics.mjs';
import { number, range } from '../harness/table.mjs';
import { reportTimes, timeRatio } from '../harness/times.mjs';

const CONTENDERS = ['bare', 'sampler', 'sampler+recorder', 'sampler+recorder+metrics'];
const MIB = 2 ** 20;

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--expose-gc'],
  rounds: 5,
  quickRounds: 2,
  timeout: 180_000,
  packages: ['plateau', 'express', 'autocannon', 'prom-client'],
  always: ['bare'],
  rows: ({ quick }) => [
    {
      id: 'request',
      title: 'a request of an Express app; metrics are scraped every fifteen seconds',
      contenders: CONTENDERS,
      task: { op: 'request', duration: quick ? 3000 : 15_000 },
    },
    {
      id: 'idle',
      title: 'a process that does nothing',
      contenders: CONTENDERS.slice(0, 3),
      task: { op: 'idle', duration: quick ? 5000 : 30_000 },
    },
  ],
  report,
  targets,
};

function report(rows, results) {
  const requests = rows.filter(({ task }) => task.op === 'request');
  const idle = rows.filter(({ task }) => task.op === 'idle');
  const times = reportTimes(requests, results);
  return {
    tables: [...times.tables, ...idle.map((row) => idleTable(row, results))],
    notes: times.notes,
    data: [
      ...times.data,
      ...idle.map((row) => ({
        id: row.id,
        title: row.title,
        contenders: Object.fromEntries(
          row.contenders.map((id) => [
            id,
            Object.fromEntries(MEASURES.map(({ name, of }) => [name, spread(column(row, id, results, of))])),
          ]),
        ),
      })),
    ],
  };
}

const MEASURES = [
  { name: 'cpuPercent', of: ({ cpuShare }) => 100 * cpuShare, digits: 3 },
  { name: 'heapMiB', of: ({ heap }) => heap / MIB, digits: 2 },
  { name: 'rssMiB', of: ({ rss }) => rss / MIB, digits: 1 },
  { name: 'allocatedKiBPerSecond', of: ({ allocated }) => allocated / 1024, digits: 1 },
];

function column(row, id, results, of) {
  return results.column(row.id, id, of);
}

function idleTable(row, results) {
  const cell = (id, { of, digits }) => {
    const own = spread(column(row, id, results, of));
    return `${number(own?.median, digits)} (${range(own, (value) => number(value, digits))})`;
  };
  return {
    title: `${row.id}: ${row.title}; medians (min–max)`,
    columns: ['contender', 'CPU, % of a core', 'heap, MiB', 'resident, MiB', 'allocated, KiB/s'],
    rows: row.contenders.map((id) => [id, ...MEASURES.map((measure) => cell(id, measure))]),
  };
}

function targets(rows, results) {
  return rows.flatMap((row) => {
    const last = row.contenders[row.contenders.length - 1];
    if (row.task.op === 'request') {
      return [
        {
          name: `request: processor time of ${last} / bare`,
          measured: timeRatio(row, last, results)?.median,
          // The inverse of 0.99 of the throughput, where the processor is what limits it.
          atMost: 1.01,
          unit: '×',
        },
      ];
    }
    const more = (of) => {
      const bare = column(row, 'bare', results, of);
      return spread(column(row, last, results, of).map((value, round) => value - (bare[round] ?? 0)))?.median;
    };
    return [
      {
        name: 'idle: processor time more than bare',
        measured: more(MEASURES[0].of),
        atMost: 0.2,
        unit: ' %',
      },
      {
        name: 'idle: resident memory more than bare',
        measured: more(({ rss }) => rss / MIB),
        atMost: 3,
        unit: ' MiB',
      },
    ];
  });
}
