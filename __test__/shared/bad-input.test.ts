/** What is not acceptable: a coded error that names it, and nothing has changed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SharedCache, type SharedCacheOptions, sharedCaches } from 'plateau';
import { named, open, validate } from './support';

const any = (value: unknown): never => value as never;
const nobodys = [
  undefined,
  null,
  5,
  5n,
  true,
  Symbol('s'),
  {},
  [],
  () => 'x',
  new Map(),
  new Float64Array(2),
];

test('every option is checked, and no cache is made', () => {
  const wrong: [keyof SharedCacheOptions<string>, unknown[]][] = [
    ['name', [undefined, null, '', 5, {}, 'x'.repeat(201)]],
    [
      'maxBytes',
      [null, '5', 0, -1, 1.5, Number.NaN, 16_383, 17_179_869_185, Number.POSITIVE_INFINITY, 5n, {}],
    ],
    ['maxEntries', [null, '5', 0, -1, 1.5, Number.NaN, 2 ** 40, {}]],
    ['maxEntryBytes', [null, '5', 0, -1, 1.5, Number.NaN, 2 ** 22, Number.POSITIVE_INFINITY, {}]],
    ['ttl', [null, '5', 0, -1, Number.NaN, {}]],
    ['policy', [null, 'fifo', 5, {}]],
    ['codec', [null, 'text', 5, {}, { name: 'x', encode() {} }, { name: '', encode() {}, decode() {} }]],
    ['codec', [{ name: 'json', encode() {}, decode() {} }, 'toString']],
    ['compress', [null, 'yes', 0, -1, 1.5, Number.NaN, {}]],
  ];
  for (const [option, values] of wrong) {
    for (const value of values) {
      const options = named({ [option]: value });
      assert.throws(
        () => new SharedCache(options),
        (error: Error & { code: string }) => {
          assert.match(error.code, /^PLATEAU_(INVALID_OPTION|OUT_OF_RANGE)$/);
          assert.ok(error.message.startsWith(option), error.message);
          return error instanceof (error.code === 'PLATEAU_OUT_OF_RANGE' ? RangeError : TypeError);
        },
        `${option}: ${String(value)}`,
      );
      assert.ok(!sharedCaches().includes(String(options.name)));
    }
  }
  assert.throws(() => new SharedCache(any(undefined)), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(() => new SharedCache(any({ ...named(), size: 5 })), {
    message: /there is no option "size"/,
  });
});

test('a name that is open with another value of an option is a conflict that says which', (t) => {
  const options = named({ maxEntries: 10, ttl: 500, codec: 'json' });
  const cache = new SharedCache(options);
  t.after(() => cache.close());
  const conflicts: [Partial<SharedCacheOptions<string>>, RegExp][] = [
    [{ codec: 'utf8' }, /^codec must be 'json', with which .* got 'utf8'$/],
    [{ maxBytes: 2 ** 20 }, /^maxBytes must be 4194304, .* got 1048576$/],
    [{ maxEntries: 11 }, /^maxEntries must be 10, /],
    [{ maxEntryBytes: 5 }, /^maxEntryBytes must be 262144, /],
    [{ ttl: 501 }, /^ttl must be 500, /],
    [{ policy: 's3-fifo' }, /^policy must be 'lru', /],
    [{ compress: true }, /^compress must be Infinity, /],
  ];
  for (const [other, message] of conflicts) {
    assert.throws(() => new SharedCache({ name: options.name, ...other }), {
      code: 'PLATEAU_SHARED_CONFLICT',
      message,
    });
  }
  assert.equal(cache.stats().handles, 1);
  assert.throws(() => new SharedCache({ name: 'nobody has opened this' }), {
    code: 'PLATEAU_SHARED_NOT_OPEN',
    message: /^maxBytes must be given/,
  });
});

test('a codec of your own must be given by everybody', (t) => {
  const codec = { name: 'upper', encode: (value: string) => value.toUpperCase(), decode: String };
  const options = named({ codec });
  const cache = new SharedCache(options);
  t.after(() => cache.close());
  assert.throws(() => new SharedCache({ name: options.name }), {
    message: /^codec must be the codec "upper"/,
  });
  assert.equal(cache.stats().handles, 1);
});

test('what is no key is refused by every method', async (t) => {
  const cache = open(t);
  cache.set('a', '1');
  const methods: ((key: never) => unknown)[] = [
    (key) => cache.get(key),
    (key) => cache.peek(key),
    (key) => cache.has(key),
    (key) => cache.remainingTtl(key),
    (key) => cache.set(key, 'v'),
    (key) => cache.setIfAbsent(key, 'v'),
    (key) => cache.compareAndSet(key, undefined, 'v'),
    (key) => cache.update(key, () => 'v'),
    (key) => cache.incr(key),
    (key) => cache.delete(key),
    (key) => cache.take(key),
    (key) => cache.getMany([key]),
    (key) => cache.setMany([[key, 'v']]),
    (key) => cache.restore({ format: 'plateau.cache', version: 1, at: 0, entries: [{ key, value: 'v' }] }),
  ];
  for (const method of methods) {
    for (const key of nobodys) {
      assert.throws(() => method(any(key)), {
        name: 'TypeError',
        code: 'PLATEAU_INVALID_ARGUMENT',
        message: /^key must/,
      });
    }
  }
  for (const key of nobodys) {
    assert.throws(() => void cache.getOrLoad(any(key), () => 'v'), { code: 'PLATEAU_INVALID_ARGUMENT' });
  }
  assert.deepEqual([...cache], [['a', '1']]);
  assert.equal(validate(cache), undefined);
});

test('what a codec does not take is refused', (t) => {
  const utf8 = open(t);
  const bytes = open<Uint8Array>(t, { codec: 'bytes' });
  const json = open<unknown>(t, { codec: 'json' });
  const structured = open<unknown>(t, { codec: 'structured' });
  for (const value of nobodys) {
    assert.throws(() => utf8.set('a', any(value)), {
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /^value must/,
    });
    assert.throws(() => bytes.set('a', any(value)), {
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /^value must/,
    });
  }
  assert.throws(() => json.set('a', undefined), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(() => json.set('a', 5n), { code: 'PLATEAU_CODEC', message: /BigInt/ });
  assert.throws(() => structured.set('a', () => {}), { code: 'PLATEAU_CODEC' });
  assert.throws(() => structured.set('a', undefined), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(() => bytes.incr('a'), { code: 'PLATEAU_WRONG_VALUE' });
  const broken = open<string>(t, {
    codec: {
      name: 'broken',
      encode: () => any(5),
      decode: () => {
        throw new Error('no');
      },
    },
  });
  assert.throws(() => broken.set('a', 'v'), {
    code: 'PLATEAU_CODEC',
    message: /must return a string or a Uint8Array, got 5/,
  });
  for (const cache of [utf8, bytes, json, structured, broken]) assert.equal(cache.size, 0);
});

test('an entry over the limit is refused, and the old value stays', (t) => {
  const cache = open(t, { maxEntryBytes: 100 });
  cache.set('a', 'old');
  for (const write of [
    () => cache.set('a', 'x'.repeat(100)),
    () => cache.compareAndSet('a', 'old', 'x'.repeat(100)),
    () => cache.setIfAbsent('b', '€'.repeat(50)),
    () => cache.setMany([['a', 'x'.repeat(100)]]),
  ]) {
    assert.throws(write, {
      name: 'RangeError',
      code: 'PLATEAU_ENTRY_TOO_LARGE',
      message: /at most 100 bytes/,
    });
  }
  assert.deepEqual([...cache], [['a', 'old']]);
  cache.set('a', 'x'.repeat(99));
  assert.equal(cache.get('a')?.length, 99);
});

test('other arguments are checked', async (t) => {
  const cache = open(t);
  for (const ttl of [0, -1, Number.NaN, '5', null]) {
    assert.throws(() => cache.set('a', 'v', { ttl: any(ttl) }), /^(Type|Range)Error: ttl must|ttl must/);
  }
  assert.throws(() => cache.set('a', 'v', any(5)), { code: 'PLATEAU_INVALID_ARGUMENT' });
  for (const by of [0.5, Number.NaN, '1', 2 ** 60]) {
    assert.throws(() => cache.incr('a', any(by)), { code: 'PLATEAU_INVALID_ARGUMENT', message: /^by must/ });
  }
  assert.throws(() => cache.update('a', any('fn')), { message: /^fn must/ });
  assert.throws(() => cache.forEach(any(null)), { message: /^callback must/ });
  assert.throws(() => cache.getMany(any(5)), { message: /^keys must/ });
  assert.throws(() => cache.setMany(any(5)), { message: /^entries must/ });
  assert.throws(() => cache.setMany(any(['ab'])), { message: /^entries must/ });
  assert.throws(() => cache.restore(any({})), { message: /^dump must/ });
  assert.throws(() => cache.resize(any(null)), { message: /^bounds must/ });
  assert.throws(() => cache.resize({ maxBytes: 5 }), { code: 'PLATEAU_OUT_OF_RANGE' });
  assert.throws(() => void cache.getOrLoad('a', any('x')), { message: /^loader must/ });
  for (const options of [
    5,
    { lease: 0 },
    { timeout: -1 },
    { lease: 2 ** 40 },
    { size: 1 },
    { signal: 5 },
    { ttl: -1 },
  ]) {
    assert.throws(() => void cache.getOrLoad('a', () => 'v', any(options)), { code: /^PLATEAU_/ });
  }
  await assert.rejects(cache.snapshotTo(any(5)), { message: /^file must/ });
  assert.equal(cache.size, 0);
});

test('a closed cache says so', async () => {
  const cache = new SharedCache(named());
  cache.set('a', '1');
  const iterator = cache.keys();
  cache.close();
  const calls: (() => unknown)[] = [
    () => cache.get('a'),
    () => cache.peek('a'),
    () => cache.has('a'),
    () => cache.remainingTtl('a'),
    () => cache.set('a', 'v'),
    () => cache.setIfAbsent('a', 'v'),
    () => cache.compareAndSet('a', undefined, 'v'),
    () => cache.update('a', () => 'v'),
    () => cache.incr('a'),
    () => cache.delete('a'),
    () => cache.take('a'),
    () => cache.getMany(['a']),
    () => cache.setMany([['a', 'v']]),
    () => cache.clear(),
    () => cache.size,
    () => cache.stats(),
    () => cache.resetStats(),
    () => cache.purgeExpired(),
    () => cache.resize({ maxEntries: 5 }),
    () => cache.dump(),
    () => cache.restore({ format: 'plateau.cache', version: 1, at: 0, entries: [] }),
    () => [...cache],
    () => iterator.next(),
    () => cache.getOrLoad('a', () => 'v'),
  ];
  for (const call of calls) assert.throws(call, { code: 'PLATEAU_DISPOSED' }, String(call));
  await assert.rejects(cache.snapshotTo('/nowhere/x'), { code: 'PLATEAU_DISPOSED' });
});
