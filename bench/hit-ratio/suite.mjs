/**
 * Hit ratios on real access traces: does `lru` evict exactly like an LRU, and how near do the policies come to
 * the best possible? Nothing here is a time: one round is enough, and any machine gives the same figures.
 */

import { number } from '../harness/table.mjs';
import { bySize, policies } from './policies.mjs';
import { hasTraces, referenceTable, requestCounts, SIZED, traceFolder } from './traces.mjs';

/** With `--quick` only traces up to this many requests. */
const QUICK = 600_000;
/** Points `s3-fifo` may be below the reference, at the sizes where a target is set. */
const TOLERANCE = 0.3;
/** Points that SharedCache may differ from BoundedCache, at any size. */
const SHARED_TOLERANCE = 0.2;
/** Bytes of the cache, as a share of those of all objects. */
const SHARES = [0.01, 0.05, 0.1];
const JUDGED = ['1%', '5%', '10%'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: [],
  rounds: 1,
  quickRounds: 1,
  timeout: 300_000,
  packages: ['plateau'],
  always: [],
  missing: () => (hasTraces() ? undefined : `no traces in ${traceFolder}; PLATEAU_TRACES names their folder`),
  rows: ({ quick }) => {
    const reference = referenceTable();
    const requests = requestCounts();
    const chosen = (trace) => !(quick && requests[trace] > QUICK);
    const traces = [...new Set(reference.map(({ trace }) => trace))].filter(chosen);
    return [
      ...traces.map((trace) => ({
        id: trace,
        title: trace,
        contenders: Object.keys(policies),
        task: { trace, sizes: reference.filter((entry) => entry.trace === trace) },
      })),
      ...SIZED.filter(chosen).map((trace) => ({
        id: `${trace}, bytes`,
        title: `${trace}, by size`,
        contenders: Object.keys(bySize),
        task: { trace, shares: SHARES },
      })),
    ];
  },
  report,
  targets,
};

/** One entry per trace and size: hit ratios in percent, measured and from the reference table. */
function ratios(rows, results) {
  return rows
    .filter(({ task }) => task.shares === undefined)
    .flatMap(({ id, task, contenders }) =>
      task.sizes.map((reference) => {
        const { size, entries } = reference;
        const measured = Object.fromEntries(
          contenders.map((policy) => {
            const [sample] = results.samples(id, policy);
            return [policy, sample && (sample.hits[size] / sample.requests) * 100];
          }),
        );
        return { trace: id, size, entries, measured, reference };
      }),
    );
}

/** The same for the runs by size: hit ratios in percent per share of the bytes. */
function sizedRatios(rows, results) {
  return rows
    .filter(({ task }) => task.shares !== undefined)
    .flatMap(({ id, task, contenders }) =>
      task.shares.map((share) => {
        const measured = Object.fromEntries(
          contenders.map((policy) => {
            const [sample] = results.samples(id, policy);
            return [policy, sample && (sample.hits[share] / sample.requests) * 100];
          }),
        );
        const [sample] = contenders.flatMap((policy) => results.samples(id, policy));
        return { trace: task.trace, share, maxBytes: sample && Math.round(share * sample.bytes), measured };
      }),
    );
}

function report(rows, results) {
  const entries = ratios(rows, results);
  const sized = sizedRatios(rows, results);
  const signed = (value) => (value > 0 ? '+' : '') + number(value, 2);
  return {
    tables: [
      {
        title:
          'Hit ratio in percent, cold start, entries of equal size, capacity in percent of the distinct keys',
        columns: [
          'trace',
          'size',
          'entries',
          'lru',
          'reference lru',
          's3-fifo',
          'reference s3-fifo',
          'difference',
          'MIN',
          'shared lru',
          'shared s3-fifo',
        ],
        rows: entries.map(({ trace, size, entries: capacity, measured, reference }) => [
          trace,
          size,
          number(capacity),
          number(measured.lru, 2),
          number(reference.lru, 2),
          number(measured['s3-fifo'], 2),
          number(reference.s3fifo, 2),
          signed(measured['s3-fifo'] - reference.s3fifo),
          number(measured.min, 2),
          number(measured['shared-lru'], 2),
          number(measured['shared-s3-fifo'], 2),
        ]),
      },
      {
        title: 'Hit ratio in percent where objects have sizes, bytes in percent of those of all objects',
        columns: ['trace', 'size', 'bytes', 'lru', 'shared lru', 's3-fifo', 'shared s3-fifo'],
        rows: sized.map(({ trace, share, maxBytes, measured }) => [
          trace,
          `${100 * share}%`,
          number(maxBytes),
          number(measured.lru, 2),
          number(measured['shared-lru'], 2),
          number(measured['s3-fifo'], 2),
          number(measured['shared-s3-fifo'], 2),
        ]),
      },
    ],
    notes: rows.flatMap((row) =>
      row.contenders.flatMap((policy) =>
        results.errors(row.id, policy).map((error) => `${row.id} ${policy}: ${error}`),
      ),
    ),
    data: [...entries, ...sized],
  };
}

/** @returns {import('../harness/targets.mjs').Target[]} */
function targets(rows, results) {
  const entries = ratios(rows, results);
  const judged = entries.filter(({ size }) => JUDGED.includes(size));
  const printed = (value) => value?.toFixed(2);
  const unequal = entries.filter(
    ({ measured: { lru, 'reference-lru': plain }, reference }) =>
      printed(lru) !== printed(reference.lru) || (plain !== undefined && plain !== lru),
  );
  const minimum = entries.map(({ measured, reference }) =>
    Math.abs((measured.min ?? Number.NaN) - reference.min),
  );
  const below = judged.map(({ trace, size, measured, reference }) => ({
    at: `${trace} ${size}`,
    points: measured['s3-fifo'] === undefined ? undefined : reference.s3fifo - measured['s3-fifo'],
  }));
  const worst = below.reduce((a, b) => ((b.points ?? -Infinity) > (a.points ?? -Infinity) ? b : a));
  const known = (policy) => entries.every(({ measured }) => measured[policy] !== undefined);
  return [
    {
      name: 'lru: hit ratios that differ from a reference LRU',
      measured: known('lru') ? unequal.length : undefined,
      atMost: 0,
      detail: unequal.map(({ trace, size }) => `${trace} ${size}`).join(', '),
    },
    {
      name: `s3-fifo: points below the reference at ${JUDGED.join(', ')}, at worst`,
      measured: known('s3-fifo') ? worst.points : undefined,
      atMost: TOLERANCE,
      detail: worst.at,
    },
    ...['lru', 's3-fifo'].map((policy) => {
      const apart = entries.map(({ measured }) => Math.abs(measured[policy] - measured[`shared-${policy}`]));
      return {
        name: `SharedCache, ${policy}: points it differs from BoundedCache, at most`,
        measured: known(policy) && known(`shared-${policy}`) ? Math.max(...apart) : undefined,
        atMost: SHARED_TOLERANCE,
      };
    }),
    {
      name: "MIN: points our computation and the reference's differ by, at most",
      measured: known('min') ? Math.max(...minimum) : undefined,
      // The reference was rounded.
      atMost: 0.01,
    },
  ];
}
