/** Measures one contender in one row: fill, warm up, then several repetitions of which the median counts. */

import { myTurn, runChild } from '../harness/child.mjs';
import { contenderById } from '../harness/contenders.mjs';
import { shuffledIds, uniformIds, zipfIds } from '../harness/random.mjs';
import { median } from '../harness/statistics.mjs';
import { keyMaker } from './keys.mjs';
import { getHit, getOrSet, setEvict, VALUES } from './operations.mjs';
import { Runner } from './runner.mjs';

const SEED = 20_131;
/** Long enough that the branch predictor does not learn it, and that no small cache holds a whole round of it. */
const SEQUENCE = 2 ** 20;
/** Long enough that no large cache sees it come round: a policy that withstands scans would keep a part of the round. */
const LONG_SEQUENCE = 2 ** 22;
const LARGE = 100_000;

await runChild(async (task) => {
  const { ids, space, operation } = workload(task);
  const keyOf = keyMaker(task.keys, ids, space);
  const values = Array.from({ length: VALUES }, () => ({ n: 1 }));
  const cache = await contenderById(task.contender).create(task.capacity);
  // Before the loop that is measured: a cache that fills has other costs than a full one.
  for (const id of prefill(task, ids)) cache.set(keyOf(id), values[id & (VALUES - 1)]);
  const runner = new Runner(ids, (from, to) => operation(cache, keyOf, ids, values, from, to));
  await runner.warmUp(task.warmUp, task.op === 'get-hit' ? 0 : task.capacity * 4);
  const repetitions = [];
  const wall = [];
  let hits = 0;
  let operations = 0;
  for (let i = 0; i < task.repetitions; i++) {
    await myTurn();
    // What the others have pushed out of the processor's caches comes back first.
    await runner.warmUp(task.duration / 6, 0);
    const result = await runner.run(task.duration);
    repetitions.push(result.nanoseconds / result.operations);
    wall.push(result.wall / result.operations);
    hits += result.result;
    operations += result.operations;
  }
  return {
    ns: median(repetitions),
    hitRatio: hits / operations,
    operations,
    chunk: runner.chunk,
    repetitions,
  };
});

function workload({ op, capacity, space }) {
  switch (op) {
    case 'get-hit':
      return { ids: uniformIds(SEQUENCE, capacity, SEED), space: capacity, operation: getHit };
    case 'get-or-set':
      return {
        ids: zipfIds(capacity < LARGE ? SEQUENCE : LONG_SEQUENCE, space, 0.9, SEED),
        space,
        operation: getOrSet,
      };
    case 'set-evict':
      return { ids: shuffledIds(space, SEED), space, operation: setEvict };
    default:
      throw new Error(`no operation is called ${op}`);
  }
}

/** The ids that fill the cache: all that will be read, or the first of the sequence that are not the same. */
function prefill({ op, capacity }, ids) {
  if (op === 'get-hit') return shuffledIds(capacity, SEED + 1);
  const first = new Set();
  for (let i = ids.length - 1; i >= 0 && first.size < capacity; i--) first.add(ids[i]);
  return [...first].reverse();
}
