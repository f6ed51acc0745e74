/** The store in real Express apps, in worker threads that share it. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import type { SharedSessionStoreOptions } from 'plateau/express-session';
import { SharedSessionStore } from 'plateau/express-session';
import { message, named, start } from '../shared/support';
import { until } from '../support';
import { lasting, promised } from './support';

/** Servers in threads of their own over one store, and the store as this thread sees it. */
async function serve(
  t: TestContext,
  {
    count = 1,
    cookie = {},
    express = 'express',
    ...options
  }: { count?: number; cookie?: object; express?: string } & Partial<SharedSessionStoreOptions> = {},
): Promise<{ store: SharedSessionStore; origins: string[]; workers: Worker[] }> {
  const given = named(options as object) as SharedSessionStoreOptions;
  const store = new SharedSessionStore(given);
  const workers = Array.from({ length: count }, () =>
    start('../../express-session/fixtures/server', { store: given, cookie, express }),
  );
  t.after(async () => {
    for (const worker of workers) await worker.terminate();
    store.close();
  });
  const origins = await Promise.all(workers.map((worker) => message<string>(worker)));
  return { store, origins, workers };
}

/** A browser: keeps its cookie. */
class Browser {
  cookie = '';

  async ask(method: string, url: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(url, { method, headers: this.cookie === '' ? {} : { cookie: this.cookie } });
    const set = response.headers.get('set-cookie');
    if (set !== null) this.cookie = set.split(';')[0] as string;
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async login(origin: string, user: string): Promise<string> {
    const { status, body } = await this.ask('POST', `${origin}/login/${user}`);
    assert.equal(status, 200);
    return body.id as string;
  }
}

for (const express of ['express', 'express4']) {
  test(`${express}: who logs in with one worker is known to the other, and logged out of both`, async (t) => {
    const { store, origins } = await serve(t, { count: 2, express });
    const [one, two] = origins as [string, string];
    const browser = new Browser();
    assert.equal((await browser.ask('GET', `${two}/me`)).status, 401);
    assert.equal(await promised(store).length(), 0, 'no session for a stranger');
    await browser.login(one, 'ada');
    assert.deepEqual((await browser.ask('GET', `${two}/me`)).body, { user: 'ada' });
    await browser.ask('POST', `${two}/items/book`);
    await browser.ask('POST', `${one}/items/pen`);
    assert.deepEqual((await browser.ask('GET', `${two}/me`)).body, { user: 'ada', items: ['book', 'pen'] });
    assert.equal(await promised(store).length(), 1);
    await browser.ask('POST', `${one}/logout`);
    assert.equal((await browser.ask('GET', `${two}/me`)).status, 401);
    assert.equal(await promised(store).length(), 0);
  });
}

test('a login changes the id, and the old id is worth nothing', async (t) => {
  const { origins } = await serve(t);
  const [origin] = origins as [string];
  const browser = new Browser();
  const first = await browser.login(origin, 'ada');
  const thief = new Browser();
  thief.cookie = browser.cookie;
  assert.notEqual(await browser.login(origin, 'ada'), first);
  assert.equal((await browser.ask('GET', `${origin}/me`)).status, 200);
  assert.equal((await thief.ask('GET', `${origin}/me`)).status, 401);
});

test('sessions without end stay within the bound, and those in use stay', async (t) => {
  const { store, origins } = await serve(t, { count: 2, maxBytes: 96 * 1024 });
  const ada = new Browser();
  await ada.login(origins[0] as string, 'ada');
  const first = new Browser();
  await first.login(origins[1] as string, 'first');
  let most = 0;
  for (let i = 0; i < 60; i++) {
    // Each a client that never comes back: what lets MemoryStore grow.
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => new Browser().login(origins[n % 2] as string, `user${i}-${n}`)),
    );
    assert.equal((await ada.ask('GET', `${origins[i % 2]}/me`)).status, 200);
    most = Math.max(most, store.cache.stats().bytes);
  }
  const { maxBytes, removals, entries, sets } = store.cache.stats();
  assert.ok(sets > 1200 && removals.evicted > 500, `${removals.evicted} of ${sets} evicted`);
  assert.ok(most <= maxBytes, `${most} of ${maxBytes}`);
  assert.ok(entries > 50);
  assert.equal((await first.ask('GET', `${origins[0]}/me`)).status, 401, 'made room');
});

test('a request that only reads prolongs its session', async (t) => {
  const { store, origins } = await serve(t, { count: 2, cookie: { maxAge: 60_000 } });
  const browser = new Browser();
  const id = await browser.login(origins[0] as string, 'ada');
  await until(() => store.cache.has(id));
  await promised(store).touch(id, { cookie: { ...lasting(5000), originalMaxAge: 60_000 } });
  assert.ok((store.cache.remainingTtl(id) as number) <= 5000);
  const { sets } = store.cache.stats();
  assert.equal((await browser.ask('GET', `${origins[1]}/me`)).status, 200);
  await until(() => (store.cache.remainingTtl(id) as number) > 50_000, 'prolonged by a minute');
  assert.ok(store.cache.stats().sets >= sets);
  await promised(store).touch(id, { cookie: lasting(20) });
  await until(() => !store.cache.has(id));
  assert.equal((await browser.ask('GET', `${origins[0]}/me`)).status, 401);
});

test('concurrent requests of many people in two workers mix nothing up', async (t) => {
  const { store, origins } = await serve(t, { count: 2 });
  const people = await Promise.all(
    Array.from({ length: 100 }, async (_, i) => {
      const browser = new Browser();
      await browser.login(origins[i % 2] as string, `user${i}`);
      return browser;
    }),
  );
  for (const item of ['a', 'b', 'c']) {
    await Promise.all(
      people.map((browser, i) => browser.ask('POST', `${origins[(i + 1) % 2]}/items/${item}${i}`)),
    );
  }
  const seen = await Promise.all(people.map((browser, i) => browser.ask('GET', `${origins[i % 2]}/me`)));
  for (const [i, { body }] of seen.entries()) {
    assert.deepEqual(body, { user: `user${i}`, items: [`a${i}`, `b${i}`, `c${i}`] });
  }
  assert.equal(await promised(store).length(), 100);
});

test("a session that is too large reaches the app's error handler, and the store goes on", async (t) => {
  const { store, origins, workers } = await serve(t, { maxEntryBytes: 2000 });
  const [origin] = origins as [string];
  const told = message<{ code: string }>(workers[0] as Worker);
  const browser = new Browser();
  await browser.ask('POST', `${origin}/login/ada?notes=5000`);
  assert.equal((await told).code, 'PLATEAU_ENTRY_TOO_LARGE');
  assert.equal((await browser.ask('GET', `${origin}/me`)).status, 401);
  assert.equal(await promised(store).length(), 0);
  await browser.login(origin, 'ada');
  assert.equal((await browser.ask('GET', `${origin}/me`)).status, 200);
});
