import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';

/** Around doublings, and around the point from which a large store makes memory ready for the next one. */
const interesting = [
  15, 16, 1023, 1024, 28_671, 28_672, 28_700, 32_767, 32_768, 57_344, 65_535, 65_536, 131_072,
];

for (const policy of ['lru', 's3-fifo'] as const) {
  test(`a cache is whole after every doubling, ${policy}`, () => {
    const cache = new BoundedCache<string | symbol, number>({ maxEntries: 10_000_000, policy, ttl: 60_000 });
    // Keys without a hash go elsewhere, and have to stay where they are.
    const symbols = Array.from({ length: 10 }, () => Symbol());
    for (const symbol of symbols) cache.set(symbol, -1);
    let next = 0;
    for (const size of interesting) {
      while (cache.size < size) cache.set(`key:${next}`, next++);
      storeOf(cache).validate();
    }
    for (let i = 0; i < next; i++) assert.equal(cache.get(`key:${i}`), i);
    for (const symbol of symbols) assert.equal(cache.get(symbol), -1);
    assert.equal([...cache.keys()].length, cache.size);
  });
}

test('what was made ready for growth that does not come is given up', async () => {
  const bytes = (): number => {
    globalThis.gc?.();
    return process.memoryUsage().arrayBuffers;
  };
  const cache = new BoundedCache<number, number>({ maxEntries: 10_000_000 });
  const before = bytes();
  // Just before the doubling at 65,536 slots: everything is reserved.
  for (let i = 0; i < 65_500; i++) cache.set(i, i);
  const full = bytes() - before;
  cache.shrinkTo(0.01);
  storeOf(cache).validate();
  cache.clear();
  // V8 frees buffers on another thread, after the collection.
  let left = bytes() - before;
  for (let tries = 0; tries < 50 && left >= full / 20; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = bytes() - before;
  }
  assert.ok(left < full / 20, `${left} of ${full} bytes are left`);
});

test('keys without a hash survive renumbering', () => {
  const cache = new BoundedCache<unknown, number>({ maxEntries: 100_000 });
  const objects = Array.from({ length: 500 }, (_, i) => ({ i }));
  for (let i = 0; i < 20_000; i++) {
    cache.set(`key:${i}`, i);
    if (i % 40 === 0) cache.set(objects[i / 40], i);
  }
  for (let i = 0; i < 20_000; i++) if (i % 50 !== 0) cache.delete(`key:${i}`);
  cache.resize({ maxEntries: 5000 });
  storeOf(cache).validate();
  objects.forEach((object, i) => {
    assert.equal(cache.get(object), i * 40);
  });
});
