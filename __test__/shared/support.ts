/** What the tests of the shared cache need. */

import { once } from 'node:events';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { SharedCache, type SharedCacheOptions } from 'plateau';
import { nativeOf } from '../../dist/testing.cjs';

let names = 0;

/** Options with a name that nobody else has. */
export function named<V = string>(options: Partial<SharedCacheOptions<V>> = {}): SharedCacheOptions<V> {
  return { name: `test-${process.pid}-${names++}`, maxBytes: 4 * 2 ** 20, ...options };
}

/** A cache of the test's own, closed after it. */
export function open<V = string>(
  t: TestContext,
  options: Partial<SharedCacheOptions<V>> = {},
): SharedCache<V> {
  const cache = new SharedCache<V>(named(options));
  t.after(() => cache.close());
  return cache;
}

/** What is wrong with the store behind a cache, if anything. */
export function validate(
  cache: SharedCache<never> | SharedCache<string> | SharedCache<unknown>,
): string | undefined {
  return nativeOf(cache as SharedCache<unknown>).validate();
}

/** A worker that runs a fixture; its messages are what it reports. */
export function start(fixture: string, workerData: unknown): Worker {
  return new Worker(join(__dirname, 'fixtures', `${fixture}.mjs`), { workerData });
}

/** The next message of a worker; throws what it throws. */
export async function message<T>(worker: Worker): Promise<T> {
  const [value] = (await once(worker, 'message')) as [T];
  return value;
}
