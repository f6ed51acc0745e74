import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { report } from './child';

suite('the keeper thread', { skip: process.platform !== 'linux' && 'wake-ups are counted in /proc' }, () => {
  test('ticks while caches are read, and does not wake while they are idle, though entries will expire', async () => {
    const found = await report<{
      afterImport: number | null;
      withoutTtl: number;
      afterReads: number;
      sizes: number[];
      plain: number;
    }>('keeper');
    assert.equal(found.afterImport, null, 'no thread is started before it is needed');
    // One wake-up may be that of a clock whose last reader was the sweep.
    assert.ok(found.withoutTtl <= 1, `${found.withoutTtl} wake-ups in a second without a time to live`);
    assert.ok(found.afterReads <= 1, `${found.afterReads} wake-ups in an idle second`);
    assert.deepEqual(found.sizes, [0, 0, 1000]);
    assert.equal(found.plain, 1000);
  });
});
