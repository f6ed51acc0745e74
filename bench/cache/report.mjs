/** Tables and figures of the cache benchmark. Times are net: without what the loop costs by itself. */

import { contenderById, contenders } from '../harness/contenders.mjs';
import { median, netOfLoop, spread, turnRatio } from '../harness/statistics.mjs';
import { nanos, number, range, times } from '../harness/table.mjs';

export const BASELINE = 'lru-cache+ttl';

/** Nanoseconds per operation in each round, less those of the cache that does nothing in the same round. */
export function net(results, row, contender) {
  return turns(results, row, contender).map((times) => median(times) ?? Number.NaN);
}

/** The same by round and turn. */
function turns(results, row, contender) {
  return netOfLoop(results.turns(row, contender), results.turns(row, 'noop'));
}

/** How many times as fast as `other` a contender is. */
export function speedup(results, row, contender, other) {
  return turnRatio(turns(results, row, other), turns(results, row, contender));
}

/** The fastest peer that `admit` lets in, by median: its id, and how many times as fast as it `contender` is. */
export function fastestPeer(results, row, contender, admit) {
  let best;
  for (const peer of contenders) {
    if (peer.role !== 'peer' || !admit(peer)) continue;
    const ns = median(net(results, row, peer.id));
    if (ns !== undefined && (best === undefined || ns < best.ns)) best = { id: peer.id, ns };
  }
  if (best === undefined) return undefined;
  return { id: best.id, ratio: speedup(results, row, contender, best.id)?.median };
}

export function report(rows, results) {
  const tables = rows.map((row) => rowTable(row, results));
  return {
    tables: [...tables, summary(rows, results)],
    notes: notes(rows, results),
    data: rows.map((row) => rowData(row, results)),
  };
}

function rowTable(row, results) {
  const lines = row.contenders.map((id) => ({ id, figures: figures(row.id, id, results) }));
  lines.sort((a, b) => (a.figures.net?.median ?? Infinity) - (b.figures.net?.median ?? Infinity));
  return {
    title: `${row.id}: ${row.title}`,
    columns: ['contender', 'ns net', 'min–max', 'ns raw', `× ${BASELINE}`, 'min–max', 'hits %'],
    rows: lines.map(({ id, figures: { net: time, raw, ratio, hitRatio } }) => [
      id,
      id === 'noop' ? '0' : nanos(time?.median),
      id === 'noop' ? '–' : range(time, nanos),
      nanos(raw?.median),
      times(ratio?.median),
      range(ratio, (value) => number(value, 2)),
      row.task.op === 'get-or-set' && id !== 'noop' ? number(hitRatio * 100, 1) : '',
    ]),
  };
}

function figures(row, id, results) {
  return {
    net: spread(net(results, row, id)),
    raw: spread(results.column(row, id, ({ ns }) => ns)),
    ratio: id === 'noop' ? undefined : speedup(results, row, id, BASELINE),
    hitRatio: median(results.column(row, id, ({ hitRatio }) => hitRatio)),
  };
}

function rowData(row, results) {
  const measured = row.contenders.map((id) => [id, figures(row.id, id, results)]);
  return { id: row.id, title: row.title, contenders: Object.fromEntries(measured), absent: row.absent };
}

/** One line per row: where plateau stands, with and without a time to live. */
function summary(rows, results) {
  return {
    title: 'Summary: times are ns net; ratios say how many times as fast plateau is',
    columns: [
      'row',
      'plateau+ttl',
      BASELINE,
      'ratio',
      '<fastest peer with ttl',
      '<fastest peer of all',
      'plateau',
      '<fastest peer, plateau without ttl',
      'time / map-fifo',
    ],
    rows: rows.map(({ id }) => {
      const against = (contender, admit) => {
        const peer = fastestPeer(results, id, contender, admit);
        return peer ? `${times(peer.ratio)} ${peer.id}` : '–';
      };
      const time = (contender) => nanos(median(net(results, id, contender)));
      return [
        id,
        time('plateau+ttl'),
        time(BASELINE),
        times(speedup(results, id, 'plateau+ttl', BASELINE)?.median),
        against('plateau+ttl', (peer) => peer.ttl),
        against('plateau+ttl', () => true),
        time('plateau'),
        against('plateau', () => true),
        times(speedup(results, id, 'map-fifo', 'plateau+ttl')?.median),
      ];
    }),
  };
}

function notes(rows, results) {
  const used = new Set(rows.flatMap((row) => [...row.contenders, ...Object.keys(row.absent ?? {})]));
  const about = [...used].flatMap((id) => {
    const { note, readsOnly } = contenderById(id);
    const text = [note, readsOnly && `not in the rows that evict: ${readsOnly}`].filter(Boolean).join('; ');
    return text ? [`${id}: ${text}`] : [];
  });
  const failures = rows.flatMap((row) =>
    row.contenders.flatMap((id) => {
      const errors = results.errors(row.id, id);
      return errors.length > 0 ? [`${row.id} ${id}: ${errors.length} rounds failed: ${errors[0]}`] : [];
    }),
  );
  return [...about, ...failures];
}
