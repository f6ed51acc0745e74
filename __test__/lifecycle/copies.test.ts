import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { report } from './child';

interface Report {
  sameCopy: { classes: boolean; registries: boolean; names: boolean };
  otherContext: string[];
  droppedContexts: { grown: number; listed: number };
  secondCopy: { another: boolean; released: string[]; listed: number[] };
}

suite('one process, several ways to the package', () => {
  let found: Report;
  before(async () => {
    found = await report<Report>('copies', [], { node: ['--expose-gc'] });
  });

  test('import and require give the same classes, functions and registry', () => {
    assert.deepEqual(found.sameCopy, { classes: true, registries: true, names: true });
  });

  test('options, keys, values and callbacks may come from another vm context', () => {
    assert.deepEqual(found.otherContext, ['expired', 'expired']);
  });

  test('a vm context that has used a named cache with a time to live can be collected', () => {
    assert.equal(found.droppedContexts.listed, 0);
    // Fifty caches of 1,000 values hold 10 MB.
    assert.ok(found.droppedContexts.grown < 2 ** 20, `grown by ${found.droppedContexts.grown} bytes`);
  });

  test('loaded a second time, both copies evict and expire, each with its own registry', () => {
    assert.deepEqual(found.secondCopy, {
      another: true,
      released: [
        'evicted of copy 0',
        'evicted of copy 1',
        'value of copy 0',
        'value of copy 0',
        'value of copy 1',
        'value of copy 1',
      ],
      listed: [1, 1],
    });
  });
});
