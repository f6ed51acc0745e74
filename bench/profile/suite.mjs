/** What a growth profile costs: requests of an Express app while it samples, and for how long it stops the event loop. */

import { spread } from '../harness/statistics.mjs';
import { number, range } from '../harness/table.mjs';

const INTERVALS = ['every 512 KiB', 'every 128 KiB', 'every 32 KiB'];
const DEFAULT = 'every 128 KiB';
const KEPT = ['small objects', 'strings'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--max-old-space-size=4096'],
  rounds: 5,
  quickRounds: 2,
  timeout: 180_000,
  packages: ['plateau', 'express', 'autocannon'],
  always: [],
  rows: ({ quick }) => [
    {
      id: 'request',
      title: 'an Express app under load, sampled in every other second',
      contenders: INTERVALS,
      task: { op: 'request', pairs: quick ? 6 : 16 },
    },
    ...[20, 100, 400].map((mib) => ({
      id: `pause/${mib}`,
      title: `a profile of a process that keeps ${mib} MiB`,
      contenders: KEPT,
      task: { op: 'pause', mib },
    })),
  ],
  report,
  targets,
};

function report(rows, results) {
  return {
    tables: rows.map((row) => (row.task.op === 'request' ? requestTable : pauseTable)(row, results)),
    notes: [
      'one process per contender and round; ratios are medians of pairs of seconds, with and without sampling',
    ],
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, spreadsOf(row, id, results)])),
    })),
  };
}

const MEASURES = {
  request: ['cpuRatio', 'throughputRatio', 'perSecond', 'perSecondSampled'],
  pause: ['start', 'end', 'heapMiB'],
};

function spreadsOf({ id: row, task }, id, results) {
  return Object.fromEntries(
    MEASURES[task.op].map((name) => [name, spread(results.column(row, id, (sample) => sample[name]))]),
  );
}

function cell(own, digits) {
  return `${number(own?.median, digits)} (${range(own, (value) => number(value, digits))})`;
}

function requestTable(row, results) {
  return {
    title: `${row.id}: ${row.title}; medians (min–max)`,
    columns: [
      'a sample',
      'CPU per request, × without',
      'requests/s, × without',
      'requests/s without',
      'with',
    ],
    rows: row.contenders.map((id) => {
      const own = spreadsOf(row, id, results);
      return [
        id,
        cell(own.cpuRatio, 3),
        cell(own.throughputRatio, 3),
        number(own.perSecond?.median, 0),
        number(own.perSecondSampled?.median, 0),
      ];
    }),
  };
}

function pauseTable(row, results) {
  return {
    title: `${row.id}: ${row.title}; ms for which the event loop stands still, medians (min–max)`,
    columns: ['kept', 'heap, MiB', 'at the start', 'at the end'],
    rows: row.contenders.map((id) => {
      const own = spreadsOf(row, id, results);
      return [id, number(own.heapMiB?.median, 0), cell(own.start, 1), cell(own.end, 1)];
    }),
  };
}

function targets(rows, results) {
  return rows
    .filter(({ task }) => task.op === 'request')
    .map((row) => ({
      name: `request: throughput with a sample ${DEFAULT} / without`,
      measured: spreadsOf(row, DEFAULT, results).throughputRatio?.median,
      atLeast: 0.95,
      unit: '×',
    }));
}
