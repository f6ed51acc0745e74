/** Measures one store in one row. */

import { PerformanceObserver } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { myTurn, runChild, settledMemory, undisturbedNow } from '../harness/child.mjs';
import { shuffledIds, zipfIds } from '../harness/random.mjs';
import { connect, startRedis } from '../harness/redis.mjs';
import { contenders } from './contenders.mjs';
import { keyOf, makeValues, meanSize } from './data.mjs';

/** Turns that each contender has in a round. */
const REPETITIONS = 5;
/** Look-ups that are timed in each. */
const TIMED = 100_000;
/** Writes that are timed in one turn of their own: in fewer at a time each costs lmdb many times as much. */
const WRITES = 400_000;
/** Look-ups before, for what the others have pushed out of the processor's caches to come back. */
const AGAIN = 50_000;
/** Keys that are looked up together. */
const TOGETHER = 1000;
/** Popular keys: more than are asked for. */
const DRAWN = 1_000_000;

const measures = {
  /** A look-up of any key, or of popular ones (Zipf 0.9), or of many at once, with a key string made for each, and a write,
   *  over a filled store; the loop itself included. */
  async access({ contender, entries, size }) {
    const store = await filled(contender, entries, size);
    const { opened, values } = store;
    // Not the order of the insertions: neighbours in memory would else be asked for one after the other.
    const ids = shuffledIds(entries, 23);
    const popular = zipfIds(DRAWN, entries, 0.9, 29);
    /** @type {Record<'get' | 'popular' | 'many' | 'set', number[]>} */
    const repetitions = { get: [], popular: [], many: [], set: [] };
    const batch = opened.batch ?? ((writes) => writes());
    const any = (i) => opened.get(keyOf(ids[i % entries])).length;
    const asked = (i) => opened.get(keyOf(popular[i % DRAWN])).length;
    const getMany = opened.getMany ?? ((keys) => keys.map((key) => opened.get(key)));
    const many = (i) => {
      const keys = Array.from({ length: TOGETHER }, (_, at) => keyOf(ids[(i * TOGETHER + at) % entries]));
      return getMany(keys).length;
    };
    const write = (i) => opened.set(keyOf(ids[i % entries]), values[(i + 13) & 1023]);
    // Compiled first.
    for (const call of [any, asked]) time(0, 2 * TIMED, call);
    time(0, TIMED / TOGETHER, many);
    if (!opened.filled) batch(() => time(0, AGAIN, write));
    for (let turn = 0; turn < REPETITIONS; turn++) {
      await myTurn();
      const from = turn * (AGAIN + TIMED);
      time(from, AGAIN, any);
      repetitions.get.push(time(from + AGAIN, TIMED, any));
      repetitions.popular.push(time(from, TIMED, asked));
      repetitions.many.push(time(from / TOGETHER, TIMED / TOGETHER, many) / TOGETHER);
    }
    await myTurn();
    if (!opened.filled) repetitions.set.push(batch(() => time(0, WRITES, write)));
    const stats = opened.stats?.();
    await opened.close();
    return {
      repetitions,
      overhead: stats && (stats.bytes - stats.payloadBytes) / stats.entries,
      bytes: stats?.bytes,
    };
  },

  /** Look-ups in all threads at once: how many a second together. */
  async workers({ contender, entries, size, threads, seconds }) {
    const { opened } = await filled(contender, entries, size);
    const url = new URL('./reader.mjs', import.meta.url);
    const workerData = { entries, seconds, threads };
    const all = Array.from({ length: threads }, () => new Worker(url, { workerData }));
    const counts = await Promise.all(
      all.map(
        (worker) => new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject)),
      ),
    );
    await opened.close();
    return { perSecond: counts.reduce((sum, { perSecond }) => sum + perSecond, 0) };
  },

  /** A Redis on the same machine, one command at a time. */
  async redis() {
    const { client } = await connect('redis', await startRedis());
    const values = makeValues('100B');
    for (let i = 0; i < 2000; i++) await client.set(keyOf(i), values[i & 1023]);
    const get = async (count) => {
      for (let i = 0; i < count; i++) await client.get(keyOf(i % 2000));
    };
    await get(5000);
    const start = performance.now();
    await get(20_000);
    return { get: ((performance.now() - start) * 1e6) / 20_000 };
  },

  /** What holding the entries costs the process, and the event loop while garbage is made beside them. */
  async holding({ contender, entries, size }) {
    await settledMemory();
    const before = await settledMemory();
    const collections = { major: 0, minor: 0 };
    const observer = new PerformanceObserver((list) => {
      for (const { duration, detail } of /** @type {any[]} */ (list.getEntries()))
        collections[detail.kind === 4 ? 'major' : 'minor'] += duration;
    });
    observer.observe({ entryTypes: ['gc'] });
    const started = undisturbedNow();
    const { opened } = await filled(contender, entries, size);
    const look = shuffledIds(entries, 23);
    const filling = undisturbedNow() - started;
    const after = await settledMemory(50, 4);
    await new Promise(setImmediate);
    collections.major = collections.minor = 0;
    // Half a minute of an application beside it: garbage, look-ups, and a look at the clock every turn.
    let stall = 0;
    const end = performance.now() + 30_000;
    const kept = [];
    for (let turn = 0, last = undisturbedNow(); performance.now() < end; turn++) {
      for (let i = 0; i < 200; i++) {
        opened.get(keyOf(look[(turn * 200 + i) % entries]));
        kept[(turn * 7 + i) % 50_000] = { turn, text: `${turn} ${i}` };
      }
      await new Promise(setImmediate);
      const now = undisturbedNow();
      stall = Math.max(stall, now - last);
      last = now;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    const bytes = opened.stats?.().bytes;
    return {
      heap: after.heap - before.heap,
      rss: after.rss - before.rss,
      filling,
      stall,
      major: collections.major,
      minor: collections.minor,
      bytes,
    };
  },
};

async function filled(contender, entries, size) {
  const opened = await contenders[contender](entries, meanSize[size]);
  const values = makeValues(size);
  const order = shuffledIds(entries, 11);
  const batch = opened.batch ?? ((writes) => writes());
  batch(() => {
    // A value of its own per entry, as an application has it; strings in a heap would else be one and the same.
    for (const number of order)
      opened.set(keyOf(number), `${values[number & 1023].slice(8)}${10_000_000 + number}`);
  });
  return { opened, values, order };
}

/** Nanoseconds of one of so many calls. */
function time(from, count, call) {
  let used = 0;
  const start = undisturbedNow();
  for (let i = from; i < from + count; i++) used += Number(call(i)) || 1;
  const taken = ((undisturbedNow() - start) * 1e6) / count;
  if (used === 0) throw new Error('nothing was done');
  return taken;
}

await runChild(async (task) => {
  // What takes no turns has its only one at the start.
  if (task.op !== 'access') await myTurn();
  return measures[task.op](task);
});
