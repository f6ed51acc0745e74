/** The store behind express-rate-limit in real Express apps, in worker threads that share it. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { SharedRateLimitStore, type SharedRateLimitStoreOptions } from 'plateau/rate-limit';
import { message, named, start } from '../shared/support';
import { until } from '../support';

/** Servers in threads of their own over one store, and the store as this thread sees it. */
async function serve(
  t: TestContext,
  limiter: object,
  count = 2,
): Promise<{ store: SharedRateLimitStore; origins: string[] }> {
  const given = named() as SharedRateLimitStoreOptions;
  const store = new SharedRateLimitStore(given);
  const workers = Array.from({ length: count }, () =>
    start('../../rate-limit/fixtures/server', { store: given, limiter }),
  );
  t.after(async () => {
    for (const worker of workers) await worker.terminate();
    store.shutdown();
  });
  return { store, origins: await Promise.all(workers.map((worker) => message<string>(worker))) };
}

async function ask(url: string, client: string, method = 'GET'): Promise<Response> {
  const response = await fetch(url, { method, headers: { client } });
  await response.clone().arrayBuffer();
  return response;
}

/** What express-rate-limit's own checks had to say. */
async function complaints(origins: string[]): Promise<string[]> {
  const each = origins.map(
    async (origin) => (await fetch(`${origin}/complaints`)).json() as Promise<string[]>,
  );
  return (await Promise.all(each)).flat();
}

test('of concurrent requests to two workers, exactly as many pass as the limit says', async (t) => {
  const { store, origins } = await serve(t, { windowMs: 60_000, limit: 50 });
  const statuses = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => (await ask(`${origins[i % 2]}/`, 'ada')).status),
  );
  assert.equal(statuses.filter((status) => status === 200).length, 50);
  assert.equal(statuses.filter((status) => status === 429).length, 150);
  assert.equal(store.get('ada')?.totalHits, 200);
  const other = await ask(`${origins[0]}/`, 'grace');
  assert.equal(other.status, 200);
  assert.match(String(other.headers.get('ratelimit')), /^limit=50, remaining=49, reset=(?:59|60)$/);
  assert.deepEqual(await complaints(origins), []);
});

test('when the window ends, the client may come again', async (t) => {
  const { store, origins } = await serve(t, { windowMs: 400, limit: 2 });
  const first = await ask(`${origins[0]}/`, 'ada');
  assert.equal(first.status, 200);
  await until(() => store.get('ada') === undefined, 'the end of the window');
  const again = await ask(`${origins[1]}/`, 'ada');
  assert.equal(again.status, 200);
  assert.equal(((await again.json()) as { used: number }).used, 1);
});

test('requests that failed are taken back, where the application says so', async (t) => {
  const { store, origins } = await serve(t, { windowMs: 60_000, limit: 3, skipFailedRequests: true });
  for (let i = 0; i < 10; i++) assert.equal((await ask(`${origins[i % 2]}/fail`, 'ada')).status, 500);
  await until(() => store.get('ada')?.totalHits === 0);
  for (let i = 0; i < 3; i++) assert.equal((await ask(`${origins[i % 2]}/`, 'ada')).status, 200);
  assert.equal((await ask(`${origins[0]}/`, 'ada')).status, 429);
  assert.deepEqual(await complaints(origins), []);
});

test('who is forgiven by one worker is forgiven by the other', async (t) => {
  const { origins } = await serve(t, { windowMs: 60_000, limit: 1 });
  assert.equal((await ask(`${origins[0]}/`, 'ada')).status, 200);
  assert.equal((await ask(`${origins[1]}/`, 'ada')).status, 429);
  await ask(`${origins[0]}/forgive/ada`, 'admin', 'POST');
  assert.equal((await ask(`${origins[1]}/`, 'ada')).status, 200);
});

test('a closed store is an error of the request, or lets it pass, as the application says', async (t) => {
  for (const [passOnStoreError, status] of [
    [false, 500],
    [true, 200],
  ] as const) {
    const limiter = { windowMs: 60_000, limit: 5, passOnStoreError, skipFailedRequests: true };
    const { origins } = await serve(t, limiter, 1);
    assert.equal((await ask(`${origins[0]}/`, 'ada')).status, 200);
    await ask(`${origins[0]}/close`, 'admin', 'POST');
    assert.equal((await ask(`${origins[0]}/`, 'ada')).status, status);
    // And the worker is alive.
    assert.ok(await complaints(origins));
  }
});
