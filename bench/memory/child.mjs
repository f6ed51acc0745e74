/** Measures the memory one cache takes: full, or empty with a large bound. */

import { runChild, settledMemory } from '../harness/child.mjs';
import { contenderById } from '../harness/contenders.mjs';

await runChild(async ({ contender, capacity, entries }) => {
  const { create } = contenderById(contender);
  // Keys and the value exist before and are shared, so that only what the cache adds is measured.
  const keys = Array.from({ length: entries }, (_, i) => Buffer.from(`user:${i}`).toString('latin1'));
  const value = { n: 1 };
  // Loads the contender's code, and looks every key up once: caches that keep their entries in an object make V8
  // enter the keys in its table of strings, which is no memory of the cache.
  const small = await create(1);
  for (const key of keys) small.get(key);
  // Twice, since measuring takes memory as well, the first time.
  await settledMemory();
  const before = await settledMemory();
  const cache = await create(capacity);
  for (const key of keys) cache.set(key, value);
  const after = await settledMemory();
  const used = {
    heap: after.heap - before.heap,
    total: after.total - before.total,
    rss: after.rss - before.rss,
  };
  // Both are used once more, or the collector could have taken them before.
  return { ...used, held: cache.size ?? cache.getStats().keys, keys: keys.length };
});
