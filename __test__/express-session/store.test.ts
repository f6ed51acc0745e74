/**
 * What every session store has to do, by the behaviour that express-session's own store and its suite, and the suite of
 * connect-redis, pin down. All of it also runs on express-session's `MemoryStore`: so it is not our reading of it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import session, { Cookie, MemoryStore, type SessionData, Store } from 'express-session';
import fc from 'fast-check';
import { SharedSessionStore } from 'plateau/express-session';
import { until } from '../support';
import { type Data, lasting, openStore, promised } from './support';

type Make = (t: Parameters<typeof openStore>[0]) => Store;
const stores: [string, Make][] = [
  ['MemoryStore', () => new MemoryStore()],
  ['SharedSessionStore', (t) => openStore(t)],
];

for (const [name, make] of stores) {
  test(`${name}: is a Store of express-session's, with all methods`, (t) => {
    const store = make(t);
    assert.ok(store instanceof Store);
    assert.ok(store instanceof session.Store);
    for (const method of ['get', 'set', 'destroy', 'touch', 'all', 'length', 'clear', 'load'] as const) {
      assert.equal(typeof store[method], 'function', method);
    }
  });

  test(`${name}: gives back what was stored, as JSON says it`, async (t) => {
    const store = promised(make(t));
    const data: Data = {
      cookie: { originalMaxAge: null },
      text: 'ü€😀\u0000"',
      list: [1, null, { deep: true }],
      at: new Date(0),
      gone: undefined,
    };
    await store.set('123', data);
    assert.deepEqual(await store.get('123'), JSON.parse(JSON.stringify(data)));
    await store.set('123', { cookie: { originalMaxAge: null }, second: 1 });
    assert.deepEqual(await store.get('123'), { cookie: { originalMaxAge: null }, second: 1 });
  });

  test(`${name}: an unknown id is no error and no session`, async (t) => {
    const store = promised(make(t));
    assert.equal(await store.get('nobody'), undefined);
    await store.touch('nobody', { cookie: lasting(60_000) });
    await store.destroy('nobody');
    assert.equal(await store.get('nobody'), undefined);
    assert.equal(await store.length(), 0);
  });

  test(`${name}: what was got is the caller's own: changing it changes no session`, async (t) => {
    const store = promised(make(t));
    const data: Data = { cookie: {}, list: [1] };
    await store.set('1', data);
    (data.list as number[]).push(2);
    ((await store.get('1')) as Data).list = [];
    assert.deepEqual((await store.get('1'))?.list, [1]);
  });

  test(`${name}: a session whose cookie expires in the past is none`, async (t) => {
    const store = promised(make(t));
    await store.set('1', { cookie: lasting(60_000) });
    assert.equal(await store.length(), 1);
    await store.set('1', { cookie: lasting(-60_000) });
    assert.equal(await store.get('1'), undefined);
    assert.equal(await store.length(), 0);
    assert.deepEqual(Object.keys(await store.all()), []);
  });

  test(`${name}: a session ends with its cookie`, async (t) => {
    const store = promised(make(t));
    const cookie = new Cookie();
    cookie.maxAge = 40;
    await store.set('short', { cookie } as unknown as Data);
    await store.set('long', { cookie: lasting(60_000) });
    const { expires } = cookie;
    await until(() => Date.now() > (expires as Date).getTime());
    assert.equal(await store.get('short'), undefined);
    assert.equal(await store.length(), 1);
    assert.deepEqual(Object.keys(await store.all()), ['long']);
  });

  test(`${name}: touch prolongs by the cookie and changes nothing else`, async (t) => {
    const store = promised(make(t));
    await store.set('1', { cookie: lasting(60_000), user: 'ada' });
    const later = lasting(120_000);
    await store.touch('1', { cookie: later, user: 'what a request has read long ago' });
    const { cookie, user } = (await store.get('1')) as Data;
    assert.equal(user, 'ada');
    assert.equal(new Date(cookie?.expires as string).getTime(), (later.expires as Date).getTime());
  });

  test(`${name}: all, length, destroy and clear agree`, async (t) => {
    const store = promised(make(t));
    const ids = Array.from({ length: 1000 }, (_, i) => `s${i}`);
    for (const id of ids) await store.set(id, { cookie: lasting(60_000), id });
    assert.equal(await store.length(), 1000);
    const all = await store.all();
    assert.deepEqual(Object.keys(all).sort(), [...ids].sort());
    assert.ok(Object.entries(all).every(([id, data]) => (data as unknown as Data).id === id));
    for (const id of ids.slice(0, 500)) await store.destroy(id);
    assert.equal(await store.length(), 500);
    await store.clear();
    assert.equal(await store.length(), 0);
    assert.equal(await store.get('s999'), undefined);
  });

  test(`${name}: calls back later, never before the method returns, and takes no callback`, async (t) => {
    const store = make(t);
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      store.set('1', { cookie: {} } as SessionData, () => order.push('set'));
      store.get('1', (error, found) => {
        assert.equal(error, null);
        assert.ok(found);
        order.push('get');
      });
      store.destroy('1', (error) => {
        assert.ok(error === undefined || error === null);
        order.push('destroyed');
        resolve();
      });
      order.push('returned');
    });
    assert.deepEqual(order, ['returned', 'set', 'get', 'destroyed']);
    store.set('2', { cookie: {} } as SessionData);
    store.touch?.('2', { cookie: {} } as SessionData);
    assert.ok(await promised(store).get('2'));
    store.destroy('2');
    store.clear?.();
    assert.equal(await promised(store).length(), 0);
  });

  test(`${name}: load makes a Session with a Cookie of what is stored`, async (t) => {
    const store = make(t);
    const cookie = lasting(60_000);
    await promised(store).set('1', { cookie, user: 'ada' });
    const loaded = await new Promise<SessionData & { user?: string }>((resolve, reject) =>
      store.load('1', (error, data) => (error ? reject(error) : resolve(data as SessionData))),
    );
    assert.ok(loaded instanceof (session as unknown as { Session: new () => object }).Session);
    assert.ok(loaded.cookie.expires instanceof Date);
    assert.equal(loaded.cookie.originalMaxAge, 60_000);
    assert.equal(loaded.user, 'ada');
  });
}

test('random programs end as on MemoryStore', async (t) => {
  const ours = openStore(t);
  const sid = fc.constantFrom('a', 'b', 'c', '__proto__', 'ü');
  const cookie = fc.option(fc.constantFrom(-1000, 60_000, 120_000), { nil: undefined });
  const step = fc.oneof(
    fc.record({ op: fc.constantFrom('set' as const, 'touch' as const), sid, cookie, data: fc.jsonValue() }),
    fc.record({ op: fc.constantFrom('get' as const, 'destroy' as const), sid }),
    fc.record({ op: fc.constantFrom('all' as const, 'length' as const, 'clear' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const pair = [promised(ours), promised(new MemoryStore())];
      await pair[0]?.clear();
      for (const one of steps) {
        const value = 'data' in one && {
          cookie: one.cookie === undefined ? {} : lasting(one.cookie),
          data: one.data,
        };
        const [got, expected] = await Promise.all(
          pair.map((store) => {
            if (one.op === 'set' || one.op === 'touch') return store[one.op](one.sid, value as Data);
            if (one.op === 'get' || one.op === 'destroy') return store[one.op](one.sid);
            return store[one.op]();
          }),
        );
        assert.deepEqual(got, expected, one.op);
      }
    }),
    { numRuns: 200 },
  );
});

test('the cache holds a session as long as its cookie, or for ttl: a day, if nothing is said', async (t) => {
  const store = openStore(t);
  const { set, touch } = promised(store);
  const left = (sid: string): number => store.cache.remainingTtl(sid) as number;
  await set('browser', { cookie: {} });
  await set('dated', { cookie: lasting(60_000) });
  await set('text', { cookie: { expires: new Date(Date.now() + 60_000).toISOString() } });
  await set('age', { cookie: { maxAge: 60_000 } });
  await set('odd', { cookie: { expires: 'never' } });
  await set('none', {});
  for (const sid of ['dated', 'text', 'age']) assert.ok(left(sid) > 50_000 && left(sid) <= 60_000, sid);
  for (const sid of ['browser', 'odd', 'none'])
    assert.ok(left(sid) > 86_390_000 && left(sid) <= 86_400_000, sid);
  await touch('dated', { cookie: {} });
  assert.ok(left('dated') > 86_390_000, 'a cookie that lasts as long as the browser');
  await touch('browser', { cookie: lasting(60_000) });
  assert.ok(left('browser') <= 60_000);
  await touch('browser', { cookie: lasting(-1) });
  assert.equal(store.cache.has('browser'), false);

  const brief = openStore(t, { ttl: 60_000 });
  await promised(brief).set('1', { cookie: {} });
  assert.ok((brief.cache.remainingTtl('1') as number) <= 60_000);
});

test('expired sessions leave the cache though nobody asks for them', async (t) => {
  const store = openStore(t);
  const { set } = promised(store);
  for (let i = 0; i < 100; i++) await set(`s${i}`, { cookie: lasting(30) });
  assert.ok(store.cache.stats().payloadBytes > 0);
  await until(() => store.cache.stats().entries === 0);
  assert.equal(store.cache.stats().payloadBytes, 0);
});

test('sessions beyond the bound make room, and those that are used stay', async (t) => {
  const store = openStore(t, { maxBytes: 256 * 1024 });
  const { set, get, touch } = promised(store);
  await set('kept by use', { cookie: {}, user: 'ada' });
  await set('kept by touch', { cookie: {}, user: 'ada' });
  for (let i = 0; i < 5000; i++) {
    await set(`s${i}`, { cookie: lasting(60_000), user: `user ${i}`, cart: Array(20).fill(i) });
    if (i % 50 !== 0) continue;
    assert.ok(await get('kept by use'));
    await touch('kept by touch', { cookie: {} });
  }
  const { bytes, maxBytes, removals, entries } = store.cache.stats();
  assert.ok(bytes <= maxBytes, `${bytes} of ${maxBytes}`);
  assert.ok(entries > 100 && removals.evicted > 3000, `${entries} entries, ${removals.evicted} evicted`);
  assert.ok(await get('s4999'));
  assert.equal(await get('s0'), undefined);
  assert.ok(await get('kept by touch'));
});

test('people who come again stay logged in, however many clients come once', async (t) => {
  const store = openStore(t, { maxBytes: 256 * 1024 });
  const { set, get, touch } = promised(store);
  const people = Array.from({ length: 50 }, (_, i) => `person ${i}`);
  const visit = async (sid: string): Promise<boolean> => {
    const session = await get(sid);
    if (session !== undefined) await touch(sid, session);
    return session !== undefined;
  };
  for (const sid of people) {
    await set(sid, { cookie: {}, user: sid });
    for (let i = 0; i < 3; i++) await visit(sid);
  }
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 4000; i++) await set(`bot ${round} ${i}`, { cookie: {}, user: 'nobody' });
    for (const sid of people) assert.ok(await visit(sid), `${sid} in round ${round}`);
  }
  assert.ok(store.cache.stats().removals.evicted > 10_000);
});

test('a snapshot carries sessions over to another process', async (t) => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const folder = mkdtempSync(`${tmpdir()}/plateau-sessions-`);
  t.after(() => rmSync(folder, { recursive: true }));
  const [before, after] = [openStore(t), openStore(t)];
  await promised(before).set('1', { cookie: lasting(60_000), user: 'ada' });
  await before.cache.snapshotTo(`${folder}/sessions`);
  await after.cache.restoreFrom(`${folder}/sessions`);
  assert.equal((await promised(after).get('1'))?.user, 'ada');
});

test('a store that only names the cache attaches to it, with its time to live and policy', async (t) => {
  const first = openStore(t, { ttl: 60_000, policy: 'lru' });
  const second = new SharedSessionStore({ name: first.cache.name });
  await promised(second).set('1', { cookie: {} });
  assert.ok((first.cache.remainingTtl('1') as number) <= 60_000);
  second.close();
  assert.ok(await promised(first).get('1'));
});
