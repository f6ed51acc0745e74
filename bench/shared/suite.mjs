/** SharedCache beside lmdb-js, a Redis on the same machine, and the caches of one heap. */

import { median, netOfLoop, spread, turnRatio } from '../harness/statistics.mjs';
import { number, range } from '../harness/table.mjs';

const MIB = 2 ** 20;
const ACCESS = ['plateau', 'floor', 'lmdb', 'map', 'lru-cache', 'noop'];

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  execArgv: ['--expose-gc', '--max-old-space-size=12000'],
  turns: true,
  rounds: 3,
  quickRounds: 1,
  timeout: 300_000,
  packages: ['plateau', 'lmdb', 'lru-cache'],
  always: ['plateau', 'noop'],
  rows: ({ quick }) => [
    ...[200_000, ...(quick ? [] : [2_000_000])].flatMap((entries) =>
      // Two million of 4 KB would be more than most machines have.
      ['100B', 'mixed', ...(entries === 200_000 ? ['4KB'] : [])].map((size) => ({
        id: `access/${entries / 1000}k/${size}`,
        title: `${number(entries)} entries, values of ${size === 'mixed' ? '100 B to 4 KB' : size}`,
        contenders: ACCESS,
        task: { op: 'access', entries, size },
      })),
    ),
    ...[1, 2, 4].map((threads) => ({
      id: `workers/${threads}`,
      title: `look-ups a second by ${threads} worker threads together, 200,000 entries of 100 B`,
      contenders: ['plateau'],
      task: { op: 'workers', entries: 200_000, size: '100B', threads, seconds: quick ? 1 : 4 },
    })),
    {
      id: 'redis',
      title: 'a look-up in a Redis on the same machine, one command at a time',
      contenders: ['plateau'],
      task: { op: 'redis' },
    },
    {
      id: 'holding',
      title: `what holding ${quick ? '200,000' : '2,000,000'} entries of 100 B costs the process`,
      contenders: ['plateau', 'lru-cache'],
      task: { op: 'holding', entries: quick ? 200_000 : 2_000_000, size: '100B' },
    },
  ],
  report,
  targets,
};

const only = (rows, op) => rows.filter(({ task }) => task.op === op);
const column = (row, id, results, of) => results.column(row.id, id, of);

/** The times of an operation by round and turn, less those of the loop alone. */
function net(row, id, results, op) {
  return netOfLoop(roundsOf(row, id, results, op), roundsOf(row, 'noop', results, op));
}

function roundsOf(row, id, results, op) {
  return results.byRound(row.id, id).map((sample) => sample?.repetitions[op] ?? []);
}

/** How many times as long another takes. */
function times(row, id, results, op) {
  return turnRatio(net(row, id, results, op), net(row, 'plateau', results, op));
}

/** The same of the least that a look-up outside the heap can take: more than this nobody reaches here. */
function atMost(row, id, results, op) {
  const ratio = turnRatio(net(row, id, results, op), net(row, 'floor', results, op));
  return ratio && `of floor ${number(ratio.median, 2)}`;
}

const OPERATIONS = [
  { op: 'get', title: 'get, any key' },
  { op: 'popular', title: 'get, Zipf 0.9' },
  { op: 'many', title: 'any 1,000' },
  { op: 'set', title: 'set' },
];

const HOLDING = [
  { name: 'heap, MiB', of: ({ heap }) => heap / MIB },
  { name: 'resident, MiB', of: ({ rss }) => rss / MIB },
  { name: 'longest stall, ms', of: ({ stall }) => stall },
  { name: 'major collections, ms', of: ({ major }) => major },
  { name: 'minor collections, ms', of: ({ minor }) => minor },
  { name: 'filling, ms', of: ({ filling }) => filling },
];

function report(rows, results) {
  const digits = (value) => number(value, value < 100 ? 1 : 0);
  const access = only(rows, 'access').map((row) => ({
    title: `${row.id}: ${row.title}; nanoseconds, a key string made for each, less what noop takes`,
    columns: [
      'store',
      ...OPERATIONS.flatMap(({ title }) => [title, 'min–max', '× plateau']),
      'bytes per entry',
    ],
    rows: row.contenders.map((id) => {
      const cells = OPERATIONS.flatMap(({ op }) => {
        const rounds = id === 'noop' ? roundsOf(row, id, results, op) : net(row, id, results, op);
        const own = spread(rounds.map((round) => median(round) ?? Number.NaN));
        const ratio = id === 'plateau' || id === 'noop' ? undefined : times(row, id, results, op);
        return [digits(own?.median), range(own, digits), ratio === undefined ? '' : number(ratio.median, 2)];
      });
      const overhead = spread(column(row, id, results, (sample) => sample.overhead ?? Number.NaN));
      return [id, ...cells, id === 'plateau' ? digits(overhead?.median) : ''];
    }),
  }));
  const workers = only(rows, 'workers');
  const single = workers.find(({ task }) => task.threads === 1);
  const perSecond = (row) => spread(column(row, 'plateau', results, (sample) => sample.perSecond));
  const tables = [...access];
  if (workers.length > 0) {
    tables.push({
      title: 'workers: look-ups a second of all threads together, 200,000 entries of 100 B',
      columns: ['threads', 'look-ups a second', 'min–max', '× one thread'],
      rows: workers.map((row) => [
        `${row.task.threads}`,
        number(perSecond(row)?.median),
        range(perSecond(row), (value) => number(value)),
        number(perSecond(row)?.median / (single && perSecond(single)?.median), 2),
      ]),
    });
  }
  for (const row of only(rows, 'redis')) {
    const own = spread(column(row, 'plateau', results, (sample) => sample.get));
    tables.push({
      title: `redis: ${row.title}; nanoseconds`,
      columns: ['store', 'get', 'min–max'],
      rows: [['redis', digits(own?.median), range(own, digits)]],
    });
  }
  for (const row of only(rows, 'holding')) {
    tables.push({
      title: `holding: ${row.title}; then 30 s of an application that makes garbage beside them`,
      columns: ['cache', ...HOLDING.map(({ name }) => name)],
      rows: row.contenders.map((id) => [
        id,
        ...HOLDING.map(({ of }) => digits(spread(column(row, id, results, of))?.median)),
      ]),
    });
  }
  return {
    tables,
    notes: [
      'any 1,000: by getMany, or one after the other where there is none that is more; of each',
      'noop: the loop with the making of keys; it is not in the other figures',
      'floor: the least that a look-up outside the heap takes here, an index and text without a store around them (floor.rs)',
      'bytes per entry: all that the store takes besides the bytes of keys and values',
      ...rows.flatMap((row) =>
        row.contenders.flatMap((id) =>
          results.errors(row.id, id).map((error) => `${row.id} ${id}: ${error}`),
        ),
      ),
    ],
    data: rows.map((row) => ({
      id: row.id,
      title: row.title,
      contenders: Object.fromEntries(row.contenders.map((id) => [id, results.samples(row.id, id)])),
    })),
  };
}

function targets(rows, results) {
  const middle = (row, id, of) => row && spread(column(row, id, results, of))?.median;
  const workers = only(rows, 'workers');
  const of = (threads) => workers.find(({ task }) => task.threads === threads);
  const rate = (threads) => middle(of(threads), 'plateau', (sample) => sample.perSecond);
  const [redis] = only(rows, 'redis');
  const [holding] = only(rows, 'holding');
  const first = rows.find(({ id }) => id === 'access/200k/100B');
  // With the loop, as a command's time has its own.
  const own = middle(first, 'plateau', ({ repetitions }) => median(repetitions.get));
  return [
    ...only(rows, 'access').flatMap((row) => [
      {
        name: `${row.id}: get, lmdb / plateau`,
        measured: times(row, 'lmdb', results, 'get')?.median,
        atLeast: 2.5,
        detail: atMost(row, 'lmdb', results, 'get'),
      },
      {
        name: `${row.id}: get, popular keys, lmdb / plateau`,
        measured: times(row, 'lmdb', results, 'popular')?.median,
        atLeast: 2.5,
        detail: atMost(row, 'lmdb', results, 'popular'),
      },
      {
        name: `${row.id}: get, Map / plateau`,
        measured: times(row, 'map', results, 'get')?.median,
        atLeast: 1,
        detail: atMost(row, 'map', results, 'get'),
      },
      {
        name: `${row.id}: set, lmdb / plateau`,
        measured: times(row, 'lmdb', results, 'set')?.median,
        atLeast: 2,
      },
      {
        name: `${row.id}: bytes per entry besides key and value`,
        measured: row.task.size === '100B' ? middle(row, 'plateau', ({ overhead }) => overhead) : undefined,
        atMost: 64,
      },
    ]),
    { name: 'workers: look-ups of 4 threads / 1', measured: rate(4) / rate(1) || undefined, atLeast: 1.7 },
    {
      name: 'redis: get / plateau at 200k/100B',
      measured: (redis && middle(redis, 'plateau', ({ get }) => get) / own) || undefined,
      atLeast: 30,
    },
    {
      name: "holding: V8 heap, share of lru-cache's",
      measured:
        holding &&
        middle(holding, 'plateau', ({ heap }) => heap) / middle(holding, 'lru-cache', ({ heap }) => heap),
      atMost: 0.05,
    },
  ];
}
