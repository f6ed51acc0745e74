/** What `console.log` shows of a cache. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { BoundedCache } from 'plateau';

test('the bound, how full it is, and a few entries', () => {
  const cache = new BoundedCache<string, unknown>(1000);
  assert.equal(inspect(cache), 'BoundedCache (0/1000 entries) {}');
  cache.set('a', 1).set('b', 'text');
  assert.equal(inspect(cache), "BoundedCache (2/1000 entries) { 'a' => 1, 'b' => 'text' }");
  for (let i = 0; i < 500; i++) cache.set(`k${i}`, i);
  assert.equal(
    inspect(cache),
    "BoundedCache (502/1000 entries) { 'a' => 1, 'b' => 'text', 'k0' => 0, ... 499 more }",
  );
});

test('the name, and bytes where they are the bound', () => {
  const named = new BoundedCache<string, number>({ maxEntries: 5, name: 'users' });
  assert.equal(inspect(named), 'BoundedCache "users" (0/5 entries) {}');
  const sized = new BoundedCache<string, number>({ maxBytes: 1000, sizeOf: () => 33.4 }, [['a', 1]]);
  assert.equal(inspect(sized), "BoundedCache (1 entries, 33/1000 bytes) { 'a' => 1 }");
  const both = new BoundedCache<string, number>({ maxEntries: 5, maxBytes: 1000, sizeOf: () => 1 });
  assert.equal(inspect(both), 'BoundedCache (0/5 entries, 0/1000 bytes) {}');
});

test('it is short whatever it holds', () => {
  const deep = { a: { b: { c: Array.from({ length: 1000 }, (_, i) => ({ i })) } } };
  const cache = new BoundedCache<unknown, unknown>(10_000);
  for (let i = 0; i < 5000; i++) cache.set({ i, deep }, deep);
  assert.ok(inspect(cache).length < 500, inspect(cache));
});

test('nested in something, it is one line; too deep, its head alone', () => {
  const cache = new BoundedCache<string, unknown>(10, [['a', { b: { c: 1 } }]]);
  assert.equal(inspect({ cache }), "{ cache: BoundedCache (1/10 entries) { 'a' => { b: [Object] } } }");
  assert.equal(inspect(cache, { depth: 0 }), "BoundedCache (1/10 entries) { 'a' => [Object] }");
  const wide = { depth: 2, breakLength: Number.POSITIVE_INFINITY, compact: 10 };
  assert.equal(
    inspect({ a: { b: { c: cache } } }, wide),
    '{ a: { b: { c: [BoundedCache (1/10 entries)] } } }',
  );
});

test('a cache that holds itself comes to an end', () => {
  const cache = new BoundedCache<unknown, unknown>(10);
  cache.set('self', cache).set(cache, 'as a key');
  for (const depth of [0, 2, null, Number.POSITIVE_INFINITY]) {
    const shown = inspect(cache, { depth });
    assert.ok(shown.startsWith('BoundedCache (2/10 entries)'));
    assert.ok(shown.length < 1000, shown);
  }
});

test('showing it is no use of it, and expired entries are not shown', () => {
  let now = 0;
  const cache = new BoundedCache<string, number>({ maxEntries: 2, clock: { now: () => now } });
  cache.set('a', 1).set('b', 2, { ttl: 5 });
  now = 5;
  assert.equal(inspect(cache), "BoundedCache (2/2 entries) { 'a' => 1, ... 1 more }");
  assert.equal(cache.stats().hits, 0);
  assert.deepEqual(Object.keys(cache), []);
});

test('a subclass is shown too', () => {
  class Sessions extends BoundedCache<string, number> {}
  assert.match(inspect(new Sessions(5)), /\(0\/5 entries\)/);
});

test('colours are passed on', () => {
  const cache = new BoundedCache<string, number>(5, [['a', 1]]);
  assert.ok(inspect(cache, { colors: true }).includes('\u001b['));
});
