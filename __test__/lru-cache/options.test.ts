/** Options: what is accepted, what is refused and in which words, and what the properties of a cache then say. */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { inspect } from 'node:util';
import { LRUCache as Theirs } from 'lru-cache';
import { LRUCache } from 'plateau/lru-cache';

/** Calls it as a JavaScript program may. */
// biome-ignore lint/suspicious/noExplicitAny: wrong types are what this is about
const make = (Cache: any, options: unknown): any => new Cache(options);

/** What comes of making a cache: its properties or the error. */
function outcome(Cache: unknown, options: unknown): unknown {
  try {
    const cache = make(Cache, options);
    const names = ['max', 'maxSize', 'size', 'calculatedSize', 'fetchMethod', 'memoMethod', 'perf'];
    const callbacks = ['dispose', 'disposeAfter', 'onInsert'];
    // An own property of lru-cache's with a TTL, a method of all caches here.
    const { getRemainingTTL: _, ...own } = cache;
    return { ...own, ...Object.fromEntries([...names, ...callbacks].map((name) => [name, cache[name]])) };
  } catch (error) {
    const { name, message } = error as Error;
    // The words of a destructuring that fails are the engine's, and quote the source.
    return message.startsWith('Cannot ') ? name : `${name}: ${message}`;
  }
}

/** Both do the same; where lru-cache stumbles over a value, it is enough that the error is of the same kind. */
function same(options: unknown): void {
  const [ours, theirs] = [outcome(LRUCache, options), outcome(Theirs, options)];
  const isStumble = typeof theirs === 'string' && !theirs.includes(':');
  assert.deepEqual(isStumble ? String(ours).replace(/:.*/, '') : ours, theirs, inspect(options));
}

const odd = [
  undefined,
  null,
  0,
  -0,
  -1,
  1,
  2.5,
  1e3,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 60,
  '1',
  '',
  true,
];
const wrong = [...odd, false, {}, [], () => 1];

test('every option with every kind of value is taken or refused as by lru-cache, in its words', () => {
  // Some of these caches have no bound but a TTL.
  mock.method(process, 'emitWarning', () => {});
  const names = Object.keys(make(Theirs, { max: 1 })).concat([
    'max',
    'maxSize',
    'perf',
    'fetchMethod',
    'memoMethod',
  ]);
  names.push('dispose', 'disposeAfter', 'onInsert');
  for (const name of new Set(names)) {
    for (const value of wrong) {
      // lru-cache allocates at once what is asked for.
      if (name === 'max' && (value as number) >= 2 ** 32) continue;
      for (const rest of [{}, { max: 2 }, { maxSize: 5 }, { ttl: 5, ttlAutopurge: true }]) {
        same({ ...rest, [name]: value });
      }
    }
  }
  mock.restoreAll();
});

test('so are options that are no object, and several that are wrong at once', () => {
  const several = [
    { max: -1, maxSize: -1, ttl: -1 },
    { max: 1, maxSize: -1, ttl: -1, perf: {} },
    { max: 1, ttl: -1, sizeCalculation: 1, fetchMethod: 1, memoMethod: 1 },
    { max: 1, maxSize: 2, maxEntrySize: -1, sizeCalculation: () => 1, fetchMethod: 1 },
  ];
  for (const options of [...wrong, ...several]) same(options);
});

test('a max that no memory could hold is accepted, as memory is allocated when entries arrive', () => {
  const cache = new LRUCache<number, number>({ max: Number.MAX_SAFE_INTEGER });
  assert.equal(cache.max, Number.MAX_SAFE_INTEGER);
  assert.equal(cache.set(1, 2).get(1), 2);
  assert.throws(() => new LRUCache({ max: 2 ** 54 }), { message: `invalid max value: ${2 ** 54}` });
});

test('without max there is room for as many as sizes allow', () => {
  const cache = new LRUCache<number, number>({ maxSize: 100_000, sizeCalculation: () => 1 });
  for (let i = 0; i < 150_000; i++) cache.set(i, i);
  assert.equal(cache.size, 100_000);
  assert.equal(cache.get(49_999), undefined);
  assert.equal(cache.get(50_000), 50_000);
});

test('a cache serves as the options of another', () => {
  const options = { max: 3, ttl: 5, maxSize: 9, maxEntrySize: 4, allowStale: true, sizeCalculation: () => 1 };
  const dispose = (): void => {};
  const cache = new LRUCache<string, number>({ ...options, dispose, fetchMethod: () => 1 }).set('a', 1);
  const copy = new LRUCache<string, number>(cache);
  assert.deepEqual({ ...copy }, { ...cache });
  assert.equal(copy.size, 0);
  assert.equal(copy.dispose, dispose);
  assert.equal(copy.fetchMethod, cache.fetchMethod);
});

test('arguments of methods are taken or refused as by lru-cache', () => {
  const pairs = [{ max: 3 }, { max: 3, maxSize: 5 }, { max: 3, maxSize: 5, sizeCalculation: () => 2 }];
  for (const options of pairs) {
    for (const name of ['size', 'sizeCalculation', 'ttl', 'start', 'noUpdateTTL', 'noDisposeOnSet']) {
      for (const value of wrong) {
        const [ours, theirs] = [LRUCache, Theirs].map((Cache) => {
          const cache = make(Cache, { ...options, perf: { now: () => 5 } });
          try {
            cache.set('a', 1, { [name]: value });
            return [cache.get('a'), cache.size, cache.calculatedSize, cache.getRemainingTTL('a')];
          } catch (error) {
            return [String(error), cache.size, cache.calculatedSize];
          }
        });
        assert.deepEqual(ours, theirs, inspect({ ...options, [name]: value }));
      }
    }
  }
});

test('set, clear and load change nothing that is passed to them', () => {
  const cache = new LRUCache<string, number>({ max: 3, ttl: 1000 });
  const options = Object.freeze({ ttl: 5 });
  cache.set('a', 1, options);
  cache.get('a', Object.freeze({}));
  cache.has('a', Object.freeze({}));
  const dump = cache.dump();
  const before = structuredClone(dump);
  cache.load(dump);
  assert.deepEqual(dump, before);
});

test('it presents itself as an LRUCache', () => {
  const cache = new LRUCache({ max: 1 });
  assert.equal(Object.prototype.toString.call(cache), '[object LRUCache]');
  assert.equal(LRUCache.name, 'LRUCache');
  assert.deepEqual(Object.keys(cache).sort(), Object.keys(new Theirs({ max: 1 })).sort());
});
