/** Fills new caches one after the other, and notes how long the longest single `set` of each took. */

import { collect, runChild, undisturbedNow } from '../harness/child.mjs';
import { contenderById } from '../harness/contenders.mjs';
import { median } from '../harness/statistics.mjs';

await runChild(async ({ contender, entries, caches }) => {
  const { create } = contenderById(contender);
  // Made beforehand and shared by all contenders.
  const keys = Array.from({ length: entries }, (_, i) => Buffer.from(`user:${i}`).toString('latin1'));
  const value = { n: 1 };
  const fills = [];
  for (let i = 0; i < caches; i++) {
    const cache = await create(entries);
    collect();
    fills.push(fill(cache, keys, value));
  }
  const [first, ...others] = fills;
  // Of hundreds the medians will do.
  const of = (pick) => median(others.map(pick));
  const later = { total: of(({ total }) => total), longest: of(({ longest }) => longest) };
  return { first, later, keys: keys.length };
});

/** Milliseconds in all, and of the longest `set`; a collection that falls into it counts. */
function fill(cache, keys, value) {
  const undisturbed = undisturbedNow();
  let longest = 0;
  let before = performance.now();
  for (const key of keys) {
    cache.set(key, value);
    const now = performance.now();
    if (now - before > longest) longest = now - before;
    before = now;
  }
  return { total: undisturbedNow() - undisturbed, longest };
}
