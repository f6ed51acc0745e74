/** Caches of millions. Takes about 20 s and 3 GB: `PLATEAU_SKIP_LARGE=1` leaves the large ones out. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BoundedCache } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';
import { turn } from './fixtures/wait';

const run = promisify(execFile);
const skip = process.env.PLATEAU_SKIP_LARGE !== undefined;

async function inChild(script: string, ...args: string[]): Promise<Record<string, number>> {
  const flags = ['--max-old-space-size=6144', '--expose-gc'];
  const { stdout } = await run(process.execPath, [...flags, join(__dirname, 'fixtures', script), ...args]);
  return JSON.parse(stdout);
}

for (const [keys, policy] of [
  ['integers', 's3-fifo'],
  ['strings', 'lru'],
] as const) {
  test(`nine million entries under ${keys} come and go in an ${policy} cache`, { skip }, async () => {
    const { size, found, deleted, ...rest } = await inChild('large.mjs', keys, policy);
    assert.ok(rest.evicted && deleted && size && found);
    // A place that a deletion freed saves the next set its eviction.
    assert.equal(size, 9_000_000 + 1_000_000 - deleted - rest.evicted);
    assert.ok(size >= 8_999_999);
    assert.ok(found > 800_000);
    const { filled, wrong, walked, oldestGone, newestThere, shrunk, after } = rest;
    assert.deepEqual(
      { filled, wrong, walked, oldestGone, newestThere, shrunk, after },
      {
        ...{ filled: 9_000_000, wrong: 0, walked: size, shrunk: Math.floor(size * 0.001), after: 0 },
        ...{ oldestGone: true, newestThere: true },
      },
    );
  });
}

test('an empty cache for ten million entries costs almost nothing', async () => {
  for (const [kind, bytes] of Object.entries(await inChild('empty-heap.mjs'))) {
    assert.ok(bytes < 16_384, `${kind}: ${bytes} bytes`);
  }
});

test('memory follows the entries up and, after deletions, down', () => {
  const cache = new BoundedCache<number, number>({ maxEntries: 10_000_000, ttl: 1000, sliding: true });
  const bytes = (): number => {
    const { hot, ttls, index, order } = storeOf(cache);
    return hot.byteLength + (ttls?.byteLength ?? 0) + index.tableBytes + order.page.slots.byteLength;
  };
  const empty = bytes();
  for (let i = 0; i < 100_000; i++) cache.set(i, i);
  const full = bytes();
  assert.ok(full < 100_000 * 120, `${full} bytes of arrays for 100,000 entries`);
  for (let i = 0; i < 99_990; i++) cache.delete(i);
  assert.ok(bytes() < full / 100, `${bytes()} bytes of arrays for 10 entries, ${full} for 100,000`);
  cache.clear();
  assert.equal(bytes(), empty);
});

/** How many of the objects are still in memory. */
async function alive(objects: WeakRef<object>[]): Promise<number> {
  for (let i = 0; i < 10; i++) {
    await turn();
    (globalThis.gc as () => void)();
  }
  return objects.filter((object) => object.deref() !== undefined).length;
}

for (const policy of ['lru', 's3-fifo'] as const) {
  test(`what has left an ${policy} cache, key or value, is not kept anywhere, whichever way it left`, async () => {
    const objects: WeakRef<object>[] = [];
    const cache = new BoundedCache<object, object>({ maxEntries: 500, policy, ttl: 1e6 });
    // In functions of their own, whose variables are gone when they return.
    const fill = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const [key, value] = [{ key: i }, { value: i }];
        objects.push(new WeakRef(key), new WeakRef(value));
        cache.set(key, value);
      }
    };
    const remove = (count: number): void => {
      for (const key of [...cache.keys()].slice(0, count)) cache.delete(key);
    };
    fill(800);
    assert.equal(await alive(objects), 1000, 'evicted');
    remove(490);
    assert.ok(storeOf(cache).used < 100, 'the slots have been renumbered');
    remove(5);
    assert.equal(await alive(objects), 10, 'deleted');
    fill(300);
    cache.clear();
    assert.equal(await alive(objects), 0, 'cleared');
  });
}
