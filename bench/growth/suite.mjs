/** What filling a new cache costs, and for how long it stops the event loop while it grows. */

import { contenders as all, packages } from '../harness/contenders.mjs';
import { spread } from '../harness/statistics.mjs';
import { number, range } from '../harness/table.mjs';

/** The time of the loop itself, with a look at the clock per entry, is in all of them. */
const contenders = all.filter(({ id }) =>
  ['plateau+ttl', 'plateau', 'lru-cache+ttl', 'lru-cache', 'tiny-lru', 'mnemonist', 'map', 'noop'].includes(
    id,
  ),
);

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--expose-gc'],
  rounds: 5,
  quickRounds: 2,
  timeout: 120_000,
  packages,
  always: [],
  rows: ({ quick }) =>
    [1000, 100_000, ...(quick ? [] : [1_000_000])].map((entries) => ({
      id: `fill/${entries / 1000}k`,
      title: `a new cache is filled with ${number(entries)} entries`,
      contenders: contenders.map(({ id }) => id),
      // Small caches many times, so that their code is compiled in the end.
      task: { entries, caches: entries === 1000 ? 200 : 4 },
    })),
  report,
  targets: () => [],
};

function figures(row, id, results) {
  const of = (pick) => spread(results.column(row.id, id, pick));
  return {
    first: of(({ first }) => first.total),
    firstLongest: of(({ first }) => first.longest),
    later: of(({ later }) => later.total),
    laterLongest: of(({ later }) => later.longest),
  };
}

function report(rows, results) {
  const ms = (value) => number(value, value < 10 ? 2 : 0);
  return {
    tables: rows.map((row) => ({
      title: `${row.id}: ${row.title}; milliseconds`,
      columns: ['contender', 'first cache', 'longest set', 'later caches', 'longest set', 'min–max'],
      rows: row.contenders.map((id) => {
        const { first, firstLongest, later, laterLongest } = figures(row, id, results);
        const medians = [first, firstLongest, later, laterLongest].map((value) => ms(value?.median));
        return [id, ...medians, range(laterLongest, ms)];
      }),
    })),
    notes: [
      'first cache: of the process, whose code is not compiled yet; later caches: the median of those after it',
      'longest set: how long the event loop stood still, a collection by V8 included',
    ],
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, figures(row, id, results)])),
    })),
  };
}
