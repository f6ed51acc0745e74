/** What each method does, on one thread. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { BoundedCache, SharedCache, sharedCaches } from 'plateau';
import { until } from '../support';
import { named, open, validate } from './support';

test('what is set is got, until it is deleted', (t) => {
  const cache = open(t);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.set('a', 'one'), cache);
  assert.equal(cache.get('a'), 'one');
  assert.equal(cache.has('a'), true);
  assert.equal(cache.peek('a'), 'one');
  cache.set('a', 'another');
  assert.equal(cache.get('a'), 'another');
  assert.equal(cache.size, 1);
  assert.equal(cache.take('a'), 'another');
  assert.equal(cache.take('a'), undefined);
  cache.set('a', '').set('b', 'two');
  assert.equal(cache.get('a'), '');
  assert.equal(cache.delete('a'), true);
  assert.equal(cache.delete('a'), false);
  assert.equal(cache.has('a'), false);
  cache.clear();
  assert.equal(cache.size, 0);
  assert.equal(cache.get('b'), undefined);
  const { hits, misses, sets, removals } = cache.stats();
  assert.deepEqual({ hits, misses, sets }, { hits: 4, misses: 3, sets: 4 });
  assert.deepEqual(removals, { evicted: 0, expired: 0, deleted: 2, replaced: 1, cleared: 1 });
});

test('whichever character is the one that is not Latin-1, strings of any length come back', (t) => {
  const cache = open(t, {});
  const lengths = [1, 7, 8, 9, 31, 32, 33, 63, 64, 65, 66, 95, 96, 97, 128, 255, 256, 257, 1000];
  for (const length of lengths) {
    const plain = Array.from({ length }, (_, i) => String.fromCharCode(1 + (i % 255))).join('');
    const places = [0, 1, 31, 32, 63, 64, 65, length >> 1, length - 2, length - 1];
    const texts = ['\u0100', '\ud800', '\uffff'].flatMap((other) =>
      places.map((place) => plain.slice(0, Math.max(place, 0)) + other + plain.slice(place + 1)),
    );
    for (const text of [plain, ...texts]) {
      cache.set(`key ${text}`, text);
      assert.equal(cache.get(`key ${text}`), text);
      // What is left in the buffers is of a longer string, and means nothing.
      cache.set('short', 'ÿ');
      assert.equal(cache.get('short'), 'ÿ');
    }
  }
});

test('keys and values are any string, lone surrogates and NUL included', (t) => {
  const cache = open(t);
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xff }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.constantFrom(0xd800, 0xdfff, 0xfeff, 0),
  );
  const text = fc.array(unit, { maxLength: 300 }).map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, maxLength: 20 }),
      (pairs) => {
        cache.clear();
        for (const [key, value] of pairs) cache.set(key, value);
        for (const [key, value] of pairs) assert.equal(cache.get(key), value);
        assert.deepEqual(new Set(cache.keys()), new Set(pairs.map(([key]) => key)));
        assert.equal(validate(cache), undefined);
      },
    ),
  );
});

test('bytes and strings are different keys', (t) => {
  const cache = open(t);
  cache.set('a', 'text').set(Buffer.from('a'), 'bytes').set(new Uint8Array(0), 'no bytes').set('', 'no text');
  assert.equal(cache.get('a'), 'text');
  assert.equal(cache.get(Uint8Array.of(97)), 'bytes');
  assert.equal(cache.get(new Uint8Array(0)), 'no bytes');
  assert.equal(cache.get(''), 'no text');
  assert.equal(cache.get(new Uint8Array(new SharedArrayBuffer(1)).fill(97)), 'bytes');
});

test('a key has up to 65,536 bytes', (t) => {
  const cache = open(t);
  for (const key of ['x'.repeat(65_536), '€'.repeat(32_768), Buffer.alloc(65_536)]) {
    assert.equal(cache.set(key, 'v').get(key), 'v');
  }
  for (const key of ['x'.repeat(65_537), '€'.repeat(32_769), Buffer.alloc(65_537)]) {
    assert.throws(() => cache.set(key, 'v'), {
      name: 'RangeError',
      code: 'PLATEAU_OUT_OF_RANGE',
      message: /^key must/,
    });
    assert.throws(() => cache.get(key), { code: 'PLATEAU_OUT_OF_RANGE' });
  }
});

test('each codec returns what it was given, and a value of your own', (t) => {
  const bytes = open<Uint8Array>(t, { codec: 'bytes' });
  const given = Uint8Array.of(0, 255, 7);
  bytes.set('a', given);
  given[0] = 9;
  const got = bytes.get('a') as Buffer;
  assert.deepEqual([...got], [0, 255, 7]);
  got[1] = 9;
  assert.deepEqual([...(bytes.get('a') as Buffer)], [0, 255, 7]);

  const json = open<unknown>(t, { codec: 'json' });
  for (const value of [null, 0, 'text', [1, { a: '€' }], { nested: { deep: [true, false] } }]) {
    assert.deepEqual(json.set('a', value).get('a'), value);
  }
  const structured = open<unknown>(t, { codec: 'structured' });
  const cyclic: { self?: unknown; when: Date } = { when: new Date(5) };
  cyclic.self = cyclic;
  for (const value of [null, new Map([[1, new Set(['x'])]]), cyclic, 10n, Buffer.from('b')]) {
    assert.deepEqual(structured.set('a', value).get('a'), value);
  }
  const date = {
    name: 'date',
    encode: (value: Date) => value.toISOString(),
    decode: (data: unknown) => new Date(data as string),
  };
  const custom = open<Date>(t, { codec: date });
  assert.deepEqual(custom.set('a', new Date(7)).get('a'), new Date(7));
});

test('compressed values are transparent, and smaller', (t) => {
  const cache = open<unknown>(t, { codec: 'json', compress: 200 });
  const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: `user ${id}`, role: 'member' }));
  cache.set('rows', rows).set('short', 'x');
  assert.deepEqual(cache.get('rows'), rows);
  assert.deepEqual(cache.peek('rows'), rows);
  assert.deepEqual(cache.getMany(['rows', 'short']), [rows, 'x']);
  assert.deepEqual(new Map(cache.entries()).get('rows'), rows);
  const { compressionRatio, payloadBytes } = cache.stats();
  assert.ok(compressionRatio < 0.5, `${compressionRatio}`);
  assert.ok(payloadBytes < JSON.stringify(rows).length / 2);
  assert.equal(cache.compareAndSet('rows', rows, 'changed'), true);
  assert.equal(cache.get('rows'), 'changed');
});

test('entries expire, and are removed though nobody asks', async (t) => {
  const cache = open(t, { ttl: 30 });
  cache.set('a', '1').set('b', '2', { ttl: 60_000 }).set('c', '3', { ttl: Number.POSITIVE_INFINITY });
  const left = cache.remainingTtl('a') as number;
  assert.ok(left > 0 && left <= 30, `${left}`);
  assert.equal(cache.remainingTtl('c'), Number.POSITIVE_INFINITY);
  assert.equal(cache.remainingTtl('none'), undefined);
  await sleep(40);
  assert.equal(cache.get('a'), undefined);
  assert.equal(cache.has('a'), false);
  assert.equal(cache.peek('a'), undefined);
  assert.equal(cache.take('a'), undefined);
  assert.deepEqual([...cache.keys()].sort(), ['b', 'c']);
  await until(() => cache.size === 2, 'removal');
  assert.equal(cache.stats().removals.expired, 1);
  cache.set('d', '4', { ttl: 1 });
  await sleep(5);
  assert.ok(cache.purgeExpired() <= 1);
  assert.equal(cache.size, 2);
});

test('conditional writes do what they say', (t) => {
  const cache = open<unknown>(t, { codec: 'json' });
  assert.equal(cache.setIfAbsent('a', 1), true);
  assert.equal(cache.setIfAbsent('a', 2), false);
  assert.equal(cache.compareAndSet('a', 2, 3), false);
  assert.equal(cache.compareAndSet('a', 1, 3), true);
  assert.equal(cache.compareAndSet('b', undefined, 5), true);
  assert.equal(cache.compareAndSet('b', undefined, 6), false);
  assert.equal(
    cache.update('a', (value) => (value as number) + 1),
    4,
  );
  assert.equal(
    cache.update('none', () => undefined),
    undefined,
  );
  assert.equal(cache.has('none'), false);
  assert.equal(cache.incr('a', 10), 14);
  assert.equal(cache.incr('count'), 1);
  assert.equal(cache.incr('count', -3, { ttl: 5000 }), -2);
  assert.equal(cache.remainingTtl('count'), Number.POSITIVE_INFINITY);
  assert.equal(cache.incr('timed', 1, { ttl: 5000 }), 1);
  assert.ok((cache.remainingTtl('timed') as number) <= 5000);
  cache.set('text', 'x');
  assert.throws(() => cache.incr('text'), {
    code: 'PLATEAU_WRONG_VALUE',
    message: /must hold a whole number/,
  });
  cache.set('large', Number.MAX_SAFE_INTEGER);
  assert.throws(() => cache.incr('large'), { code: 'PLATEAU_WRONG_VALUE' });
  assert.equal(cache.get('large'), Number.MAX_SAFE_INTEGER);
});

test('batches cross once and keep their order', (t) => {
  const cache = open(t);
  const keys = Array.from({ length: 1000 }, (_, i) => `key ${i}`);
  cache.setMany(keys.filter((_, i) => i % 2 === 0).map((key) => [key, `of ${key}`]));
  const found = cache.getMany(keys);
  assert.deepEqual(
    found,
    keys.map((key, i) => (i % 2 === 0 ? `of ${key}` : undefined)),
  );
  assert.equal(cache.stats().hits, 500);
  const large = 'x'.repeat(cache.stats().maxEntryBytes);
  assert.throws(
    () =>
      cache.setMany([
        ['new', 'v'],
        ['too large', large],
      ]),
    { code: 'PLATEAU_ENTRY_TOO_LARGE', message: /those of "too large"/ },
  );
  assert.throws(
    () =>
      cache.setMany([
        ['new', 'v'],
        ['x'.repeat(70_000), 'v'],
      ]),
    {
      code: 'PLATEAU_OUT_OF_RANGE',
      message: /^key must .* length 70000$/,
    },
  );
  assert.equal(cache.has('new'), false);
  assert.throws(() => cache.getMany(['a', 5 as never]), {
    code: 'PLATEAU_INVALID_ARGUMENT',
    message: /^key must/,
  });
});

test('any number of keys of any kind are looked up together, as if one after the other', (t) => {
  const cache = open(t, { maxEntries: 500 });
  const keys = Array.from({ length: 300 }, (_, i) =>
    i % 5 === 0 ? Buffer.from(`bytes ${i}`) : i % 7 === 0 ? `ключ ${i}` : `key ${i}`,
  );
  for (const [i, key] of keys.entries()) if (i % 3 !== 0) cache.set(key, 'x'.repeat(i * 5));
  const asked = [...keys, ...keys.slice(40, 90), 'k'.repeat(65_536), ''];
  const expected = asked.map((key) => cache.peek(key));
  assert.deepEqual(cache.getMany(asked), expected);
  const { hits, misses } = cache.stats();
  assert.deepEqual(
    [hits, misses],
    [expected.filter((value) => value !== undefined).length, asked.length - hits],
  );
  const used = asked.map(String).filter((_, i) => expected[i] !== undefined);
  const last = [...new Set(used.reverse())].reverse();
  assert.deepEqual(
    cache.dump().entries.map(({ key }) => String(key)),
    last,
  );
  for (const at of [0, 31, 32, 100]) {
    const bad = [...keys.slice(0, at), 'k'.repeat(65_537), ...keys];
    assert.throws(() => cache.getMany(bad), { code: 'PLATEAU_OUT_OF_RANGE', message: /^key must/ });
  }
  assert.equal(cache.get(keys[1] as string), 'xxxxx');
});

test('the least recently used entry leaves', (t) => {
  const cache = open(t, { maxEntries: 3 });
  cache.set('a', '1').set('b', '2').set('c', '3');
  cache.get('a');
  cache.peek('b');
  cache.set('d', '4');
  assert.deepEqual([...cache.keys()].sort(), ['a', 'c', 'd']);
  assert.deepEqual(
    cache.dump().entries.map(({ key }) => key),
    ['c', 'a', 'd'],
  );
});

test('a dump is restored, also by a BoundedCache, less the time that has passed', (t) => {
  const cache = open(t);
  cache.set('a', '1', { ttl: 60_000 }).set('b', '2').set(Buffer.from('c'), '3');
  const dump = cache.dump();
  const other = open(t);
  assert.equal(other.restore(dump), 3);
  assert.deepEqual([other.get('a'), other.get('b'), other.get(Buffer.from('c'))], ['1', '2', '3']);
  assert.ok((other.remainingTtl('a') as number) <= 60_000);
  const late = { ...dump, at: dump.at - 120_000 };
  other.clear();
  assert.equal(other.restore(late), 2);
  const bounded = new BoundedCache<unknown, string>(10);
  assert.equal(bounded.restore(dump), 3);
  assert.equal(bounded.get('b'), '2');
});

test('iteration goes on while the cache changes', (t) => {
  const cache = open(t);
  for (let i = 0; i < 1000; i++) cache.set(`stay ${i}`, `${i}`);
  const met: unknown[] = [];
  for (const [key] of cache) {
    met.push(key);
    cache.set(`new ${met.length}`, 'x');
    cache.delete(`new ${met.length - 1}`);
  }
  const stayed = met.filter((key) => (key as string).startsWith('stay'));
  assert.equal(new Set(stayed).size, 1000);
  assert.equal(stayed.length, 1000);
  const seen: string[] = [];
  cache.forEach((value, key) => {
    seen.push(`${key}${value}`);
  });
  assert.equal(seen.length, cache.size);
  assert.equal([...cache.values()].length, cache.size);
});

test('bounds can be changed', (t) => {
  const cache = open(t);
  for (let i = 0; i < 5000; i++) cache.set(`key ${i}`, 'x'.repeat(200));
  assert.equal(cache.size, 5000);
  cache.resize({ maxEntries: 100 });
  assert.equal(cache.size, 100);
  cache.resize({ maxBytes: 2 ** 20, maxEntries: Number.POSITIVE_INFINITY });
  for (let i = 0; i < 50_000; i++) cache.set(`key ${i}`, 'x'.repeat(200));
  const { bytes, entries, maxEntries } = cache.stats();
  assert.ok(bytes <= 2 ** 20 && entries > 3000, `${entries} entries, ${bytes} bytes`);
  assert.equal(maxEntries, Number.POSITIVE_INFINITY);
  assert.equal(validate(cache), undefined);
});

test('a name is one cache until its last handle is closed', () => {
  const options = named({ maxEntries: 10 });
  const first = new SharedCache(options);
  const second = new SharedCache({ name: options.name });
  first.set('a', '1');
  assert.equal(second.get('a'), '1');
  assert.equal(second.stats().handles, 2);
  assert.ok(sharedCaches().includes(options.name));
  first.close();
  first.close();
  assert.equal(first.closed, true);
  assert.equal(second.get('a'), '1');
  second[Symbol.dispose]();
  assert.ok(!sharedCaches().includes(options.name));
  const third = new SharedCache(options);
  assert.equal(third.get('a'), undefined);
  third.close();
});

test('a cache that is let go of is gone', async () => {
  const options = named();
  (() => void new SharedCache(options).set('a', '1'))();
  const { gc } = globalThis;
  assert.ok(gc !== undefined, 'run with --expose-gc');
  await until(() => {
    gc();
    return !sharedCaches().includes(options.name);
  }, 'collection');
});
