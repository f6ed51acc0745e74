/** What the session store does not take, and where its errors go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionData } from 'express-session';
import { sharedCaches } from 'plateau';
import { SharedSessionStore } from 'plateau/express-session';
import { named } from '../shared/support';
import { warningsDuring } from '../support';
import { openStore, promised } from './support';

const any = (value: unknown): never => value as never;

test('options are those of SharedCache without the codec, and checked as there', () => {
  for (const options of [undefined, null, 5, 'sessions', []]) {
    assert.throws(() => new SharedSessionStore(any(options)), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_ARGUMENT',
    });
  }
  const wrong: [object, RegExp][] = [
    [{ codec: 'json' }, /^codec must be left out: sessions are stored as JSON, got "json"/],
    [{ name: '' }, /^name must be/],
    [{ maxBytes: '5' }, /^maxBytes must be/],
    [{ ttl: 0 }, /^ttl must be/],
    [{ ttl: '1d' }, /^ttl must be/],
    [{ prefix: 'sess:' }, /there is no option "prefix"/],
  ];
  for (const [option, message] of wrong) {
    const options = named(option);
    assert.throws(
      () => new SharedSessionStore(any(options)),
      (error: Error & { code: string }) => {
        assert.match(error.code, /^PLATEAU_(INVALID_OPTION|OUT_OF_RANGE)$/);
        assert.match(error.message, message);
        return true;
      },
    );
    assert.ok(!sharedCaches().includes(options.name));
  }
  assert.throws(() => new SharedSessionStore({ name: 'nobody has opened it' }), {
    code: 'PLATEAU_SHARED_NOT_OPEN',
  });
});

test('another store of the name with another ttl is a conflict', (t) => {
  const store = openStore(t);
  const { maxBytes } = store.cache.stats();
  assert.throws(() => new SharedSessionStore({ name: store.cache.name, maxBytes, ttl: 5 }), {
    code: 'PLATEAU_SHARED_CONFLICT',
    message: /^ttl must be 86400000/,
  });
});

test('every method gives its error to its callback and throws none', async (t) => {
  const store = openStore(t, { maxEntryBytes: 1000 });
  const { get, set, touch } = promised(store);
  await set('1', { cookie: {}, user: 'ada' });
  await assert.rejects(set('1', { cookie: {}, notes: 'x'.repeat(2000) }), {
    code: 'PLATEAU_ENTRY_TOO_LARGE',
  });
  assert.equal((await get('1'))?.user, 'ada', 'the old one stays');
  const circle: Record<string, unknown> = { cookie: {} };
  circle.self = circle;
  await assert.rejects(set('1', circle), { code: 'PLATEAU_CODEC' });
  await assert.rejects(set('1', any(undefined)), TypeError);
  await assert.rejects(touch('1', { cookie: { notes: 'x'.repeat(2000) } }), {
    code: 'PLATEAU_ENTRY_TOO_LARGE',
  });
  for (const sid of [undefined, null, 5, {}]) {
    await assert.rejects(get(any(sid)), { code: 'PLATEAU_INVALID_ARGUMENT', message: /^key must be/ });
    await assert.rejects(set(any(sid), { cookie: {} }), { code: 'PLATEAU_INVALID_ARGUMENT' });
  }
  await assert.rejects(get('x'.repeat(70_000)), { code: 'PLATEAU_OUT_OF_RANGE' });
  store.close();
  store.close();
  const closed = promised(store);
  for (const work of [
    closed.get('1'),
    closed.set('1', { cookie: {} }),
    closed.touch('1', { cookie: {} }),
    closed.destroy('1'),
    closed.all(),
    closed.length(),
    closed.clear(),
  ]) {
    await assert.rejects(work, { code: 'PLATEAU_DISPOSED' });
  }
});

test('an error that nobody takes becomes a process warning', async (t) => {
  const store = openStore(t);
  store.close();
  const warnings = await warningsDuring(() => {
    store.set('1', { cookie: {} } as SessionData);
    store.destroy('1');
  });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['PLATEAU_SESSION', 'PLATEAU_SESSION'],
  );
});
