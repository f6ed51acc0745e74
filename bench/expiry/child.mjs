/**
 * Fills one cache with entries that expire together, then only watches, without a read, until it has let go of
 * all of them.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  collect,
  mainThreadCpu,
  processCpu,
  runChild,
  settledMemory,
  undisturbedNow,
} from '../harness/child.mjs';
import { contenders } from './contenders.mjs';

/** One entry in so many holds a value of its own, which must be collectable in the end. */
const WATCHED = 1000;
/** Milliseconds between two looks at the cache. */
const INTERVAL = 1;
/** Milliseconds before the first deadline from which on it looks. */
const LEAD = 300;
/** Milliseconds after the last deadline to wait for the cache to be empty. */
const PATIENCE = 10_000;
/** What is spent after the last entry is gone, such as handing back memory, counts as well. */
const AFTERMATH = 200;

await runChild(async ({ contender: id, entries: asked, ttl }) => {
  const { create, sizeOf = (cache) => cache.size, keeps, empty } = find(id);
  const entries = empty ? 0 : asked;
  // Made beforehand and shared by all contenders, so that only what the cache adds is measured.
  const keys = Array.from({ length: entries }, (_, i) => Buffer.from(`user:${i}`).toString('latin1'));
  const shared = { n: 1 };
  // Loads the contender's code, which is not part of what an entry costs.
  await create(1, ttl);
  const before = await settledMemory(20);
  const cache = await create(entries, ttl);

  const started = performance.now();
  const filling = usage();
  const watched = fill(cache, keys, shared);
  const populate = filling();
  const filled = performance.now();
  // Short: entries must not expire before it is over.
  const after = await settledMemory(20, 3);
  const perEntry = {
    heap: (after.heap - before.heap) / entries,
    total: (after.total - before.total) / entries,
  };
  if (performance.now() - started > ttl || (!keeps && sizeOf(cache) !== entries)) {
    throw new Error('the machine is too slow or too busy: entries expired before the watch began');
  }

  // Until shortly before the first deadline nobody looks: what the main thread does now, the cache makes it do.
  const quietly = usage();
  await sleep(Math.max(0, started + ttl - LEAD - performance.now()));
  const upkeep = quietly();
  const patience = filled + ttl + (keeps ? 1000 : PATIENCE);
  const expiring = usage();
  const { stall, emptied } = await watch(cache, sizeOf, keeps, patience);
  await sleep(AFTERMATH);
  const expiry = expiring();
  const left = sizeOf(cache);
  const uncollected = await countAlive(watched);
  return {
    populate,
    upkeep,
    expiry,
    perEntry,
    stall,
    left,
    uncollected,
    // Used once more: collected early, the array would make the entries look cheaper.
    keys: keys.length,
    // From the deadline of the entry that was stored last.
    releaseDelay: emptied === undefined ? undefined : emptied - (filled + ttl),
  };
});

function find(id) {
  const found = contenders.find((contender) => contender.id === id);
  if (found === undefined) throw new Error(`no contender is called ${id}`);
  return found;
}

/** Stores everything within one turn of the event loop; returns weak references to the values that are watched. */
function fill(cache, keys, shared) {
  const watched = [];
  for (let i = 0; i < keys.length; i++) {
    if (i % WATCHED === 0) {
      const value = { n: i };
      watched.push(new WeakRef(value));
      cache.set(keys[i], value);
    } else cache.set(keys[i], shared);
  }
  return watched;
}

/** Starts counting; the function it returns tells wall-clock, main-thread and process time since, in ms. */
function usage() {
  const wall = performance.now();
  const utilization = performance.eventLoopUtilization();
  const main = mainThreadCpu();
  const all = processCpu();
  return () => {
    const { active } = performance.eventLoopUtilization(utilization);
    const now = mainThreadCpu();
    return {
      wall: performance.now() - wall,
      main: main === undefined || now === undefined ? undefined : now - main,
      active,
      process: processCpu() - all,
    };
  };
}

/**
 * Looks every millisecond until the cache is empty. A look that comes late is a stall of the event loop, unless
 * another process had the CPU.
 */
function watch(cache, sizeOf, keeps, patience) {
  return new Promise((resolve) => {
    let last = undisturbedNow();
    let stall = 0;
    const look = () => {
      const now = undisturbedNow();
      stall = Math.max(stall, now - last - INTERVAL);
      last = now;
      const empty = !keeps && sizeOf(cache) === 0;
      if (empty || performance.now() > patience) {
        resolve({ stall, emptied: empty ? performance.now() : undefined });
      } else setTimeout(look, INTERVAL);
    };
    setTimeout(look, INTERVAL);
  });
}

/** How many of the watched values are still reachable though their entries have expired. */
async function countAlive(watched) {
  // A turn each: a weak reference is good for the rest of the job it was made or read in.
  await sleep(1);
  collect();
  await sleep(1);
  collect();
  return watched.filter((reference) => reference.deref() !== undefined).length;
}
