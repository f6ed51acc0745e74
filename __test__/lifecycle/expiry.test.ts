import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { report } from './child';

suite('expired entries are released though nobody touches the cache', () => {
  for (const policy of ['lru', 's3-fifo']) {
    test(`200,000 of them (${policy}) in an idle process: each reported once, over many turns`, async (t) => {
      const { turns, longest, ...rest } = await report<{
        once: boolean;
        wrong: number;
        size: number;
        turns: number;
        longest: string;
      }>('expire-together', [policy]);
      t.diagnostic(`${turns} turns, of which the longest took ${longest} ms`);
      assert.deepEqual(rest, { once: true, wrong: 0, size: 0 });
      assert.ok(turns > 1, 'all in one turn of the event loop');
    });
  }

  test('a hundred caches whose entries expire together share the turns', async (t) => {
    const { turns, most, ...rest } = await report<{
      removed: number;
      entries: number;
      turns: number;
      most: number;
    }>('many-sweeps');
    t.diagnostic(`${turns} turns, with ${most} entries in the fullest`);
    assert.deepEqual(rest, { removed: 500_000, entries: 0 });
    // If each cache took its millisecond in every turn, there would be one or two.
    assert.ok(turns >= 5, `${turns} turns`);
  });

  test('an entry expires for a reader that never lets the event loop run', async () => {
    const reads = await report<number[]>('busy');
    for (const count of reads) assert.ok(count > 0);
  });
});

suite('a cache may be changed while a sweep is under way: it stays valid, and everything expires in the end', () => {
  for (const what of ['set', 'shrink']) {
    test(`what is put where the sweep has been already (by ${what})`, async () => {
      const found = await report<{ before: number; after: number; size: number }>('behind-sweep', [what]);
      assert.ok(found.before > 50_000, `${found.before} entries were left to be swept`);
      assert.equal(found.after, what === 'set' ? found.before + 100 : 100);
      assert.equal(found.size, 0);
    });
  }

  for (const how of ['turns', 'callbacks']) {
    for (const policy of ['lru', 's3-fifo']) {
      for (const seed of [1, 2]) {
        test(`between ${how} (${policy}, seed ${seed})`, async () => {
          const found = await report('sweep-meddled', [how, policy, seed]);
          assert.deepEqual(found, { size: 0, unknown: 0, changed: 200, kinds: 10 });
        });
      }
    }
  }
});
