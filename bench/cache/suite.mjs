/** Speed of the caches, side by side: reads, reads with a write on a miss, writes that evict. */

import { contenders, packages } from '../harness/contenders.mjs';
import { report } from './report.mjs';
import { targets } from './targets.mjs';

/** Keys that can occur, per entry that fits: with Zipf 0.9 about six reads in ten hit. */
const SPACE_PER_ENTRY = 16;
/** Keys that take turns when every write evicts: none is left when it comes round again, not even in a cache that keeps twice its capacity. */
const CYCLE_PER_ENTRY = 4;

const FULL = { warmUp: 250, duration: 60, repetitions: 9 };
const QUICK = { warmUp: 120, duration: 25, repetitions: 3 };

export const suite = {
  child: new URL('./child.mjs', import.meta.url),
  // Room for the young generation as servers have it by default; nothing else is changed.
  execArgv: [],
  rounds: 5,
  quickRounds: 2,
  timeout: 120_000,
  turns: true,
  packages,
  always: ['noop', 'lru-cache+ttl'],
  rows,
  report,
  targets,
};

/** @returns {import('../harness/rounds.mjs').Row[]} */
function rows({ quick }) {
  const timing = quick ? QUICK : FULL;
  return definitions().map(({ op, capacity, keys, core }) => {
    const space = capacity * (op === 'set-evict' ? CYCLE_PER_ENTRY : SPACE_PER_ENTRY);
    const evicting = op !== 'get-hit';
    const fit = contenders.filter(({ readsOnly }) => !(evicting && readsOnly));
    const misfits = contenders.filter(({ readsOnly }) => evicting && readsOnly);
    return {
      id: `${op}/${short(capacity)}/${keys}`,
      title: `${TITLES[op]}, ${capacity.toLocaleString('en-US')} entries, ${KEY_TITLES[keys]}`,
      tags: core ? ['core'] : ['shapes'],
      contenders: fit.map(({ id }) => id),
      absent: Object.fromEntries(misfits.map(({ id, readsOnly }) => [id, readsOnly ?? ''])),
      task: { op, capacity, keys, space, ...timing },
    };
  });
}

const TITLES = {
  'get-hit': 'get on a hit, uniformly random over a full cache',
  'get-or-set': `get, and set on a miss, Zipf 0.9 over ${SPACE_PER_ENTRY}× the capacity`,
  'set-evict': 'set that evicts',
};

const KEY_TITLES = {
  reused: 'reused key strings',
  fresh: "fresh key strings, 'user:' + id",
  'fresh-cons': "fresh key strings longer than 12 characters, 'session:user:' + id",
  'fresh-url': 'fresh URLs, /api/v1/users/<id>/profile',
  uuid: 'reused UUIDs',
  'fresh-uuid': 'fresh UUIDs, cut from a buffer',
  int: 'integer keys',
};

/** `core` rows are those with a target; the others show what the shape of a key changes. */
function definitions() {
  const core = (op, capacities, shapes) =>
    capacities.flatMap((capacity) => shapes.map((keys) => ({ op, capacity, keys, core: true })));
  const more = (op, capacity, shapes) => shapes.map((keys) => ({ op, capacity, keys, core: false }));
  return [
    ...core('get-hit', [1_000, 100_000], ['reused']),
    ...core('get-or-set', [1_000, 20_000, 200_000], ['reused', 'fresh']),
    ...core('set-evict', [1_000, 20_000, 200_000], ['reused']),
    ...more('get-hit', 1_000, ['fresh', 'int']),
    ...more('get-hit', 100_000, ['fresh']),
    ...more('get-or-set', 20_000, ['fresh-cons', 'fresh-url', 'uuid', 'fresh-uuid', 'int']),
    ...more('set-evict', 20_000, ['fresh']),
  ];
}

function short(capacity) {
  return `${capacity / 1000}k`;
}
