import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '../../dist/testing.cjs';

class Foo {}

const cases: [unknown, string][] = [
  ['5m', '"5m"'],
  ['', '""'],
  ['say "hi"\n', '"say \\"hi\\"\\n"'],
  [42, '42'],
  [-0, '-0'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [10n, '10n'],
  [true, 'true'],
  [null, 'null'],
  [undefined, 'undefined'],
  [Symbol('key'), 'the symbol "key"'],
  [Symbol(), 'a symbol'],
  [function named() {}, 'the function named'],
  [() => {}, 'a function'],
  [Foo, 'the function Foo'],
  [[1, 2, 3], 'an array of 3 items'],
  [[1], 'an array of 1 item'],
  [{ ttl: 5 }, 'an object'],
  [Object.create(null), 'an object'],
  [new Foo(), 'an instance of Foo'],
  [new Map(), 'an instance of Map'],
  [new Date(0), 'an instance of Date'],
];

for (const [value, expected] of cases) {
  test(`a value is described as ${expected}`, () => {
    assert.equal(describe(value), expected);
  });
}

test('a long string is cut and its length told', () => {
  assert.equal(describe('x'.repeat(10_000)), `"${'x'.repeat(40)}…" (10000 characters)`);
});

test('whatever the size of the value, the description is short', () => {
  const long = 'n'.repeat(1_000_000);
  const LongName = { [long]: class {} }[long] as new () => object;
  const values = [long, Symbol(long), 1n << 1_000_000n, -(1n << 1_000_000n), new LongName(), LongName];
  for (const value of values) assert.ok(describe(value).length < 100);
});

test('no code of the value runs, and nothing is thrown', () => {
  const trap = (): never => {
    throw new Error('the value was touched');
  };
  const hostile = {
    toString: trap,
    [Symbol.toPrimitive]: trap,
    get constructor() {
      return trap();
    },
    get [Symbol.toStringTag]() {
      return trap();
    },
    get name() {
      return trap();
    },
  };
  const everyTrap: ProxyHandler<() => void> = new Proxy({}, { get: () => trap });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const getterName = Object.defineProperty(() => {}, 'name', { get: trap });

  assert.equal(describe(hostile), 'an object');
  assert.equal(describe(Object.create(hostile)), 'an object');
  assert.equal(describe(new Proxy(() => {}, everyTrap)), 'a proxy');
  assert.equal(describe(Object.create(new Proxy(() => {}, everyTrap) as object)), 'an object');
  assert.equal(describe(revoked.proxy), 'a proxy');
  assert.equal(describe(getterName), 'a function');
});
