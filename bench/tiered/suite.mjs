/**
 * What a tiered cache costs beside its parts: a hit in the local tier beside the BoundedCache that it is, a hit in Redis
 * beside a bare GET; and for how long the value that a write replaced is still read elsewhere.
 */

import { spawnSync } from 'node:child_process';
import { spread } from '../harness/statistics.mjs';
import { number, range } from '../harness/table.mjs';
import { reportTimes } from '../harness/times.mjs';

const CLIENTS = ['redis', 'ioredis'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: [],
  rounds: 5,
  quickRounds: 2,
  timeout: 120_000,
  packages: ['plateau', 'redis', 'ioredis'],
  always: ['BoundedCache', 'GET redis', 'GET ioredis'],
  missing: () =>
    spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'there is no redis-server here',
  rows: ({ quick }) => [
    {
      id: 'local-hit',
      title: 'a hit in the local tier, awaited, of 1,000 keys',
      contenders: ['BoundedCache', 'get', 'getOrLoad'],
      task: { op: 'local', duration: quick ? 200 : 1000 },
    },
    ...CLIENTS.flatMap((client) =>
      [1, 64].map((parallel) => ({
        id: `remote-hit/${client}/${parallel}`,
        title: `a hit in a Redis on loopback, JSON of 100 bytes, ${parallel} at a time`,
        contenders: [`GET ${client}`, `get ${client}`],
        task: { op: 'remote', client, parallel, duration: quick ? 300 : 2000 },
      })),
    ),
    {
      id: 'staleness',
      title: 'from a confirmed write until another process reads no older value',
      contenders: ['tracking redis', 'pubsub redis', 'pubsub ioredis'],
      task: { op: 'staleness', writes: quick ? 200 : 2000 },
    },
  ],
  report,
  targets: () => [],
};

function report(rows, results) {
  const times = reportTimes(
    rows.filter(({ task }) => task.op !== 'staleness'),
    results,
  );
  const windows = rows.filter(({ task }) => task.op === 'staleness');
  return {
    tables: [...times.tables, ...windows.map((row) => windowTable(row, results))],
    notes: ['wall-clock time per operation of a process that does nothing else'],
    data: [
      ...times.data,
      ...windows.map((row) => ({
        id: row.id,
        title: row.title,
        contenders: Object.fromEntries(
          row.contenders.map((id) => [
            id,
            Object.fromEntries(QUANTILES.map((name) => [name, spread(windowOf(row, id, results, name))])),
          ]),
        ),
      })),
    ],
  };
}

const QUANTILES = ['p50', 'p99', 'max'];

function windowOf(row, id, results, name) {
  return results.column(row.id, id, (sample) => sample[name]);
}

function windowTable(row, results) {
  const digits = (value) => number(value, 2);
  return {
    title: `${row.id}: ${row.title}; milliseconds`,
    columns: ['contender', ...QUANTILES.flatMap((name) => [name, 'min–max'])],
    rows: row.contenders.map((id) => [
      id,
      ...QUANTILES.flatMap((name) => {
        const own = spread(windowOf(row, id, results, name));
        return [digits(own?.median), range(own, digits)];
      }),
    ]),
  };
}
