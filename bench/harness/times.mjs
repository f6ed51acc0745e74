/** The report of suites whose samples are times, each contender of a row beside the first. */

import { spread, turnRatio } from './statistics.mjs';
import { number, range } from './table.mjs';

/** The nanoseconds that one contender took in each round. */
export function timesOf(row, id, results) {
  return results.column(row.id, id, ({ ns }) => ns);
}

/** The times of `id` in multiples of those of the row's first contender, or of what one process has measured beside it. */
export function timeRatio(row, id, results) {
  const own = results.samples(row.id, id);
  if (own.some(({ beside }) => beside !== undefined)) return spread(own.map(({ ns, beside }) => ns / beside));
  return turnRatio(results.turns(row.id, id), results.turns(row.id, row.contenders[0]));
}

export function reportTimes(rows, results) {
  return {
    tables: rows.map((row) => tableOf(row, results)),
    notes: ['processor time of the main thread; one process per contender and round'],
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, spread(timesOf(row, id, results))])),
      ...(majorOf(row, row.contenders[0], results) && {
        majorCollectionsPerMillion: Object.fromEntries(
          row.contenders.map((id) => [id, majorOf(row, id, results)]),
        ),
      }),
    })),
  };
}

/** Major garbage collections in a million requests, where that was counted. */
function majorOf(row, id, results) {
  return spread(results.column(row.id, id, ({ major }) => major ?? Number.NaN));
}

function tableOf(row, results) {
  const [first] = row.contenders;
  // Whole requests are told in larger units.
  const unit = row.task.op === 'request' ? 1000 : 1;
  const digits = (value) => number(value, 1);
  const ratios = (value) => number(value, 3);
  const countsMajor = majorOf(row, first, results) !== undefined;
  return {
    title: `${row.id}: ${row.title}; ${unit === 1 ? 'nanoseconds' : 'microseconds of the server’s main thread'}`,
    columns: [
      ...['contender', 'time', 'min–max', `× ${first}`, 'min–max'],
      ...(countsMajor ? ['major collections in a million'] : []),
    ],
    rows: row.contenders.map((id) => {
      const own = spread(timesOf(row, id, results).map((ns) => ns / unit));
      // In one process the first as well, as a control.
      const ratio = id === first && row.task.beside === undefined ? undefined : timeRatio(row, id, results);
      return [
        id,
        digits(own?.median),
        range(own, digits),
        ratio === undefined ? '' : ratios(ratio.median),
        ratio === undefined ? '' : range(ratio, ratios),
        ...(countsMajor ? [number(majorOf(row, id, results)?.median)] : []),
      ];
    }),
  };
}
