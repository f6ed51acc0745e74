/** What the adapter does not take, and how Keyv tells of what goes wrong. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Keyv } from 'keyv';
import { BoundedCache, SharedCache } from 'plateau';
import { KeyvStore } from 'plateau/keyv';
import { named, open } from '../shared/support';

const any = (value: unknown): never => value as never;

test('what is no cache, no namespace or no option is refused', () => {
  for (const cache of [
    undefined,
    null,
    {},
    new Map(),
    'cache',
    { get() {}, set() {}, delete() {}, clear() {} },
  ]) {
    assert.throws(() => new KeyvStore(any(cache)), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /^cache must be a SharedCache or a BoundedCache, got /,
    });
  }
  const cache = new BoundedCache({ maxEntries: 10 });
  for (const namespace of [5, null, {}, 'a\0b']) {
    assert.throws(() => new KeyvStore(cache, { namespace: any(namespace) }), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_OPTION',
      message: /^namespace must be a string without NUL characters, got /,
    });
    assert.throws(() => Object.assign(new KeyvStore(cache), { namespace }), {
      code: 'PLATEAU_INVALID_OPTION',
    });
  }
  assert.throws(() => new KeyvStore(cache, any({ ttl: 5 })), {
    code: 'PLATEAU_INVALID_OPTION',
    message: /there is no option "ttl"/,
  });
  assert.throws(() => new KeyvStore(cache, any(null)), { code: 'PLATEAU_INVALID_ARGUMENT' });
});

test('keys, batches and times to live are checked, and nothing is stored', async (t) => {
  const cache = open(t);
  const store = new KeyvStore(cache);
  const wrong = { name: 'TypeError', code: 'PLATEAU_INVALID_ARGUMENT' };
  for (const key of [undefined, null, 5, Symbol('s'), {}, ['a']]) {
    const work = [
      store.get(any(key)),
      store.has(any(key)),
      store.set(any(key), 'v'),
      store.delete(any(key)),
      store.getMany(any(['a', key])),
      store.hasMany(any(['a', key])),
      store.deleteMany(any(['a', key])),
      store.setMany(
        any([
          { key: 'a', value: 'v' },
          { key, value: 'v' },
        ]),
      ),
    ];
    for (const one of work) await assert.rejects(one, { ...wrong, message: /^key must be a string, got / });
  }
  for (const keys of [undefined, 'abc', 5, {}, null]) {
    for (const method of ['getMany', 'hasMany', 'deleteMany'] as const) {
      await assert.rejects(store[method](any(keys)), {
        ...wrong,
        message: /^keys must be an array of strings/,
      });
    }
    await assert.rejects(store.setMany(any(keys)), { ...wrong, message: /^entries must be an array of/ });
    await assert.rejects(store.setMany(any([keys])), wrong);
  }
  for (const ttl of ['5m', Number.NaN, {}, 5n]) {
    const message = /^ttl must be a number of milliseconds, got /;
    await assert.rejects(store.set('k', 'v', any(ttl)), { ...wrong, message });
    await assert.rejects(store.setMany([{ key: 'k', value: 'v', ttl: any(ttl) }]), { ...wrong, message });
  }
  assert.equal(cache.size, 0);
});

test('of a batch, the entry that the cache does not take is told, and the others are stored', async (t) => {
  const cache = open(t, { maxEntryBytes: 1000 });
  const store = new KeyvStore(cache, { namespace: 'n' });
  const errors: (Error & { code?: string })[] = [];
  store.on('error', (error) => errors.push(error));
  const entries = [
    { key: 'a', value: 'v' },
    { key: 'b', value: 'x'.repeat(2000) },
    { key: 'c', value: 'v' },
  ];
  assert.deepEqual(await store.setMany(entries), [true, false, true]);
  assert.deepEqual(await store.hasMany(['a', 'b', 'c']), [true, false, true]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['PLATEAU_ENTRY_TOO_LARGE'],
  );
});

test('a value that a BoundedCache refuses for its size is not reported as stored', async () => {
  const keyv = new Keyv({ store: new KeyvStore(new BoundedCache({ maxBytes: 1000 })) });
  assert.equal(await keyv.set('small', 'v'), true);
  assert.equal(await keyv.set('large', 'x'.repeat(5000)), false);
  assert.equal(await keyv.get('large'), undefined);
});

test('Keyv tells each failure once, and goes on', async () => {
  const cache = new SharedCache(named({ maxEntryBytes: 1000 }));
  const keyv = new Keyv({ store: new KeyvStore(cache) });
  const codes: unknown[] = [];
  keyv.on('error', (error: Error & { code?: string }) => codes.push(error.code));
  const told = async (work: () => Promise<unknown>): Promise<[unknown, unknown[]]> => {
    codes.length = 0;
    const result = await work().catch((error: Error & { code?: string }) => `rejected: ${error.code}`);
    return [result, [...codes]];
  };
  assert.deepEqual(await told(() => keyv.set('key', 'x'.repeat(2000))), [false, ['PLATEAU_ENTRY_TOO_LARGE']]);
  assert.deepEqual(await told(() => keyv.set('k'.repeat(70_000), 'v')), [false, ['PLATEAU_OUT_OF_RANGE']]);
  cache.close();
  assert.deepEqual(await told(() => keyv.get('key')), [undefined, ['PLATEAU_DISPOSED']]);
  assert.deepEqual(await told(() => keyv.set('key', 1)), [false, ['PLATEAU_DISPOSED']]);
  assert.deepEqual(await told(() => keyv.delete('key')), [false, ['PLATEAU_DISPOSED']]);
  assert.deepEqual(await told(() => keyv.delete(['key'])), [false, ['PLATEAU_DISPOSED']]);
  assert.deepEqual(await told(() => keyv.clear()), [undefined, ['PLATEAU_DISPOSED']]);
  assert.deepEqual(await told(() => keyv.getMany(['key'])), [
    'rejected: PLATEAU_DISPOSED',
    ['PLATEAU_DISPOSED'],
  ]);
  assert.deepEqual(await told(() => keyv.has('key')), ['rejected: PLATEAU_DISPOSED', ['PLATEAU_DISPOSED']]);
  const strict = new Keyv({ store: new KeyvStore(cache), throwOnErrors: true });
  await assert.rejects(strict.get('key'), { code: 'PLATEAU_DISPOSED' });
});

test('without a listener a failure rejects and nothing else happens', async () => {
  const cache = new SharedCache(named());
  cache.close();
  await assert.rejects(new KeyvStore(cache).get('key'), { code: 'PLATEAU_DISPOSED' });
  await assert.rejects(new KeyvStore(cache).iterator().next(), { code: 'PLATEAU_DISPOSED' });
});
