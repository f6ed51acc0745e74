/** WeakCache: values that stay while somebody has them, and keys that leave with them and never with others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { WeakCache } from 'plateau';
import { weakInternals } from '../../dist/testing.cjs';

const gc = globalThis.gc as () => void;

interface Value {
  n: number;
}

/** Collects garbage until it is so. A value read in this job of the event loop would live until its end. */
async function collected(condition: () => boolean): Promise<void> {
  const end = Date.now() + 20_000;
  do {
    await sleep(5);
    gc();
    await sleep(5);
  } while (!condition() && Date.now() < end);
  assert.ok(condition(), 'not collected');
}

test('it is like a Map while its values are held', () => {
  const [a, b, c] = [{ n: 1 }, { n: 2 }, { n: 3 }];
  const cache = new WeakCache<unknown, Value>({ maxKeys: 10 });
  const object = {};
  assert.equal(cache.set('a', a).set(Number.NaN, b).set(object, c), cache);
  assert.deepEqual([cache.get('a'), cache.get(Number.NaN), cache.get(object)], [a, b, c]);
  assert.equal(cache.get('a'), a);
  assert.deepEqual(
    [cache.size, cache.has('a'), cache.has('b'), cache.get('b'), cache.peek('a')],
    [3, true, false, undefined, a],
  );
  assert.deepEqual(
    [...cache],
    [
      ['a', a],
      [Number.NaN, b],
      [object, c],
    ],
  );
  assert.deepEqual([...cache.keys()], ['a', Number.NaN, object]);
  assert.deepEqual([...cache.values()], [a, b, c]);
  cache.set('a', b);
  assert.deepEqual([...cache.entries()][0], ['a', b]);
  const seen: unknown[] = [];
  cache.forEach((value, key, self) => void seen.push(value, key, self === cache));
  assert.deepEqual(seen, [b, 'a', true, b, Number.NaN, true, c, object, true]);
  assert.deepEqual([cache.delete('a'), cache.delete('a'), cache.size], [true, false, 2]);
  cache.clear();
  assert.deepEqual([cache.size, [...cache]], [0, []]);
  assert.equal(inspect(cache.set('x', a)), "WeakCache (1/10 keys) { 'x' => { n: 1 } }");
});

test('any operations on held values give what a Map gives', () => {
  const values = Array.from({ length: 5 }, (_, n) => ({ n }));
  const operation = fc.tuple(
    fc.constantFrom('set', 'get', 'has', 'delete', 'clear', 'getOrCreate'),
    fc.constantFrom<unknown>('a', 'b', 1, Number.NaN, undefined, null),
    fc.nat(4),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), fc.nat(3), (operations, maxStrong) => {
      const cache = new WeakCache<unknown, Value>({ maxStrong });
      const map = new Map<unknown, Value>();
      for (const [name, key, index] of operations) {
        const value = values[index] as Value;
        if (name === 'set') {
          map.set(key, value);
          cache.set(key, value);
        } else if (name === 'get') assert.equal(cache.get(key), map.get(key));
        else if (name === 'has') assert.equal(cache.has(key), map.has(key));
        else if (name === 'delete') assert.equal(cache.delete(key), map.delete(key));
        else if (name === 'clear') {
          map.clear();
          cache.clear();
        } else {
          const expected = map.get(key) ?? value;
          assert.equal(
            cache.getOrCreate(key, () => value),
            expected,
          );
          map.set(key, expected);
        }
        assert.deepEqual([...cache], [...map]);
        assert.ok(cache.stats().strong <= Math.min(maxStrong, map.size));
      }
    }),
  );
});

test('values that nobody holds are collected, and their keys go by themselves', async () => {
  const cache = new WeakCache<string, Value>();
  const held: Value[] = [];
  // In a function of its own: a suspended one keeps its variables.
  const refs = Array.from({ length: 2000 }, (_, n) => {
    const value = { n };
    cache.set(`key ${n}`, value);
    if (n % 10 === 0) held.push(value);
    return new WeakRef(value);
  });
  // Nothing reads the cache meanwhile.
  await collected(() => cache.size === 200);
  assert.equal(cache.stats().collected, 1800);
  assert.equal(refs.filter((ref) => ref.deref() !== undefined).length, 200);
  assert.deepEqual([...cache.values()], held);
});

test('the last values used are kept alive, and no others', async () => {
  const cache = new WeakCache<number, Value>({ maxStrong: 3 });
  for (let n = 0; n < 10; n++) cache.set(n, { n });
  cache.get(8);
  cache.set(10, { n: 10 });
  await collected(() => cache.size === 3);
  assert.deepEqual([...cache.keys()], [8, 9, 10]);
  assert.equal(cache.stats().strong, 3);
  cache.delete(9);
  cache.clear();
  assert.equal(cache.stats().strong, 0);
});

test('replacing and deleting let go of the value that was kept alive', async () => {
  const cache = new WeakCache<string, Value>({ maxStrong: 3 });
  const refs = ['a', 'b'].map((key) => {
    const value = { n: 1 };
    cache.set(key, value);
    return new WeakRef(value);
  });
  cache.set('a', { n: 2 });
  cache.delete('b');
  await collected(() => refs.every((ref) => ref.deref() === undefined));
  assert.deepEqual([...cache], [['a', { n: 2 }]]);
});

test('a late clean-up of a dead value does not take a fresh one with it', async () => {
  const cache = new WeakCache<string, Value>();
  const { entryOf, collect } = weakInternals(cache);
  let old: Value | undefined = { n: 1 };
  cache.set('a', old);
  const dead = entryOf('a');
  old = undefined;
  const fresh = { n: 2 };
  cache.set('a', fresh);
  // The garbage collector reports the old value only now.
  collect(dead);
  await sleep(20);
  assert.equal(cache.get('a'), fresh);
  assert.equal(cache.stats().collected, 0);
  // The same once the key had been away.
  const again = entryOf('a');
  cache.delete('a');
  cache.set('a', fresh);
  collect(again);
  await sleep(20);
  assert.equal(cache.get('a'), fresh);
  // It would take the one it is meant for.
  collect(entryOf('a'));
  await sleep(20);
  assert.equal(cache.size, 0);
});

test('the same race with the garbage collector itself: keys that got a fresh value meanwhile keep it', async () => {
  const cache = new WeakCache<number, Value>();
  const held: Value[] = [];
  for (let round = 0; round < 20; round++) {
    for (let n = 0; n < 200; n++) cache.set(n, { n });
    await sleep(0);
    gc();
    // The clean-up of what has just died is yet to run.
    held.length = 0;
    for (let n = 0; n < 200; n += 2) {
      const value = { n };
      held.push(value);
      cache.set(n, value);
    }
    await collected(() => cache.size === 100);
    assert.deepEqual([...cache.values()], held);
    assert.ok(held.every((value) => cache.peek(value.n) === value));
  }
});

test('keys are bounded: the least recently used leaves, its value lives on elsewhere', () => {
  const values = Array.from({ length: 5 }, (_, n) => ({ n }));
  const cache = new WeakCache<number, Value>({ maxKeys: 3, maxStrong: 2 });
  for (const value of values.slice(0, 3)) cache.set(value.n, value);
  cache.get(0);
  cache.set(3, values[3] as Value);
  assert.deepEqual([...cache.keys()].sort(), [0, 2, 3]);
  assert.deepEqual([cache.stats().evicted, cache.stats().strong, cache.maxKeys], [1, 2, 3]);
});

test('a cache that is dropped is collected, although its values live on', async () => {
  const values: object[] = [];
  const refs = Array.from({ length: 50 }, () => {
    const value = {};
    values.push(value);
    const cache = new WeakCache<object, object>({ maxStrong: 5 });
    cache.set({ large: Buffer.alloc(1000) }, value);
    return new WeakRef(cache);
  });
  await collected(() => refs.every((ref) => ref.deref() === undefined));
  assert.equal(values.length, 50);
});

test('getOrCreate makes one value for a key, and none when making fails', () => {
  const cache = new WeakCache<string, Value>();
  let made = 0;
  const value = cache.getOrCreate('a', (key) => ({ n: key.length + made++ }));
  assert.equal(
    cache.getOrCreate('a', () => ({ n: 99 })),
    value,
  );
  assert.equal(made, 1);
  assert.throws(
    () =>
      cache.getOrCreate('b', () => {
        throw new Error('mine');
      }),
    { message: 'mine' },
  );
  assert.throws(() => cache.getOrCreate('b', () => 5 as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(() => cache.getOrCreate('b', 5 as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.deepEqual([...cache.keys()], ['a']);
});

test('what is not acceptable is an error with a code, and changes nothing', () => {
  const make = (options: unknown) => () => new WeakCache(options as number);
  for (const options of [null, 'x', [], () => 1])
    assert.throws(make(options), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.throws(make({ max: 5 }), {
    code: 'PLATEAU_INVALID_OPTION',
    message: /"max"; the options are maxKeys, maxStrong, name/,
  });
  assert.throws(make({ maxKeys: '5' }), { code: 'PLATEAU_INVALID_OPTION', message: /^maxKeys must be / });
  for (const maxKeys of [0, -1, 1.5, Number.NaN])
    assert.throws(make(maxKeys), { code: 'PLATEAU_OUT_OF_RANGE', message: /^maxKeys/ });
  for (const maxStrong of [-1, 1.5, 11])
    assert.throws(make({ maxKeys: 10, maxStrong }), { code: 'PLATEAU_OUT_OF_RANGE' });
  const value = {};
  const cache = new WeakCache<string, object>().set('a', value);
  for (const bad of [undefined, null, 5, 'x', Symbol('x'), 5n, true]) {
    assert.throws(() => cache.set('a', bad as never), {
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /^value must be/,
    });
  }
  assert.throws(() => cache.forEach(1 as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  assert.equal(cache.get('a'), value);
  assert.equal(new WeakCache<string, typeof assert.ok>().set('f', assert.ok).get('f'), assert.ok);
});
