/** Heap snapshots: how long it takes to know who keeps what alive, and how much memory; and what three of them compare to. */

import { pairedRatio, spread } from '../harness/statistics.mjs';
import { number, range, times } from '../harness/table.mjs';
import { findTools, makeSnapshots, pathOf, removeSnapshots, SERVER, sizeOf } from './inputs.mjs';

const MIB = 2 ** 20;
const ENGINES = ['devtools', 'rust-port'];
const ALL = ['plateau', 'memlab', ...ENGINES];
/** Nothing takes longer, but for what does not end. */
const TIMEOUT = 1_800_000;

/** What is in a row: copies of the server's snapshot, and who reads them. */
const ANALYSES = [
  { id: 'server', copies: 1, contenders: ALL },
  { id: '0.4M', copies: 3, contenders: ALL },
  { id: '2M', copies: 14, contenders: ALL },
  { id: '10M', copies: 69, contenders: ALL, rounds: 2 },
  { id: '19M', copies: 130, contenders: ALL, rounds: 1 },
  { id: '3GB', copies: 246, contenders: ['plateau', 'rust-port'], rounds: 1 },
];
const QUICK = new Set(['server', '0.4M', 'diff/server']);

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  // As much as there is: of memory, too, the others shall have what they want.
  execArgv: ['--max-old-space-size=20000'],
  rounds: 3,
  quickRounds: 1,
  timeout: TIMEOUT,
  packages: ['plateau'],
  always: ['plateau'],
  rows: ({ quick }) =>
    [
      ...ANALYSES.map(({ id, copies, contenders, rounds }) => ({
        id,
        title: copies === 1 ? 'a snapshot of a server' : `${copies} times that of the server`,
        contenders,
        rounds,
        task: { op: 'analyse', inputs: [{ name: copies === 1 ? 'third' : 'first', copies }] },
      })),
      ...[
        { id: 'diff/server', copies: 1 },
        { id: 'diff/2M', copies: 14 },
      ].map(({ id, copies }) => ({
        id,
        title: `three snapshots of a server${copies === 1 ? '' : `, ${copies} times over`}, compared`,
        contenders: ['plateau', 'memlab'],
        rounds: copies === 1 ? undefined : 2,
        task: { op: 'diff', inputs: SERVER.map((name) => ({ name, copies })) },
      })),
    ].filter(({ id }) => !quick || QUICK.has(id)),
  prepare,
  finish: ({ keep }) => (keep ? undefined : removeSnapshots()),
  report,
  targets,
};

/** Makes what the rows read, and leaves out contenders that are not to be had. */
async function prepare(rows, progress) {
  makeSnapshots(
    rows.flatMap(({ task }) => task.inputs),
    progress,
  );
  const tools = await findTools(progress);
  const there = {
    plateau: true,
    devtools: tools.devtools,
    memlab: tools.memlab,
    'rust-port': tools.rustPort,
  };
  for (const row of rows) {
    row.contenders = row.contenders.filter((id) => there[id]);
    row.task.tools = tools;
    row.task.paths = row.task.inputs.map(({ name, copies }) => pathOf(name, copies));
    row.bytes = row.task.paths.reduce((sum, path) => sum + sizeOf(path), 0);
  }
}

const column = (row, id, results, of) => results.column(row.id, id, of);
const seconds = ({ seconds }) => seconds;
/** Without what Node itself takes, where the engine runs in it. */
const peak = ({ peak, base }) => peak - base;

/** How many times as much another needs, in the same round. */
const ratio = (row, id, results, of) =>
  pairedRatio(column(row, id, results, of), column(row, 'plateau', results, of))?.median;

function report(rows, results) {
  const short = (value) => number(value, value < 10 ? 2 : 1);
  const tables = rows.map((row) => {
    const [first] = results.samples(row.id, 'plateau');
    const nodes = first?.nodes ? `, ${number(first.nodes)} nodes, ${number(first.edges)} edges` : '';
    return {
      title: `${row.id}: ${row.title}; ${number(row.bytes / MIB)} MiB${nodes}`,
      columns: [
        'engine',
        'seconds',
        'min–max',
        '× plateau',
        'processor, s',
        'peak, MiB',
        '× plateau',
        'with Node',
      ],
      rows: row.contenders.map((id) => {
        const time = spread(column(row, id, results, seconds));
        const own = id === 'plateau';
        return [
          id,
          short(time?.median),
          range(time, short),
          own ? '' : times(ratio(row, id, results, seconds)),
          short(spread(column(row, id, results, ({ cpu }) => cpu))?.median),
          number(spread(column(row, id, results, peak))?.median / MIB),
          own ? '' : times(ratio(row, id, results, peak)),
          number(spread(column(row, id, results, (sample) => sample.peak))?.median / MIB),
        ];
      }),
    };
  });
  return {
    tables,
    notes: [
      'seconds: from a file to nodes, edges, dominators, retained sizes and distances; of diff, to what has grown and its traces',
      'peak: largest resident memory, less what Node has before it begins where the engine runs in it',
      ...rows.flatMap((row) =>
        row.contenders.flatMap((id) =>
          results.errors(row.id, id).map((error) => `${row.id} ${id}: ${error}`),
        ),
      ),
    ],
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      bytes: row.bytes,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, results.samples(row.id, id)])),
    })),
  };
}

function targets(rows, results) {
  /** Of nothing, nothing. */
  const least = (values) => values.filter(Number.isFinite).sort((a, b) => a - b)[0];
  return rows.flatMap((row) => {
    if (row.task.op === 'diff') {
      const measured = ratio(row, 'memlab', results, seconds);
      return [{ name: `${row.id}: memlab / plateau`, measured, atLeast: 8 }];
    }
    const unmeasured = ENGINES.filter((id) => !row.contenders.includes(id));
    const engines = row.contenders.filter((id) => ENGINES.includes(id));
    const fastest = least(engines.map((id) => ratio(row, id, results, seconds)));
    const smallest = least(engines.map((id) => ratio(row, id, results, peak)));
    return [
      { name: `${row.id}: fastest other engine / plateau`, measured: fastest, atLeast: 2.5, unmeasured },
      { name: `${row.id}: memlab / plateau`, measured: ratio(row, 'memlab', results, seconds), atLeast: 12 },
      {
        name: `${row.id}: peak memory, plateau / smallest`,
        measured: smallest && 1 / smallest,
        atMost: 0.5,
        unmeasured,
      },
    ];
  });
}
