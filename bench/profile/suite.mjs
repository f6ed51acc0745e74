/** What a growth profile costs: requests of an Express app while it samples, and for how long it stops the event loop. */

import { pairedRatio, spread } from '../harness/statistics.mjs';
import { number, range } from '../harness/table.mjs';
import { reportTimes } from '../harness/times.mjs';

const CONTENDERS = ['bare', 'profile@512KiB', 'profile@128KiB', 'profile@32KiB'];
const DEFAULT = 'profile@128KiB';
const KEPT = ['small objects', 'strings'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--max-old-space-size=4096'],
  rounds: 7,
  quickRounds: 2,
  timeout: 180_000,
  packages: ['plateau', 'express', 'autocannon'],
  always: ['bare'],
  rows: ({ quick }) => [
    {
      id: 'request',
      title: 'a request of an Express app while its allocations are sampled',
      contenders: CONTENDERS,
      task: { op: 'request', duration: quick ? 3000 : 10_000 },
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
  const requests = rows.filter(({ task }) => task.op === 'request');
  const pauses = rows.filter(({ task }) => task.op === 'pause');
  const times = reportTimes(requests, results);
  return {
    tables: [
      ...times.tables,
      ...requests.map((row) => throughputTable(row, results)),
      ...pauses.map((row) => pauseTable(row, results)),
    ],
    notes: times.notes,
    data: [
      ...times.data.map((row) => ({ ...row, perSecond: throughputOf(row.id, results) })),
      ...pauses.map((row) => ({ id: row.id, title: row.title, contenders: pausesOf(row, results) })),
    ],
  };
}

const perSecond = (id, row, results) => results.column(row, id, (sample) => sample.perSecond);

function ratioOf(id, row, results) {
  return pairedRatio(perSecond(id, row, results), perSecond('bare', row, results));
}

function throughputOf(row, results) {
  return Object.fromEntries(
    CONTENDERS.map((id) => [
      id,
      { ...spread(perSecond(id, row, results)), ratio: ratioOf(id, row, results) },
    ]),
  );
}

function throughputTable(row, results) {
  const whole = (value) => number(value, 0);
  const ratios = (value) => number(value, 3);
  return {
    title: `${row.id}: requests per second`,
    columns: ['contender', 'requests/s', 'min–max', '× bare', 'min–max'],
    rows: row.contenders.map((id) => {
      const own = spread(perSecond(id, row.id, results));
      const ratio = ratioOf(id, row.id, results);
      return [id, whole(own?.median), range(own, whole), ratios(ratio?.median), range(ratio, ratios)];
    }),
  };
}

function pausesOf(row, results) {
  const of = (id, name) => spread(results.column(row.id, id, (sample) => sample[name]));
  return Object.fromEntries(
    row.contenders.map((id) => [
      id,
      { startMs: of(id, 'start'), endMs: of(id, 'end'), heapMiB: of(id, 'heapMiB') },
    ]),
  );
}

function pauseTable(row, results) {
  const pauses = pausesOf(row, results);
  const cell = (own) => `${number(own?.median, 1)} (${range(own, (value) => number(value, 1))})`;
  return {
    title: `${row.id}: ${row.title}; ms for which the event loop stands still, medians (min–max)`,
    columns: ['kept', 'heap, MiB', 'at the start', 'at the end'],
    rows: row.contenders.map((id) => {
      const { startMs, endMs, heapMiB } = pauses[id];
      return [id, number(heapMiB?.median, 0), cell(startMs), cell(endMs)];
    }),
  };
}

function targets(rows, results) {
  return rows
    .filter(({ task }) => task.op === 'request')
    .map((row) => ({
      name: `request: throughput of ${DEFAULT} / bare`,
      measured: ratioOf(DEFAULT, row.id, results)?.median,
      atLeast: 0.95,
      unit: '×',
    }));
}
