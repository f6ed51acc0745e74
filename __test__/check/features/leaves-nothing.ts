/** What the tests here have in common. */

import { test } from 'node:test';
import { type ExpectNoLeakOptions, expectNoLeak } from 'plateau/test';

/** What a use needs of the others: its options, and why it cannot be tested here. */
export interface Use extends Omit<ExpectNoLeakOptions, 'name'> {
  skip?: string | false;
}

/**
 * A test that a feature, used as an application would, leaves nothing behind. Few calls: 12 kB in all are noise to
 * `expectNoLeak`, so 500 find whatever leaves an object per call. The warm-up fills caches, logs and V8's feedback, of
 * which growth would be none of the feature's.
 */
export function leavesNothing(
  name: string,
  use: (iteration: number) => unknown,
  { skip = false, ...options }: Use = {},
): void {
  test(`${name} leaves nothing behind`, { skip }, async () => {
    await expectNoLeak(use, { name, iterations: 500, warmup: 300, ...options });
  });
}
