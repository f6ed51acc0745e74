/** Memory per entry, and what an empty cache with room for ten million costs. */

import { contenders, packages } from '../harness/contenders.mjs';
import { pairedRatio, spread } from '../harness/statistics.mjs';
import { number, times } from '../harness/table.mjs';

const BASELINE = 'lru-cache+ttl';
/** What an empty cache may cost, in bytes: "almost nothing". */
const EMPTY = 16_384;

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--expose-gc'],
  rounds: 3,
  quickRounds: 1,
  timeout: 120_000,
  packages,
  always: [BASELINE],
  rows: ({ quick }) => {
    const ids = contenders.map(({ id }) => id);
    const full = (entries) => ({
      id: `full/${entries / 1000}k`,
      title: `bytes per entry of a full cache, ${number(entries)} entries, keys and values not counted`,
      contenders: ids,
      task: { capacity: entries, entries },
    });
    const empty = {
      id: 'empty/10m',
      title: 'kilobytes of an empty cache with room for 10,000,000 entries',
      contenders: ids,
      task: { capacity: 10_000_000, entries: 0 },
    };
    return quick ? [full(100_000), empty] : [full(100_000), full(1_000_000), empty];
  },
  report,
  targets,
};

function figures(row, id, results) {
  const unit = row.task.entries || 1024;
  const of = (pick) => spread(results.column(row.id, id, (sample) => pick(sample) / unit));
  return { heap: of(({ heap }) => heap), total: of(({ total }) => total), rss: of(({ rss }) => rss) };
}

/** Memory relative to lru-cache with a time to live: below one is less. */
function relative(row, id, results, pick) {
  return pairedRatio(results.column(row.id, id, pick), results.column(row.id, BASELINE, pick))?.median;
}

function report(rows, results) {
  return {
    tables: rows.map((row) => {
      const lines = row.contenders.map((id) => ({ id, all: figures(row, id, results) }));
      lines.sort((a, b) => (a.all.total?.median ?? Infinity) - (b.all.total?.median ?? Infinity));
      return {
        title: `${row.id}: ${row.title}`,
        columns: ['contender', 'heap', 'heap + external', 'resident set', `total / ${BASELINE}`],
        rows: lines.map(({ id, all }) => [
          id,
          number(all.heap?.median, 1),
          number(all.total?.median, 1),
          number(all.rss?.median, 1),
          times(relative(row, id, results, ({ total }) => total)),
        ]),
      };
    }),
    notes: [
      'noop: a cache that holds nothing; what it seems to take is the error of the measurement',
      'resident set: what the operating system counts; it includes garbage that was not given back yet',
      ...rows.flatMap((row) =>
        row.contenders.flatMap((id) => {
          const [error] = results.errors(row.id, id);
          return error ? [`${row.id} ${id}: ${error}`] : [];
        }),
      ),
    ],
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, figures(row, id, results)])),
    })),
  };
}

/** @returns {import('../harness/targets.mjs').Target[]} */
function targets(rows, results) {
  return rows.flatMap((row) => {
    if (row.task.entries === 0) {
      const all = figures(row, 'plateau+ttl', results);
      const bytes = all.total && all.total.median * 1024;
      return [{ name: `${row.id}: bytes of plateau+ttl`, measured: bytes, atMost: EMPTY }];
    }
    return [
      {
        name: `${row.id}: heap per entry, plateau+ttl / ${BASELINE}`,
        measured: relative(row, 'plateau+ttl', results, ({ heap }) => heap),
        atMost: 1,
        unit: '×',
      },
      {
        name: `${row.id}: heap and external per entry, plateau+ttl / ${BASELINE}`,
        measured: relative(row, 'plateau+ttl', results, ({ total }) => total),
        atMost: 1,
        unit: '×',
      },
    ];
  });
}
