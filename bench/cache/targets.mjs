/** What BoundedCache is to reach in this benchmark. */

import { contenders } from '../harness/contenders.mjs';
import { BASELINE, fastestPeer, speedup } from './report.mjs';

/** How many times as fast as lru-cache with a time to live, by operation and capacity. */
const SPEEDUPS = { 'get-hit/1k': 2.0, 'get-hit/100k': 1.3, 'get-or-set': 1.3 };
/** The most an evicting write may take, in multiples of a Map that drops its oldest entry. */
const EVICTING_SET = 1.35;

/** @returns {import('../harness/targets.mjs').Target[]} */
export function targets(rows, results) {
  const core = rows.filter((row) => row.tags?.includes('core'));
  const reading = core.filter((row) => row.task.op !== 'set-evict');
  const evicting = core.filter((row) => row.task.op === 'set-evict');
  return [
    ...reading.map((row) => faster(row.id, results)),
    ...reading.map((row) => first(row, results, 'plateau+ttl', 'with ttl', (peer) => peer.ttl)),
    ...reading.map((row) => first(row, results, 'plateau+ttl', 'of all', () => true)),
    ...evicting.map(({ id }) => ({
      name: `${id}: time of plateau+ttl / bare Map FIFO`,
      measured: speedup(results, id, 'map-fifo', 'plateau+ttl')?.median,
      atMost: EVICTING_SET,
      unit: '×',
    })),
    ...core.map((row) => first(row, results, 'plateau', 'without ttl', () => true)),
  ];
}

function faster(id, results) {
  const match = Object.entries(SPEEDUPS).find(([prefix]) => id.startsWith(`${prefix}/`));
  return {
    name: `${id}: plateau+ttl against ${BASELINE}`,
    measured: speedup(results, id, 'plateau+ttl', BASELINE)?.median,
    atLeast: match?.[1],
    unit: '×',
  };
}

function first(row, results, contender, which, admit) {
  const { id } = row;
  const peer = fastestPeer(results, id, contender, admit);
  const rivals = contenders.filter(
    (rival) => rival.role === 'peer' && admit(rival) && !row.absent?.[rival.id],
  );
  return {
    name: `${id}: ${contender} against the fastest peer ${which}`,
    measured: peer?.ratio,
    atLeast: 1,
    unit: '×',
    detail: peer?.id,
    unmeasured: rivals.filter((rival) => results.samples(id, rival.id).length === 0).map((rival) => rival.id),
  };
}
