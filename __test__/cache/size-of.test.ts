import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { estimateSize, measure } from '../../lib/cache/size-of';

const MOST_VISITS = 6_000;

/** An object nested `levels` deep. */
function nested(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = null;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

function range<T>(length: number, make: (at: number) => T): T[] {
  return Array.from({ length }, (_, at) => make(at));
}

test('estimates are within 25 % of what the heap really grows by', async (t) => {
  const script = join(__dirname, 'fixtures/size-of-heap.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--expose-gc', '--max-old-space-size=2048', script],
    { cwd: join(__dirname, '../..') },
  );
  const samples: Record<string, { real: number; estimate: number }> = JSON.parse(stdout);
  assert.ok(Object.keys(samples).length > 50);
  for (const [name, { real, estimate }] of Object.entries(samples)) {
    await t.test(name, () => {
      const ratio = estimate / real;
      assert.ok(ratio >= 0.75 && ratio <= 1.25, `estimated ${estimate} bytes, really ${real}: ${ratio}`);
    });
  }
});

const flat: [string, unknown, number][] = [
  ['a small integer', 1, 8],
  ['a large integer', 2 ** 31, 24],
  ['a double', 0.5, 24],
  ['undefined', undefined, 8],
  ['null', null, 8],
  ['a boolean', true, 8],
  ['the empty string', '', 8],
  ['one Latin-1 character', 'é', 8],
  ['one wide character', '日', 32],
  ['a one-byte string', 'abcdefghi', 40],
  ['a two-byte string', 'abcdefgh日', 48],
  ['a bigint', 1n, 32],
  ['a bigint of two digits', -(1n << 100n), 40],
  ['a symbol', Symbol(), 32],
  ['a function', () => {}, 104],
];
for (const [name, value, size] of flat) {
  test(`${name} takes ${size} bytes, its slot included`, () => {
    assert.equal(estimateSize(value), size);
  });
}

test('a key is charged beside the value, and what both hold once', () => {
  const key = { id: 'a key that is an object' };
  assert.equal(estimateSize('value', 'some key'), estimateSize('value') + estimateSize('some key'));
  assert.equal(estimateSize([1], key), estimateSize([1]) + estimateSize(key));
  assert.equal(estimateSize([key], key), estimateSize([key]) + 8);
});

test('shared objects and cycles are counted once', () => {
  const shared = { text: 'a text of some length' };
  assert.equal(estimateSize([shared, shared, shared]), estimateSize([shared, 0, 0]));
  const loop: Record<string, unknown> = { text: 'a text of some length', self: null };
  const size = estimateSize(loop);
  loop.self = loop;
  assert.equal(estimateSize(loop), size);
  const ring = nested(100, (inner) => ({ inner })) as { inner: unknown };
  const open = estimateSize(ring);
  let last = ring;
  while (last.inner !== null) last = last.inner as typeof ring;
  last.inner = ring;
  assert.equal(estimateSize(ring), open);
  const map = new Map<unknown, unknown>();
  map.set(map, map);
  assert.equal(estimateSize(map), estimateSize(new Map([[1, 1]])));
});

test('equal short strings in one value are counted once, as JSON.parse makes them', () => {
  const rows = JSON.parse('[{"status":"active"},{"status":"active"}]');
  assert.equal(estimateSize(rows), estimateSize([{ status: 'active' }, { status: 1 }]));
});

test('a slice of the pool is charged its own length, a slice of a large buffer all of it', () => {
  const pooled = Buffer.from('a pooled buffer');
  assert.ok(estimateSize(pooled) < 8 + 96 + 100);
  assert.ok(estimateSize(new Uint8Array(new ArrayBuffer(1_000_000), 10, 10)) > 1_000_000);
  const buffer = new ArrayBuffer(100_000);
  const views = [new Uint8Array(buffer), new Uint8Array(buffer, 500), new DataView(buffer)];
  const size = estimateSize(views);
  assert.ok(size > 100_000 && size < 101_000);
});

test('measuring a small typed array does not move its bytes out of the heap', () => {
  const arrays = range(1_000, () => new Float64Array(4));
  const before = process.memoryUsage().arrayBuffers;
  for (const array of arrays) estimateSize(array);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000 * 32);
});

test('a long string is not kept reachable by having been looked at', () => {
  /(x)/.test('x');
  estimateSize('日'.repeat(1_000_000));
  assert.ok((RegExp as unknown as { input: string }).input.length < 10);
});

test('a wide character anywhere in 65,536 is found', () => {
  for (const at of [0, 11, 12, 13, 1_000, 30_000, 65_535]) {
    const text = `${'x'.repeat(at)}日`.padEnd(65_536, 'y');
    assert.equal(estimateSize(text), 8 + 16 + 2 * 65_536);
  }
});

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  stringUnit: 'grapheme',
});

test('any value has a size, the same each time', () => {
  fc.assert(
    fc.property(anything, fc.option(anything), (value, key) => {
      const size = estimateSize(value, key);
      assert.ok(Number.isInteger(size) && size >= 8);
      assert.equal(estimateSize(value, key), size);
    }),
    { numRuns: 3_000 },
  );
});

test('what is added never makes a value smaller', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 20 }), anything, (array, more) => {
      assert.ok(estimateSize([...array, more]) >= estimateSize(array));
      assert.ok(estimateSize(new Set([...array, more])) >= estimateSize(new Set(array)));
      const entries = array.map((one, at): [unknown, unknown] => [one, array[at - 1]]);
      assert.ok(estimateSize(new Map([...entries, [{}, more]])) >= estimateSize(new Map(entries)));
    }),
    { numRuns: 2_000 },
  );
  const name = fc.oneof(fc.string(), fc.nat().map(String), fc.nat(5).map(String));
  fc.assert(
    fc.property(fc.dictionary(name, anything), name, anything, (object, key, more) => {
      if (!Object.hasOwn(object, key)) {
        const larger = Object.setPrototypeOf({ ...object, [key]: more }, Object.getPrototypeOf(object));
        assert.ok(estimateSize(larger) >= estimateSize(object));
      }
    }),
    { numRuns: 2_000 },
  );
  let object: Record<string, unknown> = {};
  for (let before = 0, at = 0; at < 500; at++) {
    object = { ...object, [`key${at}`]: at };
    const size = estimateSize(object);
    assert.ok(size >= before);
    before = size;
  }
});

let ran = 0;
const trap = (): never => {
  ran++;
  throw new Error('code of the value ran');
};
const everyTrap: ProxyHandler<object> = new Proxy({}, { get: () => trap });
const revoked = (target: object): unknown => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
class Hostile extends Map<unknown, unknown> {
  override get size(): number {
    return trap();
  }
  override entries(): never {
    return trap();
  }
  override forEach(): never {
    return trap();
  }
  override [Symbol.iterator](): never {
    return trap();
  }
  override get [Symbol.toStringTag](): string {
    return trap();
  }
}
const hostileView = Object.defineProperties(new Uint8Array(100), {
  byteLength: { get: trap },
  length: { get: trap },
  buffer: { get: trap },
  byteOffset: { get: trap },
});
const chained = nested(100_000, (inner) => Object.create(inner as object | null));
const detached = new ArrayBuffer(100);
const viewOfDetached = new Uint8Array(detached, 10);
structuredClone(detached, { transfer: [detached] });
const foreign = (code: string): unknown => runInContext(`(${code})`, createContext());

const exotic: Record<string, unknown> = {
  'an object with accessors': Object.defineProperty({ a: 1 }, 'b', { get: trap, enumerable: true }),
  'an object with a converter': { toString: trap, valueOf: trap, toJSON: trap, [Symbol.toPrimitive]: trap },
  'an instance with accessors': new (class {
    own = 1;
    get inherited(): never {
      return trap();
    }
  })(),
  'an object with an accessor for its class': {
    get constructor() {
      return trap();
    },
  },
  'a proxy': new Proxy({}, everyTrap),
  'a proxy of an array': new Proxy([1], everyTrap),
  'a proxy of a function': new Proxy(() => {}, everyTrap),
  'a revoked proxy': revoked({}),
  'a revoked proxy of an array': revoked([]),
  'an heir of a proxy': Object.create(new Proxy({}, everyTrap)),
  'an heir of an heir of a revoked proxy': Object.create(Object.create(revoked({}) as object)),
  'a proxy in an object, an array, a Map and a Set': {
    object: new Proxy({}, everyTrap),
    array: [new Proxy([], everyTrap)],
    map: new Map([[new Proxy({}, everyTrap), revoked({})]]),
    set: new Set([revoked(() => {})]),
  },
  'a Map with methods of its own': new Hostile([[1, 2]]),
  'a typed array with accessors of its own': hostileView,
  'a long chain of prototypes': chained,
  'an heir of an object without a prototype': Object.create(Object.create(null)),
  'an array with another prototype': Object.setPrototypeOf([1, 2], Object.prototype),
  'an array without a prototype': Object.setPrototypeOf([1, 2], null),
  'a Map without a prototype': Object.setPrototypeOf(new Map(), null),
  'no Map but its heir': Object.create(Map.prototype),
  'no Set but its heir': Object.create(Set.prototype),
  'no buffer but its heir': Object.create(ArrayBuffer.prototype),
  'no typed array but its heir': Object.create(Uint8Array.prototype),
  'no string but its heir': Object.create(String.prototype),
  prototypes: [Map, Set, Date, Error, RegExp, String, Promise, ArrayBuffer, Uint8Array].map(
    (c) => c.prototype,
  ),
  'a detached buffer': detached,
  'a view of a detached buffer': viewOfDetached,
  'a shared buffer': new SharedArrayBuffer(64),
  'views of a shared buffer': [
    new Uint8Array(new SharedArrayBuffer(64), 8),
    new DataView(new SharedArrayBuffer(8)),
  ],
  'WebAssembly memory': foreign('new WebAssembly.Memory({ initial: 1 })'),
  'a foreign object': foreign('{ a: 1, nested: { b: [1, 2] } }'),
  'foreign built-ins': foreign(
    '[new Map([[1, {}]]), new Set([1]), new Date(), /x/, new Error("x"), new String("x")]',
  ),
  'foreign buffers': foreign('[new ArrayBuffer(8), new Uint8Array(100), new DataView(new ArrayBuffer(8))]'),
  'boxed values': [Object('text'), Object(1), Object(1n), Object(Symbol()), Object(true)],
  'a boxed long string': Object('x'.repeat(1_000_000)),
  'a sparse array': Object.assign([], { 5: 'a', 100000: 'b' }),
  'the longest array': Object.assign([], { 4294967294: 1 }),
  'holes only': [new Array(10), new Array(100_000), new Array(5_000_000), new Array(2 ** 32 - 1)],
  'a match': /(?<first>a)/d.exec('a match'),
  arguments: (function () {
    // biome-ignore lint/complexity/noArguments: it is the object wanted
    return arguments;
  })(),
  'a generator': (function* () {})(),
  'an async iterator': (async function* () {})(),
  functions: [trap, async () => {}, class {}, Math.max, trap.bind(null)],
  'weak things': [new WeakMap(), new WeakSet(), new WeakRef({}), new FinalizationRegistry(trap)],
  promises: [Promise.resolve(1), new Promise(() => {})],
  iterators: [[1].values(), new Map().keys(), 'x'[Symbol.iterator]()],
  'streams and emitters': [new PassThrough(), new EventEmitter(), process.stdout],
  'objects of the platform': [
    new URL('http://localhost/'),
    new AbortController(),
    new Intl.NumberFormat(),
    new Blob([]),
  ],
  'errors with causes': new AggregateError([new TypeError('a')], 'b', { cause: new RangeError('c') }),
  'the global object': globalThis,
  process,
  'frozen and symbol-keyed': Object.freeze({ [Symbol()]: trap, a: 1 }),
  'a very large bigint': 1n << 1_000_000n,
};
for (const [name, value] of Object.entries(exotic)) {
  test(`it has a size, and none of its code runs: ${name}`, () => {
    ran = 0;
    for (const one of [value, [value], { value }, new Map([[value, value]])]) {
      assert.ok(Number.isFinite(estimateSize(one)) && estimateSize(one) >= 8);
      assert.ok(measure(one).visits <= MOST_VISITS);
    }
    assert.equal(ran, 0);
  });
}

test('an accessor on an array index that throws does no harm', () => {
  const array = Object.defineProperty([1, 2, 3], 1, { get: trap });
  assert.ok(estimateSize({ array, more: 'x'.repeat(1_000) }) > 1_000);
});

const large: [string, () => unknown, number][] = [
  ['ten million numbers', () => new Array(10_000_000).fill(1), 80_000_000],
  [
    'ten million times one object',
    () => new Array(10_000_000).fill({ text: 'x'.repeat(10_000) }),
    80_000_000,
  ],
  ['records', () => range(100_000, (at) => ({ at, text: `a text with ${at}` })), 100_000 * (8 + 40 + 34)],
  ['one of few texts', () => range(100_000, (at) => (at % 2 ? 'active' : 'pending')), 800_000],
  ['arrays of arrays', () => range(1_000, () => range(200, (at) => at)), 1_000 * (8 + 48 + 1_600)],
  [
    'fields of which one is large',
    () => ({ a: range(100_000, (at) => at), b: { c: 'x'.repeat(50) }, d: [1, 2], e: 1 }),
    800_000,
  ],
  ['a Map', () => new Map(range(200_000, (at) => [at, 0.5 + at])), 28 * 2 ** 18 + 200_000 * 16],
  ['a Set', () => new Set(range(200_000, (at) => `${at} is a member`)), 20 * 2 ** 18 + 200_000 * 38],
  ['names', () => Object.fromEntries(range(100_000, (at) => [`name ${at}`, at])), 24 * 2 ** 18],
  ['ids', () => Object.fromEntries(range(100_000, (at) => [at * 100, at])), 24 * 2 ** 18],
];
for (const [name, make, expected] of large) {
  test(`the work has a limit, and what was not seen is extrapolated: ${name}`, () => {
    const value = make();
    const { bytes, visits, complete } = measure(value);
    assert.equal(complete, false);
    assert.ok(visits <= MOST_VISITS, `${visits} visits`);
    assert.ok(bytes > 0.75 * expected && bytes < 1.25 * expected, `${bytes}, not about ${expected}`);
    assert.equal(estimateSize(value), bytes);
  });
}

const deep: [string, (inner: unknown) => unknown][] = [
  ['objects', (inner) => ({ inner })],
  ['arrays', (inner) => [inner]],
  ['Maps', (inner) => new Map([[1, inner]])],
  ['objects of two', (inner) => ({ left: { leaf: 1 }, right: inner })],
];
for (const [name, wrap] of deep) {
  test(`a million levels deep is not too deep: ${name}`, () => {
    const { bytes, visits, complete } = measure(nested(name === 'Maps' ? 100_000 : 1_000_000, wrap));
    assert.equal(complete, false);
    assert.ok(visits <= MOST_VISITS);
    assert.ok(bytes > 30_000, `${bytes}`);
  });
}

test('up to the limit everything is counted', () => {
  const rows = range(900, (at) => ({ at, text: `the text of row ${at}` }));
  const { bytes, complete } = measure(rows);
  assert.equal(complete, true);
  assert.equal(bytes, 8 + 48 + 8 * 900 + rows.reduce((sum, row) => sum + estimateSize(row) - 8, 0));
});
