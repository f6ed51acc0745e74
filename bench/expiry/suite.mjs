/** What it costs to let go of many entries that expire at the same time. */

import { median, pairedRatio, spread } from '../harness/statistics.mjs';
import { number } from '../harness/table.mjs';
import { contenders } from './contenders.mjs';

/**
 * Long enough that the slowest contender has stored everything before the first entry expires, and that V8's memory
 * reducer has run: eight seconds after the last collection it collects once more, which stops a process with a
 * million keys for 10 to 35 ms, whatever the cache does.
 */
const FULL = { entries: 1_000_000, ttl: 14_000 };
const QUICK = { entries: 100_000, ttl: 4000 };

/** Those that purge by themselves and that plateau is compared with. */
const PURGING = ['lru-cache+autopurge', 'ttlcache'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--expose-gc'],
  rounds: 5,
  quickRounds: 2,
  timeout: 120_000,
  packages: ['plateau', 'lru-cache', '@isaacs/ttlcache', 'node-cache'],
  always: ['idle', 'lru-cache+ttl'],
  rows: ({ quick }) => {
    const task = quick ? QUICK : FULL;
    const entries = task.entries.toLocaleString('en-US');
    return [
      {
        id: `together/${task.entries / 1000}k`,
        title: `${entries} entries that expire together after ${task.ttl / 1000} s; median of the rounds, times in ms`,
        contenders: contenders.map(({ id }) => id),
        task,
      },
    ];
  },
  report,
  targets,
};

function report(rows, results) {
  return {
    tables: rows.map((row) => table(row, results)),
    notes: notes(rows, results),
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, figures(row, id, results)])),
    })),
  };
}

/** Watching costs a little more or less each time: a net time below this share of its cost is not to be trusted. */
const UNCERTAINTY = 0.1;

/**
 * Milliseconds of the main thread from when everything is stored until everything is gone: the processor time of
 * the thread where the system tells, otherwise the time in which the event loop was not waiting.
 */
function mainWork(row, id, results) {
  return netOf(row, id, results, ({ main, active }) => main ?? active);
}

/** The same for one of the figures of the usage, less what watching costs by itself. */
function netOf(row, id, results, pick) {
  const perMs = median(results.column(row.id, 'idle', ({ expiry }) => pick(expiry) / expiry.wall));
  const upkeep = results.column(row.id, id, (sample) => pick(sample.upkeep));
  const watching = results.column(row.id, id, ({ expiry }) => expiry.wall).map((wall) => perMs * wall);
  const spent = results.column(row.id, id, ({ expiry }) => pick(expiry));
  return spent.map(
    (ms, round) => upkeep[round] + Math.max(ms - watching[round], watching[round] * UNCERTAINTY),
  );
}

/** The same together with the filling, where a timer per entry has to be made. */
function wholeWork(row, id, results) {
  const populate = results.column(row.id, id, ({ populate: { main, active } }) => main ?? active);
  return mainWork(row, id, results).map((ms, round) => ms + populate[round]);
}

function figures(row, id, results) {
  const of = (pick) => spread(results.column(row.id, id, pick));
  return {
    releaseDelay: of(({ releaseDelay }) => releaseDelay),
    mainExpiry: spread(mainWork(row, id, results)),
    processExpiry: spread(netOf(row, id, results, (usage) => usage.process)),
    mainPopulate: of(({ populate: { main, active } }) => main ?? active),
    mainBoth: spread(wholeWork(row, id, results)),
    activeExpiry: of(({ expiry }) => expiry.active),
    stall: of(({ stall }) => stall),
    heapPerEntry: of(({ perEntry }) => perEntry.heap),
    totalPerEntry: of(({ perEntry }) => perEntry.total),
    left: of(({ left }) => left),
    uncollected: of(({ uncollected }) => uncollected),
  };
}

function table(row, results) {
  return {
    title: `${row.id}: ${row.title}`,
    columns: [
      'contender',
      'released after',
      'in resolutions',
      'main thread',
      'all threads',
      'set: main thread',
      'longest stall',
      'worst round',
      'heap B/entry',
      '+ external',
      'entries left',
      'values left',
    ],
    rows: row.contenders.map((id) => {
      const all = figures(row, id, results);
      const { resolution, keeps } = contenders.find((contender) => contender.id === id) ?? {};
      const delay = all.releaseDelay?.median;
      const idle = id === 'idle';
      return [
        id,
        keeps ? 'never' : number(delay),
        resolution ? number((delay ?? Number.NaN) / resolution, 2) : '',
        idle || keeps ? '' : number(all.mainExpiry?.median, 1),
        idle || keeps ? '' : number(all.processExpiry?.median, 1),
        idle ? '' : number(all.mainPopulate?.median),
        number(all.stall?.median, 1),
        number(all.stall?.max, 1),
        idle ? '' : number(all.heapPerEntry?.median, 1),
        idle ? '' : number(all.totalPerEntry?.median, 1),
        keeps ? '' : number(all.left?.max),
        keeps ? '' : number(all.uncollected?.max),
      ];
    }),
  };
}

function notes(rows, results) {
  const about = contenders.filter(({ note }) => note).map(({ id, note }) => `${id}: ${note}`);
  const problems = rows.flatMap((row) =>
    row.contenders.flatMap((id) => {
      const errors = results.errors(row.id, id);
      return errors.length > 0 ? [`${row.id} ${id}: ${errors.length} rounds failed: ${errors[0]}`] : [];
    }),
  );
  return [...about, ...problems];
}

/** @returns {import('../harness/targets.mjs').Target[]} */
function targets(rows, results) {
  return rows.flatMap((row) => {
    const plateau = figures(row, 'plateau', results);
    const faster = (work, peer) =>
      pairedRatio(work(row, peer, results), work(row, 'plateau', results))?.median;
    const unreleased = plateau.left && plateau.uncollected && plateau.left.max + plateau.uncollected.max;
    const baseline = (pick) =>
      median(results.column(row.id, 'plateau', pick)) / median(results.column(row.id, 'lru-cache+ttl', pick));
    return [
      {
        name: 'all released without a read, in resolutions',
        measured: plateau.releaseDelay && plateau.releaseDelay.max / 1000,
        atMost: 2,
      },
      { name: 'entries and values that were not released', measured: unreleased, atMost: 0 },
      ...PURGING.map((peer) => ({
        name: `main-thread work of expiry, ${peer} / plateau`,
        measured: faster(mainWork, peer),
        atLeast: 5,
        unit: '×',
        detail: `${number(plateau.mainExpiry?.median, 1)} ms`,
      })),
      ...PURGING.map((peer) => ({
        name: `main-thread work of set and expiry, ${peer} / plateau`,
        measured: faster(wholeWork, peer),
        unit: '×',
      })),
      { name: 'longest stall of the event loop', measured: plateau.stall?.max, atMost: 10, unit: ' ms' },
      {
        name: 'heap per entry, plateau / lru-cache+ttl',
        measured: baseline(({ perEntry }) => perEntry.heap),
        atMost: 1,
        unit: '×',
      },
      {
        name: 'heap and external per entry, plateau / lru-cache+ttl',
        measured: baseline(({ perEntry }) => perEntry.total),
        atMost: 1,
        unit: '×',
      },
    ];
  });
}
