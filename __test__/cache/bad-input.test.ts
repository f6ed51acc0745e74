/**
 * What is not acceptable: each option and argument, with values of every wrong kind, is a `TypeError` or
 * `RangeError` with a code and a message that names it and shows the value, and nothing has changed.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache, caches, type LoadOptions, relieve } from 'plateau';
import { describe, storeOf } from '../../dist/testing.cjs';

type AnyCache = BoundedCache<unknown, unknown>;

const trap = (): never => {
  throw new Error('a value was asked to describe itself');
};
const hostile = { toString: trap, valueOf: trap, [Symbol.toPrimitive]: trap, toJSON: trap };
/** A proxy that throws whatever is asked of it. */
const proxy = new Proxy({}, new Proxy({}, { get: () => trap }));
const revoked = Proxy.revocable({}, {});
revoked.revoke();

const numbers = {
  ...{ negative: [-1, -0.5, -1e300, Number.NEGATIVE_INFINITY], zero: [0, -0], nan: [Number.NaN] },
  ...{ infinite: [Number.POSITIVE_INFINITY], fractions: [0.5, 1.5, Number.MIN_VALUE] },
  huge: [2 ** 53, 1e300, Number.MAX_VALUE],
};
const strings = ['', '5', '5m', 'x'.repeat(10_000)];
const booleans = [true, false];
const bigints = [0n, 5n, 2n ** 4096n];
const symbols = [Symbol('one'), Symbol()];
const functions = [() => 5, class Five {}, trap];
const plain = [
  {},
  { valueOf: () => 5 },
  hostile,
  Object.create(null),
  [],
  [5],
  new Date(5),
  new Map(),
  Object(5),
];
const proxies = [proxy, revoked.proxy];
const objects = [...plain, ...proxies];
const others = [...strings, ...booleans, ...bigints, ...symbols, ...functions, ...objects];

const bad = {
  count: [...numbers.negative, ...numbers.zero, ...numbers.nan, ...numbers.infinite, ...numbers.fractions],
  duration: [...numbers.negative, ...numbers.zero, ...numbers.nan],
  share: [...numbers.negative, ...numbers.nan, ...numbers.infinite, 1.0001, 2, ...numbers.huge],
  size: [...numbers.negative, ...numbers.nan, ...numbers.infinite],
};
const notNumbers = [null, ...others];
const allNumbers = [...Object.values(numbers).flat(), 5];
const notFunctions = [null, ...allNumbers, ...strings, ...booleans, ...bigints, ...symbols, ...objects];
const notBooleans = [null, ...allNumbers, ...strings, ...bigints, ...symbols, ...functions, ...objects];
const notObjects = [null, ...allNumbers, ...strings, ...booleans, ...bigints, ...symbols, ...functions];
const notNames = [null, '', ...allNumbers, ...booleans, ...bigints, ...symbols, ...functions, ...objects];

/** Checks the error for one value. */
function refuses(call: () => unknown, name: string, value: unknown): void {
  assert.throws(call, (error: Error & { code: string }) => {
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${name}: ${error.stack}`);
    const isNumber = typeof value === 'number';
    assert.match(error.code, /^PLATEAU_(INVALID_OPTION|INVALID_ARGUMENT|OUT_OF_RANGE)$/);
    assert.equal(error.code === 'PLATEAU_OUT_OF_RANGE', error instanceof RangeError);
    if (error instanceof RangeError)
      assert.ok(isNumber, `${describe(value)} is no number to be out of range`);
    assert.ok(error.message.startsWith(`${name} must be `), error.message);
    assert.ok(error.message.endsWith(`, got ${describe(value)}`), error.message);
    assert.ok(error.message.length < 250, error.message);
    return true;
  });
}

/** The options of the constructor, with what each refuses. */
const options: Record<string, unknown[]> = {
  maxEntries: [...bad.count, ...numbers.huge, 2 ** 26, ...notNumbers],
  maxBytes: [...bad.count, ...numbers.huge, ...notNumbers],
  sizeOf: notFunctions,
  ttl: [...bad.duration, ...notNumbers],
  sliding: notBooleans,
  ttlResolution: [...bad.duration, ...numbers.infinite, ...notNumbers],
  ttlJitter: [...bad.share, ...notNumbers],
  policy: [null, 'LRU', 'lfu', 'toString', ...notNames],
  onRemove: notFunctions,
  clock: [...notObjects, {}, { now: 5 }, { now: null }, []],
  name: notNames,
  maxLoads: [...bad.count, ...numbers.huge.filter((n) => !Number.isSafeInteger(n)), ...notNumbers],
  negativeTtl: [...numbers.negative, ...numbers.nan, ...notNumbers],
};

for (const [name, values] of Object.entries(options)) {
  test(`the option ${name} is refused where it is not acceptable`, () => {
    for (const value of values) {
      const given = { maxEntries: 10, maxBytes: 100, name: 'bad', [name]: value };
      refuses(() => new BoundedCache(given as never), name, value);
    }
    assert.deepEqual(caches(), []);
  });

  test(`the option ${name} may be left out or undefined`, () => {
    const given = { maxEntries: 10, maxBytes: 100, [name]: undefined };
    assert.equal(new BoundedCache(given as never).size, 0);
  });
}

test('options are an object or a number', () => {
  for (const value of [undefined, ...notObjects.filter((one) => typeof one !== 'number')]) {
    refuses(() => new BoundedCache(value as never), 'options', value);
  }
  for (const value of [...bad.count, ...numbers.huge]) {
    refuses(() => new BoundedCache(value), 'maxEntries', value);
  }
});

test('a cache without a bound is refused, with a ttl or without', () => {
  for (const given of [{}, { ttl: 1000 }, { policy: 'lru', sliding: true }, [], new Map(), { max: 100 }]) {
    assert.throws(() => new BoundedCache(given as never), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_OPTION',
      message: /^maxEntries or maxBytes must be given/,
    });
  }
});

test('sizeOf without maxBytes is refused, as nothing would be measured', () => {
  assert.throws(() => new BoundedCache({ maxEntries: 10, sizeOf: () => 1 }), {
    code: 'PLATEAU_INVALID_OPTION',
    message: /^maxBytes must be given where sizeOf is/,
  });
});

test('an option whose getter throws fails with that error', () => {
  const error = new Error('from the getter');
  const given = {
    maxEntries: 10,
    get ttl(): number {
      throw error;
    },
  };
  assert.throws(() => new BoundedCache(given), error);
});

const notIterable = [
  ...allNumbers,
  ...booleans,
  ...bigints,
  ...symbols,
  ...functions,
  {},
  hostile,
  new Date(0),
];

test('entries of the constructor must be an iterable', () => {
  for (const value of notIterable) refuses(() => new BoundedCache(10, value as never), 'entries', value);
});

/** What a call must leave as it is: content, order, times, numbers. */
function fingerprint(cache: AnyCache): unknown {
  const { at, ...dump } = cache.dump();
  return [at > 0, dump, [...cache], cache.stats(), storeOf(cache).capacity];
}

/** A cache with some of everything in it, and a clock that stands. */
function filled(sized: boolean): AnyCache {
  const cache = new BoundedCache<unknown, unknown>({
    ...{ maxEntries: 10, ttl: 1000, clock: { now: () => 50 } },
    ...(sized && { maxBytes: 1000, sizeOf: () => 10 }),
  });
  for (let i = 0; i < 8; i++) cache.set(i, `value ${i}`, i % 2 === 0 ? {} : { ttl: 10 * i });
  cache.get(3);
  cache.get('nothing');
  return cache;
}

const loader = (): number => 1;

/** Arguments of methods: the name in the message, the call, and what it refuses. */
const methods: [
  what: string,
  name: string,
  call: (cache: AnyCache, value: never) => unknown,
  values: unknown[],
][] = [
  ['options of set', 'options', (c, v) => c.set(1, 1, v), notObjects],
  ['ttl of set', 'ttl', (c, v) => c.set(1, 1, { ttl: v }), options.ttl as unknown[]],
  ['size of set', 'size', (c, v) => c.set(1, 1, { size: v }), [...bad.size, ...notNumbers]],
  ['ttl of set for a new key', 'ttl', (c, v) => c.set('new', 1, { ttl: v }), options.ttl as unknown[]],
  ['entries of setMany', 'entries', (c, v) => c.setMany(v), [undefined, null, ...notIterable]],
  ['options of setMany', 'options', (c, v) => c.setMany([[1, 1]], v), notObjects],
  ['ttl of setMany', 'ttl', (c, v) => c.setMany([[1, 1]], { ttl: v }), options.ttl as unknown[]],
  ['size of setMany', 'size', (c, v) => c.setMany([[1, 1]], { size: v }), [...bad.size, ...notNumbers]],
  ['keys of getMany', 'keys', (c, v) => c.getMany(v), [undefined, null, ...notIterable]],
  [
    'compute of getOrInsertComputed',
    'compute',
    (c, v) => c.getOrInsertComputed('x', v),
    [undefined, ...notFunctions],
  ],
  ['callback of forEach', 'callback', (c, v) => c.forEach(v), [undefined, ...notFunctions]],
  ['bounds of resize', 'bounds', (c, v) => c.resize(v), [undefined, ...notObjects]],
  [
    'maxEntries of resize',
    'maxEntries',
    (c, v) => c.resize({ maxEntries: v }),
    options.maxEntries as unknown[],
  ],
  ['maxBytes of resize', 'maxBytes', (c, v) => c.resize({ maxBytes: v }), options.maxBytes as unknown[]],
  [
    'maxBytes of resize beside a good maxEntries',
    'maxBytes',
    (c, v) => c.resize({ maxEntries: 1, maxBytes: v }),
    options.maxBytes as unknown[],
  ],
  ['fraction of shrinkTo', 'fraction', (c, v) => c.shrinkTo(v), [undefined, ...bad.share, ...notNumbers]],
  ['loader of getOrLoad', 'loader', (c, v) => c.getOrLoad('x', v), [undefined, ...notFunctions]],
  ['options of getOrLoad', 'options', (c, v) => c.getOrLoad('x', loader, v), notObjects],
  ['fn of wrap', 'fn', (c, v) => c.wrap(v), [undefined, ...notFunctions]],
  ['keyOf of wrap', 'keyOf', (c, v) => c.wrap(loader, v), notFunctions],
  ['options of wrap', 'options', (c, v) => c.wrap(loader, undefined, v), notObjects],
  ['dump of restore', 'dump', (c, v) => c.restore(v), [undefined, ...notObjects, {}, [], new Map(), hostile]],
];

const loadOptions: Record<keyof LoadOptions, unknown[]> = {
  ttl: options.ttl as unknown[],
  size: [...bad.size, ...notNumbers],
  signal: [null, ...allNumbers, ...others, new EventTarget(), { aborted: false }],
  timeout: options.ttl as unknown[],
  staleWhileRevalidate: options.negativeTtl as unknown[],
  staleIfError: options.negativeTtl as unknown[],
  negativeTtl: options.negativeTtl as unknown[],
};
for (const [name, values] of Object.entries(loadOptions)) {
  methods.push([`${name} of getOrLoad`, name, (c, v) => c.getOrLoad('x', loader, { [name]: v }), values]);
  // A size is checked when it is used: the cache that is asked then may have no maxBytes.
  if (name === 'size') continue;
  methods.push([`${name} of wrap`, name, (c, v) => c.wrap(loader, undefined, { [name]: v }), values]);
}

const head = { format: 'plateau.cache', version: 1, at: 5 } as const;
const dumpParts: [name: string, make: (value: unknown) => unknown, values: unknown[]][] = [
  ['dump.version', (v) => ({ ...head, version: v, entries: [] }), [undefined, null, 0, 2, '1', 1n, NaN, {}]],
  ['dump.at', (v) => ({ ...head, at: v, entries: [] }), [undefined, null, NaN, Infinity, '5', 5n, {}, proxy]],
  [
    'dump.entries',
    (v) => ({ ...head, entries: v }),
    [undefined, null, 5, 'ab', {}, new Map(), { length: 1 }],
  ],
  [
    'dump.entries[1]',
    (v) => ({ ...head, entries: [{ key: 1, value: 1 }, v] }),
    [undefined, null, 5, 'x', {}, [], { key: 1 }, { value: 1 }],
  ],
  [
    'dump.entries[0].ttl',
    (v) => ({ ...head, entries: [{ key: 1, value: 1, ttl: v }] }),
    [null, 0, -1, NaN, '5', 5n, {}],
  ],
  [
    'dump.entries[1].size',
    (v) => ({
      ...head,
      entries: [
        { key: 1, value: 1 },
        { key: 2, value: 1, size: v },
      ],
    }),
    [null, -1, NaN, Infinity, '5', 5n, {}],
  ],
];
for (const [name, make, values] of dumpParts) {
  methods.push([`${name} of restore`, name, (c, v) => c.restore(make(v) as never), values]);
}

for (const [what, name, call, values] of methods) {
  test(`${what} is refused where it is not acceptable, and nothing has changed`, () => {
    const cache = filled(true);
    const before = fingerprint(cache);
    for (const value of values) refuses(() => call(cache, value as never), name, value);
    assert.deepEqual(fingerprint(cache), before);
    storeOf(cache).validate();
  });
}

test('a size is refused in a cache that measures nothing, as is a bound on bytes', () => {
  const cache = filled(false);
  const before = fingerprint(cache);
  refuses(() => cache.set(1, 1, { size: 5 }), 'size', 5);
  refuses(() => cache.setMany([[1, 1]], { size: 5 }), 'size', 5);
  refuses(() => cache.getOrLoad('x', loader, { size: 5 }), 'size', 5);
  refuses(() => cache.resize({ maxBytes: 5 }), 'maxBytes', 5);
  refuses(() => cache.resize({ maxEntries: 1, maxBytes: 5 }), 'maxBytes', 5);
  assert.deepEqual(fingerprint(cache), before);
});

test('a sizeOf that returns no size is refused by set, and nothing has changed', () => {
  for (const value of [undefined, ...bad.size, ...notNumbers]) {
    let size: unknown = 5;
    const cache = new BoundedCache<string, number>({ maxBytes: 100, sizeOf: () => size as number }, [
      ['a', 1],
    ]);
    const before = fingerprint(cache as AnyCache);
    size = value;
    for (const key of ['a', 'b']) refuses(() => cache.set(key, 2), 'sizeOf()', value);
    assert.deepEqual(fingerprint(cache as AnyCache), before);
  }
});

test('a clock that does not tell the time is refused by whoever asks it, and nothing has changed', () => {
  for (const value of [undefined, ...numbers.nan, ...numbers.infinite, ...notNumbers]) {
    let now: unknown = 5;
    const cache = new BoundedCache<string, number>({
      maxEntries: 2,
      ttl: 50,
      clock: { now: () => now as number },
    });
    cache.set('a', 1).set('b', 2);
    const before = fingerprint(cache as AnyCache);
    now = value;
    const calls = [
      ...[() => cache.set('a', 2), () => cache.set('c', 2), () => cache.get('a'), () => cache.has('a')],
      ...[
        () => cache.peek('a'),
        () => cache.delete('a'),
        () => cache.take('a'),
        () => cache.remainingTtl('a'),
      ],
      ...[
        () => cache.purgeExpired(),
        () => cache.dump(),
        () => [...cache],
        () => cache.resize({ maxEntries: 1 }),
      ],
    ];
    for (const call of calls.slice(0, -1)) refuses(call, 'clock.now()', value);
    now = 5;
    assert.deepEqual(fingerprint(cache as AnyCache), before);
  }
});

test('a clock that fails in the middle of an operation leaves a valid cache', () => {
  for (let failAt = 1; failAt < 12; failAt++) {
    let calls = 0;
    let failing = false;
    const cache = new BoundedCache<string, number>({
      ...{ maxEntries: 3, maxBytes: 30, sizeOf: (value) => value, ttl: 50 },
      clock: {
        now() {
          if (failing && ++calls >= failAt) throw new Error('the clock is broken');
          return 5;
        },
      },
    });
    const attempt = (call: () => unknown): void => {
      failing = true;
      calls = 0;
      try {
        call();
      } catch (error) {
        assert.equal((error as Error).message, 'the clock is broken');
      }
      failing = false;
      storeOf(cache).validate();
    };
    cache.set('a', 5).set('b', 5, { ttl: Number.POSITIVE_INFINITY }).set('c', 5);
    attempt(() => cache.set('d', 20));
    attempt(() => cache.set('b', 28, { ttl: Number.POSITIVE_INFINITY }));
    attempt(() => cache.set('e', 28, { ttl: Number.POSITIVE_INFINITY }));
    attempt(() => cache.get('c'));
    attempt(() => cache.resize({ maxEntries: 1 }));
    attempt(() => cache.shrinkTo(0.5));
    attempt(() => cache.purgeExpired());
  }
});

test('an entry of setMany that is none is refused, and none of the others is set', () => {
  for (const value of [null, undefined, ...allNumbers, ...strings, ...symbols, ...booleans]) {
    const cache = new BoundedCache<unknown, unknown>(10);
    assert.throws(() => cache.setMany([['a', 1], value as never, ['b', 2]]), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /entries.* must be an array of key and value, got /,
    });
    assert.deepEqual([...cache.keys()], []);
    storeOf(cache).validate();
  }
});

test('a size that is none in the middle of setMany or restore changes nothing', () => {
  const sizeOf = (value: number): number => (value === 2 ? Number.NaN : 1);
  const cache = new BoundedCache<string, number>({ maxBytes: 10, sizeOf }, [['a', 0]]);
  const bad = { name: 'RangeError', code: 'PLATEAU_OUT_OF_RANGE', message: /sizeOf\(\)/ };
  const entries: [string, number][] = [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ];
  assert.throws(() => cache.setMany(entries), bad);
  const dump = { ...cache.dump(), entries: entries.map(([key, value]) => ({ key, value })) };
  assert.throws(() => cache.restore(dump), bad);
  assert.deepEqual([...cache], [['a', 0]]);
  assert.equal(cache.stats().bytes, 1);
  storeOf(cache).validate();
});

test('a size or ttl that changes between two looks at it is never taken unchecked', () => {
  for (const lie of [Number.NaN, -5, 'x', Number.POSITIVE_INFINITY]) {
    for (const honest of [1, 2, 3]) {
      const cache = new BoundedCache<string, number>({ maxEntries: 10, maxBytes: 100, sizeOf: () => 1 });
      const liar = (): unknown => {
        let looks = 0;
        return {
          get size() {
            return looks++ < honest ? 5 : lie;
          },
        };
      };
      try {
        cache.set('a', 1, liar() as never);
      } catch (error) {
        assert.match((error as { code: string }).code, /^PLATEAU_/);
      }
      storeOf(cache).validate();
      assert.ok(Number.isFinite(cache.stats().bytes));
    }
  }
});

test('relieve refuses what is no share, and shrinks nothing', () => {
  const cache = new BoundedCache<number, number>({ maxEntries: 10, name: 'relieved' }, [[1, 1]]);
  for (const value of [undefined, ...bad.share, ...notNumbers])
    refuses(() => relieve(value as never), 'fraction', value);
  assert.equal(cache.size, 1);
});

test('what an iterable throws comes out, and nothing is set', () => {
  const error = new Error('from the iterable');
  function* broken(): Generator<[string, number]> {
    yield ['a', 1];
    throw error;
  }
  const cache = new BoundedCache<string, number>(10);
  assert.throws(() => cache.setMany(broken()), error);
  assert.deepEqual([...cache], []);
  storeOf(cache).validate();
});

test('a callback of forEach or compute that throws leaves the cache as it was', () => {
  const cache = filled(true);
  const error = new Error('from the callback');
  const fail = (): never => {
    throw error;
  };
  assert.throws(() => cache.forEach(fail), error);
  const before = cache.size;
  assert.throws(() => cache.getOrInsertComputed('new', fail), error);
  assert.equal(cache.size, before);
  assert.equal(cache.has('new'), false);
  storeOf(cache).validate();
});

test('methods called on something else than a cache throw a TypeError', () => {
  const { prototype } = BoundedCache;
  for (const name of ['get', 'set', 'has', 'delete', 'clear', 'stats', 'dump'] as const) {
    assert.throws(() => (prototype[name] as () => unknown).call(new Map()), TypeError, name);
  }
  assert.throws(() => prototype.size, TypeError);
  assert.throws(() => (BoundedCache as unknown as () => void)(), TypeError);
});

test('any value at all is acceptable as a key and as a value', () => {
  const values = [undefined, null, ...allNumbers, ...others];
  const cache = new BoundedCache<unknown, unknown>(1000);
  for (const value of values) {
    cache.set(value, value);
    assert.ok(Object.is(cache.get(value), value) || value === 0);
  }
  assert.equal(cache.size, new Set(values).size);
  storeOf(cache).validate();
  const sized = new BoundedCache<unknown, unknown>({ maxBytes: 1e9 });
  for (const value of values) sized.set(value, value);
  assert.equal(sized.size, cache.size);
  storeOf(sized).validate();
});
