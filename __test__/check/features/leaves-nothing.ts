/** What the tests here have in common. */

import { test } from 'node:test';
import { type ExpectNoLeakOptions, expectNoLeak } from 'plateau/test';

/** What a use needs of the others: its options, and why it cannot be tested here. */
export interface Use extends Omit<ExpectNoLeakOptions, 'name'> {
  skip?: string | false;
}

/** For what waits for a timer, or for a server, in each call. */
export const SLOW: Use = { iterations: 600, warmup: 800, budget: 128 };
/** For what opens a connection, a file or a thread in each call, and would leave kilobytes. */
export const SLOWEST: Use = { iterations: 240, warmup: 300, budget: 512 };

/**
 * A test that a feature, used as an application would, leaves nothing behind. The warm-up fills caches and logs, and lets
 * V8 see and compile what is called, of which growth would be none of the feature's. The budgets are above what V8 still
 * adds after it, and below what a scope, a listener or a timer takes, the least that a call would leave.
 *
 * @param use is called with a number that it was not called with before
 */
export function leavesNothing(
  name: string,
  use: (call: number) => unknown,
  { skip = false, ...options }: Use = {},
): void {
  test(`${name} leaves nothing behind`, { skip }, async () => {
    let calls = 0;
    await expectNoLeak(() => use(calls++), { name, iterations: 1000, warmup: 1500, budget: 64, ...options });
  });
}
