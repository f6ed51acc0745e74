import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { report } from './child';

const MB = 2 ** 20;
const node = ['--expose-gc'];

suite('a dropped cache is collected with all it holds, timers and the registry notwithstanding', () => {
  for (const [count, bound] of [
    [1000, 1.5 * MB],
    [10_000, 3 * MB],
  ] as const) {
    test(`${count} caches of all kinds leave no growth`, async () => {
      const found = await report<{
        before: number;
        filled: number;
        after: number;
        listed: number;
        listedAfter: number;
        alive: number;
      }>('dropped', [count], { node });
      const { before, filled, after, ...registry } = found;
      // They did hold something: else the rest would show nothing.
      assert.ok(filled - before > count * 5000, `grown by ${filled - before} bytes when filled`);
      assert.ok(after - before < bound, `grown by ${after - before} bytes after`);
      assert.deepEqual(registry, { listed: count / 2, listedAfter: 0, alive: 0 });
    });
  }
});

suite('a cache under churn holds what it holds, and no more as time goes by', () => {
  for (const policy of ['lru', 's3-fifo']) {
    for (const keys of ['string', 'integer', 'object']) {
      test(`${policy} with ${keys} keys: the floor after a million sets is that after 300,000`, async () => {
        const found = await report<Record<string, number>>('churn', [policy, keys], { node });
        const { early = 0, late = 0, released, replaced, cleared } = found;
        assert.ok(late - early < MB / 2, `from ${early} to ${late} bytes`);
        for (const reason of ['evicted', 'expired', 'deleted'])
          assert.ok((found[reason] ?? 0) > 1000, reason);
        assert.deepEqual({ replaced, cleared }, { replaced: 0, cleared: 0 });
        const { evicted = 0, expired = 0, deleted = 0 } = found;
        assert.equal(evicted + expired + deleted, released);
      });
    }
  }
});

suite('an iterator that is held while entries come and go', () => {
  interface Held {
    /** Bytes that the iterator kept while two million entries were set. */
    held: number;
    /** Whether a value that was removed after it began was still there. */
    keepsValues: boolean;
    /** The key it goes on with. */
    next: number;
    rest: number;
    /** Bytes kept once it has gone on. */
    advanced: number;
  }

  test('keeps no values, at most a quarter of the memory that a Map would, and goes on like that of a Map', async (t) => {
    const { cache, map } = await report<{ cache: Held; map: Held }>('iterator', [], { node });
    t.diagnostic(`held by an iterator over a cache: ${cache.held} bytes, over a Map: ${map.held} bytes`);
    assert.equal(cache.keepsValues, false);
    // 8 bytes for each entry set; a Map's keeps its tables with keys and values, 85 bytes each.
    assert.ok(cache.held < map.held / 4, `${cache.held} bytes, a Map ${map.held}`);
    assert.ok(cache.advanced < MB, `${cache.advanced} bytes when it had gone on`);
    assert.deepEqual([cache.next, cache.rest], [map.next, map.rest]);
  });
});
