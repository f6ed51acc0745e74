/** A `BoundedCache` with room enough behaves as the `Map` it replaces. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCache } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';
import { pools } from './fixtures/keys';

const factor = Number(process.env.PLATEAU_RUNS ?? 1);

/** What both have. */
type MapLike = Pick<
  Map<unknown, unknown>,
  'get' | 'set' | 'has' | 'delete' | 'clear' | 'size' | 'keys' | 'values' | 'entries'
> &
  Iterable<[unknown, unknown]> & {
    forEach(callback: (value: unknown, key: unknown, map: unknown) => void, thisArg?: unknown): void;
  };

const walks: ((map: MapLike) => Iterator<unknown>)[] = [
  (map) => map.keys(),
  (map) => map.values(),
  (map) => map.entries(),
  (map) => map[Symbol.iterator](),
];

/** A cache and a Map to which the same is done; every result is compared. */
class Twins {
  readonly cache = new BoundedCache<unknown, unknown>(1_000_000);
  readonly map = new Map<unknown, unknown>();
  /** Iterators that stay open while both change. */
  readonly open: [Iterator<unknown>, Iterator<unknown>][] = [];
  #value = 0;

  set(key: unknown): void {
    this.#value++;
    const value = this.#value % 10 === 0 ? undefined : this.#value;
    assert.equal(this.cache.set(key, value), this.cache);
    this.map.set(key, value);
  }

  delete(key: unknown): void {
    assert.equal(this.cache.delete(key), this.map.delete(key));
  }

  read(key: unknown): void {
    assert.equal(this.cache.get(key), this.map.get(key));
    assert.equal(this.cache.has(key), this.map.has(key));
  }

  clear(): void {
    assert.equal(this.cache.clear(), this.map.clear());
  }

  begin(kind: number): void {
    const walk = walks[kind % walks.length] as (map: MapLike) => Iterator<unknown>;
    this.open.push([walk(this.cache), walk(this.map)]);
    if (this.open.length > 4) this.open.shift();
  }

  /** Takes some steps with an open iterator; one that has ended must stay so. */
  advance(index: number, steps: number): void {
    const pair = this.open[index % Math.max(1, this.open.length)];
    for (let i = 0; i < steps && pair !== undefined; i++) assert.deepEqual(pair[0].next(), pair[1].next());
  }

  forEach(change: (round: number, key: unknown) => void): void {
    const thisArg = {};
    const seen: unknown[][] = [];
    const expected = this.map.entries();
    let round = 0;
    const enough = new Error('enough');
    const test = this;
    try {
      this.cache.forEach(function (this: unknown, value, key, map) {
        assert.equal(this, thisArg);
        assert.equal(map, test.cache);
        assert.deepEqual({ done: false, value: [key, value] }, expected.next());
        seen.push([key, value]);
        change(round, key);
        if (++round > 300) throw enough;
      }, thisArg);
      assert.equal(expected.next().done, true);
    } catch (error) {
      if (error !== enough) throw error;
    }
  }

  compare(): void {
    assert.equal(this.cache.size, this.map.size);
    assert.deepEqual([...this.cache], [...this.map]);
    assert.deepEqual([...this.cache.values()], [...this.map.values()]);
    storeOf(this.cache).validate();
  }
}

const steps = fc.array(
  fc.record({
    name: fc.constantFrom('set', 'set', 'delete', 'read', 'clear', 'begin', 'advance', 'advance', 'forEach'),
    from: fc.nat(400),
    count: fc.oneof(fc.nat(4), fc.nat(4), fc.nat(150)),
    kind: fc.nat(11),
  }),
  { maxLength: 40, size: 'max' },
);

const wide = {
  ...pools,
  manyInts: Array.from({ length: 400 }, (_, i) => i),
  manyWords: Array.from({ length: 400 }, (_, i) => `key:${i}`),
};

for (const [pool, keys] of Object.entries(wide)) {
  test(`random programs do to a cache what they do to a Map, also under open iterators, keys: ${pool}`, () => {
    const program = fc.property(steps, (all) => {
      const twins = new Twins();
      for (const { name, from, count, kind } of all) {
        const range = Array.from({ length: count }, (_, i) => keys[(from + i) % keys.length]);
        if (name === 'set') for (const key of range) twins.set(key);
        if (name === 'delete') for (const key of range) twins.delete(key);
        if (name === 'read') for (const key of range) twins.read(key);
        if (name === 'clear' && kind < 4) twins.clear();
        if (name === 'begin') twins.begin(kind);
        if (name === 'advance') twins.advance(kind, count);
        if (name === 'forEach') {
          twins.forEach((round, key) => {
            if (kind % 2 === 0) twins.delete(keys[(from + round * 3) % keys.length]);
            if (kind % 3 === 0) twins.set(keys[(from + round * 7) % keys.length]);
            if (kind === 5) twins.delete(key);
            if (kind === 7 && round === 2) twins.clear();
            if (kind === 9 && round < 40) {
              twins.delete(key);
              twins.set(key);
            }
          });
        }
        twins.compare();
      }
    });
    fc.assert(program, { numRuns: 250 * factor });
  });
}

test('stored undefined is a value', () => {
  const cache = new BoundedCache<string, undefined>(10);
  cache.set('a', undefined);
  assert.equal(cache.has('a'), true);
  assert.equal(cache.has('b'), false);
  assert.equal(cache.size, 1);
  assert.deepEqual([...cache], [['a', undefined]]);
  assert.equal(cache.getOrInsert('a', undefined), undefined);
  assert.equal(cache.stats().sets, 1);
  assert.equal(cache.delete('a'), true);
});

test('NaN is one key, and -0 is the key 0', () => {
  const cache = new BoundedCache<number, string>(10);
  cache.set(Number.NaN, 'nan').set(-0, 'zero');
  assert.equal(cache.get(Number.NaN), 'nan');
  assert.equal(cache.get(0), 'zero');
  assert.equal(cache.set(0, 'other').size, 2);
  assert.ok(Object.is([...cache.keys()][1], 0));
});

test('replacing a value keeps the place in the order; deleting and setting anew does not', () => {
  const cache = new BoundedCache<string, number>(10, [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  cache.set('a', 4);
  cache.get('b');
  assert.deepEqual([...cache.keys()], ['a', 'b', 'c']);
  cache.delete('a');
  cache.set('a', 5);
  assert.deepEqual([...cache.keys()], ['b', 'c', 'a']);
});

test('an iterable of entries fills it, in order, the last of equal keys winning', () => {
  const entries: [string, number][] = [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ];
  function* generated(): Generator<[string, number]> {
    yield* entries;
  }
  const expected = [...new Map(entries)];
  assert.deepEqual([...new BoundedCache(10, entries)], expected);
  assert.deepEqual([...new BoundedCache(10, generated())], expected);
  assert.deepEqual([...new BoundedCache(10, new Map(entries))], expected);
  assert.deepEqual([...new BoundedCache(10, new BoundedCache<string, number>(10, entries))], expected);
  assert.equal(new BoundedCache(10, null).size, 0);
  assert.equal(new BoundedCache(10, undefined).size, 0);
  assert.deepEqual([...new BoundedCache(1, entries)], [['a', 3]]);
});

test('a subclass fills itself through its own set', () => {
  class Doubling extends BoundedCache<string, number> {
    override set(key: string, value: number): this {
      return super.set(key, value * 2);
    }
  }
  const cache = new Doubling(10, [['a', 1]]);
  assert.equal(cache.get('a'), 2);
  assert.ok(cache instanceof BoundedCache);
});

test('set returns the cache, delete whether there was one, clear nothing', () => {
  const cache = new BoundedCache<number, number>(10);
  assert.equal(cache.set(1, 1).set(2, 2), cache);
  assert.equal(cache.delete(1), true);
  assert.equal(cache.delete(1), false);
  assert.equal(cache.clear(), undefined);
  assert.equal(cache.size, 0);
});

test('it is called BoundedCache where a Map is called Map', () => {
  const cache = new BoundedCache(10);
  assert.equal(cache[Symbol.toStringTag], 'BoundedCache');
  assert.equal(Object.prototype.toString.call(cache), '[object BoundedCache]');
});

test('it has every method and getter of a Map that this Node has, as non-enumerable members', () => {
  const own: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(BoundedCache.prototype);
  for (const [name, theirs] of Object.entries(Object.getOwnPropertyDescriptors(Map.prototype))) {
    assert.ok(name in own, `${name} is missing`);
    assert.equal(typeof own[name]?.value, typeof theirs.value, name);
    assert.equal(own[name]?.enumerable, false, name);
  }
  assert.deepEqual(Object.keys(new BoundedCache(10)), []);
});

test('an iterator goes on after a break, and stays at its end', () => {
  for (const walk of walks) {
    const outcomes = [new Map<unknown, unknown>(), new BoundedCache<unknown, unknown>(10)].map((map) => {
      for (const key of ['a', 'b', 'c']) map.set(key, key);
      const iterator = walk(map) as IterableIterator<unknown>;
      assert.equal(iterator[Symbol.iterator](), iterator);
      const seen: unknown[] = [];
      for (const one of iterator) {
        seen.push(one);
        break;
      }
      for (const one of iterator) seen.push(one);
      map.set('d', 'd');
      return [...seen, iterator.next(), 'return' in iterator, 'throw' in iterator];
    });
    assert.deepEqual(outcomes[1], outcomes[0]);
  }
});

test('iterators inherit from the iterator prototype, and so have the helpers where Node has them', () => {
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(new Map().keys()));
  const cache = new BoundedCache<string, number>(10, [['a', 1]]);
  for (const walk of [...walks, () => cache.entriesByRecency()]) {
    assert.ok(Object.prototype.isPrototypeOf.call(Object.getPrototypeOf(prototype), walk(cache)));
  }
});

test('clear during an iteration ends it, unless something is added', () => {
  for (const refill of [[], ['x', 'y']]) {
    const outcomes = [new Map<unknown, unknown>(), new BoundedCache<unknown, unknown>(100)].map((map) => {
      for (let i = 0; i < 50; i++) map.set(i, i);
      const seen: unknown[] = [];
      for (const [key] of map) {
        seen.push(key);
        if (key !== 20) continue;
        map.clear();
        for (const one of refill) map.set(one, 0);
      }
      return seen;
    });
    assert.deepEqual(outcomes[1], outcomes[0]);
  }
});

test('an iteration sees each entry once while thousands around it are removed and added', () => {
  const outcomes = [new Map<unknown, unknown>(), new BoundedCache<unknown, unknown>(100_000)].map((map) => {
    for (let i = 0; i < 5000; i++) map.set(i, i);
    const seen: unknown[] = [];
    let added = 5000;
    for (const key of map.keys()) {
      seen.push(key);
      const i = seen.length;
      for (let j = 0; j < 3; j++) map.delete((i * 13 + j * 5) % 5000);
      if (i % 2 === 0 && added < 12_000) map.set(added++, 0);
      if (i % 500 === 0 && added < 20_000) for (let j = 0; j < 1500; j++) map.set(added++, 0);
    }
    return seen;
  });
  assert.deepEqual(outcomes[1], outcomes[0]);
});

test('entriesByRecency shows the order as of the call, without what was removed since', () => {
  const cache = new BoundedCache<string, number>(10, [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  cache.get('a');
  const entries = cache.entriesByRecency();
  cache.get('b');
  cache.delete('c');
  assert.deepEqual(
    [...entries],
    [
      ['a', 1],
      ['b', 2],
    ],
  );
  assert.deepEqual([...cache.keys()], ['a', 'b'], 'the insertion order is another one');
});
