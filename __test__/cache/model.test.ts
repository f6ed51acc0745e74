/**
 * Random programs against a model (`fixtures/model.ts`): results, contents, order, statistics and callbacks agree
 * after every step, and the store's invariants hold. `PLATEAU_RUNS` multiplies the number of runs.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { BoundedCache, type BoundedCacheOptions } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';
import { differingAt, fewSymbols, ofEveryKind, pools } from './fixtures/keys';
import { CacheModel, LruModel, type ModelPolicy, type Removal, S3FifoModel } from './fixtures/model';

const factor = Number(process.env.PLATEAU_RUNS ?? 1);

type Options = Omit<BoundedCacheOptions<unknown, unknown>, 'onRemove' | 'clock'> & { notify: boolean };

/** One step of a program, decoded from a random integer so that a run costs little to generate. */
interface Step {
  name: StepName;
  key: number;
  a: number;
  b: number;
}

const weights = {
  ...{ set: 14, setOptions: 6, get: 12, has: 2, peek: 2, delete: 5, take: 1, remainingTtl: 1 },
  ...{ getMany: 1, setMany: 2, getOrInsert: 2, getOrInsertComputed: 1, advance: 5 },
  ...{ clear: 1, resize: 2, shrinkTo: 1, purgeExpired: 1, iterate: 3, dump: 1, restore: 1, resetStats: 1 },
};
type StepName = keyof typeof weights;
const names = Object.entries(weights).flatMap(([name, weight]) =>
  Array<StepName>(weight).fill(name as StepName),
);

function decode(code: number): Step {
  const take = (count: number): number => {
    const digit = code % count;
    code = Math.floor(code / count);
    return digit;
  };
  return { name: names[take(names.length)] as StepName, key: take(64), a: take(16), b: take(16) };
}

const TTLS = [1, 2, 5, 10, 50, 0.5, 3e10, Number.POSITIVE_INFINITY];
const SIZES = [0, 1, 2, 3, 5, 8, 13, 21, 34, 100];
const FRACTIONS = [0, 0.1, 0.25, 0.5, 0.9, 1];
const VALUES = [undefined, null, 0, -0, Number.NaN, '', 'value', { an: 'object' }];

/** A cache and its model, side by side. */
class Pair {
  readonly cache: BoundedCache<unknown, unknown>;
  readonly model: CacheModel;
  readonly policy: ModelPolicy;
  readonly #options: Options;
  readonly #keys: readonly unknown[];
  readonly #log: Removal[] = [];

  constructor(options: Options, keys: readonly unknown[]) {
    this.#options = options;
    this.#keys = keys;
    const { notify, ...rest } = options;
    this.cache = new BoundedCache<unknown, unknown>({
      ...rest,
      clock: { now: () => this.model.now },
      ...(notify && { onRemove: (value, key, reason) => void this.#log.push({ value, key, reason }) }),
    });
    this.policy = this.#newPolicy();
    this.model = new CacheModel(
      {
        maxEntries: this.cache.maxEntries,
        maxBytes: this.cache.maxBytes,
        sizeOf: options.sizeOf as ((value: unknown) => number) | undefined,
        ttl: options.ttl ?? Number.POSITIVE_INFINITY,
        sliding: options.sliding ?? false,
      },
      this.policy,
    );
  }

  #newPolicy(): ModelPolicy {
    if (this.#options.policy !== 's3-fifo') return new LruModel();
    const store = storeOf(this.cache);
    return new S3FifoModel(
      this.cache.maxEntries,
      (key) => store.s3?.isInMain(store.index.find(key)) === true,
    );
  }

  /** Does the step on both sides and compares. */
  step({ name, key: index, a, b }: Step): void {
    const { cache, model } = this;
    const key = this.#keyAt(index);
    const value = VALUES[a % VALUES.length];
    switch (name) {
      case 'set':
        assert.equal(cache.set(key, value), cache);
        model.set(key, value);
        break;
      case 'setOptions': {
        const ttl = TTLS[a % TTLS.length] as number;
        const sized = this.#options.maxBytes !== undefined;
        const options = {
          ...(b % 3 > 0 && { ttl }),
          ...(sized && { size: SIZES[b % SIZES.length] as number }),
        };
        cache.set(key, value, options);
        model.set(key, value, options);
        break;
      }
      case 'get':
        assert.equal(cache.get(key), model.get(key));
        break;
      case 'has':
        assert.equal(cache.has(key), model.has(key));
        break;
      case 'peek':
        assert.equal(cache.peek(key), model.peek(key));
        break;
      case 'delete':
        assert.equal(cache.delete(key), model.delete(key));
        break;
      case 'take':
        assert.equal(cache.take(key), model.take(key));
        break;
      case 'remainingTtl':
        assert.equal(cache.remainingTtl(key), model.remainingTtl(key));
        break;
      case 'getMany': {
        const several = this.#several(index, b);
        assert.deepEqual(
          cache.getMany(several),
          several.map((one) => model.get(one)),
        );
        break;
      }
      case 'setMany':
        cache.setMany(this.#settingBoth(this.#several(index, b), value));
        break;
      case 'getOrInsert':
        assert.equal(cache.getOrInsert(key, value), model.getOrInsert(key, value));
        break;
      case 'getOrInsertComputed':
        assert.equal(
          cache.getOrInsertComputed(key, (given) => {
            assert.ok(Object.is(given, key));
            return value;
          }),
          model.getOrInsert(key, value),
        );
        break;
      case 'advance':
        model.now += [0, 0.25, 1, 1, 2, 4, 8, 1e3, 4e10][(a + b) % 9] as number;
        break;
      case 'clear':
        cache.clear();
        model.clear();
        break;
      case 'resize': {
        const bounds = {
          ...(a % 3 !== 1 && { maxEntries: 1 + ((index + 16 * b) % this.#largest()) }),
          ...(a % 3 !== 0 && this.#options.maxBytes !== undefined && { maxBytes: 1 + b * 15 }),
        };
        cache.resize(bounds);
        model.resize(bounds);
        break;
      }
      case 'shrinkTo': {
        const fraction = FRACTIONS[a % FRACTIONS.length] as number;
        cache.shrinkTo(fraction);
        model.shrinkTo(fraction);
        break;
      }
      case 'purgeExpired':
        assert.equal(cache.purgeExpired(), model.purgeExpired());
        break;
      case 'iterate':
        this.#iterate(index, a, b);
        break;
      case 'dump':
        this.#dump();
        break;
      case 'restore':
        this.#restore(this.#several(index, b), value, TTLS[a % TTLS.length] as number);
        break;
      case 'resetStats':
        cache.resetStats();
        model.resetStats();
        break;
      default:
        throw new Error(`no step ${name satisfies never}`);
    }
  }

  #keyAt(index: number): unknown {
    return this.#keys[index % this.#keys.length];
  }

  #several(index: number, count: number): unknown[] {
    return Array.from({ length: count }, (_, i) => this.#keyAt(index + i * 5));
  }

  #largest(): number {
    return this.#options.policy === 's3-fifo' ? 31 : 200;
  }

  /** Entries that are set in the model as soon as the cache has set them and asks for the next. */
  *#settingBoth(keys: unknown[], value: unknown): Generator<[unknown, unknown]> {
    for (const key of keys) {
      yield [key, value];
      this.model.set(key, value);
    }
  }

  /** Walks both while both are changed. */
  #iterate(index: number, a: number, b: number): void {
    const { cache, model } = this;
    const expected = model.keys();
    let rounds = 0;
    const change = (): void => {
      rounds++;
      const step = { name: 'set' as const, key: index + rounds * (1 + (a % 5)), a: rounds, b };
      if (a % 4 > 0 && rounds % (1 + (a % 4)) === 0) this.step(step);
      if (b % 3 > 0 && rounds % (1 + (b % 5)) === 0)
        this.step({ ...step, name: 'delete', key: index - rounds + 99 });
      if (a === 15 && rounds === 3) this.step({ ...step, name: 'clear' });
      if (a === 14 && rounds === 4) this.step({ ...step, name: 'resize', key: 8 });
      if (a === 13 && rounds === 5) this.step({ ...step, name: 'advance', a: 3, b: 0 });
      this.#compareRemovals();
    };
    // Programs that add as fast as they walk have no end.
    const limit = 60;
    if (b % 4 === 3) {
      const end = new Error('enough');
      try {
        cache.forEach((value, key, self) => {
          assert.equal(self, cache);
          assert.deepEqual({ done: false, value: key }, expected.next());
          assert.equal(value, model.peek(key));
          change();
          if (rounds === limit) throw end;
        });
        assert.equal(expected.next().done, true);
      } catch (error) {
        if (error !== end) throw error;
      }
      return;
    }
    const walk = ([cache.keys(), cache.entries(), cache[Symbol.iterator]()] as const)[
      b % 3
    ] as Iterator<unknown>;
    for (; rounds < limit; change()) {
      const { done, value } = expected.next();
      const entry = b % 3 === 0 ? value : [value, model.peek(value)];
      assert.deepEqual(walk.next(), done ? { done, value: undefined } : { done, value: entry });
      if (done) return;
    }
  }

  #dump(): void {
    const { cache, model } = this;
    const { entries, ...head } = cache.dump();
    assert.deepEqual(head, { format: 'plateau.cache', version: 1, at: head.at });
    const expected = model
      .ranked()
      .reverse()
      .map((key) => {
        const { value, size } = model.entries.get(key) as { value: unknown; size: number };
        const ttl = model.remainingTtl(key);
        const timed = ttl !== Number.POSITIVE_INFINITY;
        return { key, value, ...(timed && { ttl }), ...(this.#options.maxBytes !== undefined && { size }) };
      });
    assert.deepEqual(entries, expected);
  }

  #restore(keys: unknown[], value: unknown, ttl: number): void {
    const { cache, model } = this;
    // Made in the future, so that no time has passed since.
    const at = Date.now() + 1e9;
    const timed = ttl !== Number.POSITIVE_INFINITY;
    let refused = 0;
    const sized = this.#options.maxBytes !== undefined;
    const entries = keys.map((key) => ({ key, value, ...(timed && { ttl }), size: 3 }));
    const restored = cache.restore({ format: 'plateau.cache', version: 1, at, entries });
    for (const key of keys) {
      const before = model.stats().rejected;
      model.set(key, value, { ttl, ...(sized && { size: 3 }) });
      refused += model.stats().rejected - before;
    }
    assert.equal(restored, keys.length - refused);
  }

  compare(): void {
    const { cache, model } = this;
    storeOf(cache).validate();
    assert.equal(cache.size, model.entries.size);
    assert.deepEqual([...cache.keys()], [...model.keys()]);
    assert.deepEqual(
      Array.from(cache.entriesByRecency(), ([key]) => key),
      model.ranked(),
    );
    assert.deepEqual(cache.stats(), model.stats());
    for (const [key, { value }] of model.entries) if (model.has(key)) assert.equal(cache.peek(key), value);
    this.#compareRemovals();
  }

  #compareRemovals(): void {
    if (this.#options.notify) {
      assert.deepEqual(this.#inOrder(this.#log), this.#inOrder(this.model.log));
    }
    this.#log.length = 0;
    this.model.log = [];
  }

  /** Entries that expired are released together, in whatever order. */
  #inOrder(log: Removal[]): Removal[] {
    const rank = ({ key }: Removal): number => this.#keys.indexOf(key);
    const sorted: Removal[] = [];
    let run: Removal[] = [];
    for (const removal of log) {
      if (removal.reason === 'expired') run.push(removal);
      else {
        sorted.push(...run.sort((a, b) => rank(a) - rank(b)), removal);
        run = [];
      }
    }
    return [...sorted, ...run.sort((a, b) => rank(a) - rank(b))];
  }
}

const steps = (length: number): fc.Arbitrary<number[]> =>
  fc.array(fc.nat(2 ** 31 - 1), { maxLength: length, size: 'max' });

const sizeOf = (value: unknown): number => VALUES.indexOf(value as string) + 1;

function options(policy: 'lru' | 's3-fifo', largest: number): fc.Arbitrary<Options> {
  const bytes = fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined, freq: 2 });
  return fc
    .record({
      maxEntries: fc.integer({ min: 1, max: largest }),
      maxBytes: bytes,
      unbounded: fc.boolean(),
      ttl: fc.option(fc.constantFrom(...TTLS), { nil: undefined, freq: 2 }),
      sliding: fc.boolean(),
      notify: fc.integer({ max: 2, min: 0 }),
    })
    .map(({ maxEntries, maxBytes, unbounded, ttl, sliding, notify }) => ({
      ...(!(unbounded && maxBytes !== undefined && policy === 'lru') && { maxEntries }),
      ...(maxBytes !== undefined && { maxBytes, sizeOf }),
      ...(ttl !== undefined && { ttl }),
      ...{ sliding, policy, notify: notify > 0 },
    }));
}

/** Runs one program; a failure tells it in words. */
function run(given: Options, pool: string, codes: number[], each: (pair: Pair) => void = () => {}): Pair {
  const keys = pools[pool] as readonly unknown[];
  const pair = new Pair(given, keys);
  const done: Step[] = [];
  try {
    for (const code of codes) {
      const step = decode(code);
      done.push(step);
      pair.step(step);
      pair.compare();
      each(pair);
    }
  } catch (error) {
    const program = done.map(
      ({ name, key, a, b }) => `${name} ${inspect(keys[key % keys.length])} ${a} ${b}`,
    );
    throw new Error(`${inspect(given)} over ${pool}:\n  ${program.join('\n  ')}`, { cause: error });
  }
  return pair;
}

for (const pool of Object.keys(pools)) {
  test(`a cache of up to 40 entries does exactly what an LRU model does, keys: ${pool}`, () => {
    fc.assert(
      fc.property(options('lru', 40), steps(60), (given, codes) => void run(given, pool, codes)),
      { numRuns: 700 * factor },
    );
  });

  test(`an S3-FIFO cache does exactly what the paper's queues do, keys: ${pool}`, () => {
    let ghostHits = 0;
    let astray = 0;
    fc.assert(
      fc.property(options('s3-fifo', 31), steps(60), (given, codes) => {
        // What these set cannot be followed one by one.
        const program = codes.filter((code) => !['restore', 'setMany'].includes(decode(code).name));
        const policy = run(given, pool, program).policy as S3FifoModel;
        ghostHits += policy.ghostHits;
        astray += policy.astray;
      }),
      { numRuns: 450 * factor },
    );
    assert.ok(astray <= 5 + ghostHits * 0.05, `${astray} against ${ghostHits} ghosts found`);
    const hashable = pool !== 'objects';
    assert.equal(ghostHits > 0, hashable, `${ghostHits} ghosts were found`);
  });
}

/** Programs over ranges of keys, so that caches of thousands of entries grow, shrink and are renumbered. */
const bulkSteps = fc.array(
  fc.record({
    name: fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'resize', 'shrinkTo', 'clear', 'replace'),
    from: fc.nat(8000),
    count: fc.oneof(fc.nat(40), fc.nat(3000)),
    stride: fc.constantFrom(1, 1, 3, 7919),
    to: fc.integer({ min: 1, max: 5000 }),
  }),
  { minLength: 5, maxLength: 25, size: 'max' },
);

const manyKeys: Record<string, (i: number) => unknown> = {
  ints: (i) => i,
  words: (i) => `session:${i}:data`,
  'strings of equal hash': (i) => `${String.fromCharCode(0x100 + i)}${'x'.repeat(30)}`,
  'mixed kinds': (i) => [i, `${i}`, BigInt(i), i + 0.5, Symbol.for(`${i}`)][i % 5],
};

for (const [kind, keyOf] of Object.entries(manyKeys)) {
  test(`a cache of thousands grows, shrinks and evicts exactly as an LRU model does, keys: ${kind}`, () => {
    const keys = Array.from({ length: 9000 }, (_, i) => keyOf(i));
    const program = fc.property(fc.integer({ min: 1, max: 5000 }), bulkSteps, (maxEntries, all) => {
      const evicted: unknown[] = [];
      const cache = new BoundedCache<unknown, unknown>({
        maxEntries,
        onRemove: (_, key, reason) => void (reason === 'evicted' && evicted.push(key)),
      });
      const unlimited = Number.POSITIVE_INFINITY;
      const model = new CacheModel(
        { maxEntries, maxBytes: unlimited, sizeOf: undefined, ttl: unlimited, sliding: false },
        new LruModel(),
      );
      for (const { name, from, count, stride, to } of all) {
        for (let i = 0; i < count; i++) {
          const key = keys[(from + i * stride) % keys.length];
          if (name === 'set') for (const side of [cache, model]) side.set(key, i);
          if (name === 'replace' && cache.has(key)) for (const side of [cache, model]) side.set(key, from);
          if (name === 'get') assert.equal(cache.get(key), model.get(key));
          if (name === 'delete') assert.equal(cache.delete(key), model.delete(key));
        }
        if (name === 'resize') for (const side of [cache, model]) side.resize({ maxEntries: to });
        if (name === 'shrinkTo') for (const side of [cache, model]) side.shrinkTo(to / 5000);
        if (name === 'clear' && to < 1000) for (const side of [cache, model]) side.clear();
        storeOf(cache).validate();
        const expected = model.log.filter(({ reason }) => reason === 'evicted').map(({ key }) => key);
        assert.deepEqual(evicted, expected);
        assert.deepEqual([...cache.keys()], [...model.keys()]);
        evicted.length = 0;
        model.log = [];
      }
      assert.deepEqual(cache.stats(), model.stats());
    });
    fc.assert(program, { numRuns: 25 * factor });
  });
}

for (const policy of ['lru', 's3-fifo'] as const) {
  test(`a ${policy} cache of hundreds holds what was set less what onRemove told, within its bounds`, () => {
    const program = fc.property(
      fc.record({
        maxEntries: fc.integer({ min: 1, max: 3000 }),
        maxBytes: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
        ttl: fc.option(fc.integer({ min: 1, max: 2000 }), { nil: undefined }),
        sliding: fc.boolean(),
      }),
      fc.array(fc.nat(2 ** 31 - 1), { minLength: 1, maxLength: 1500, size: 'max' }),
      ({ maxEntries, maxBytes, ttl, sliding }, codes) => {
        let now = 0;
        const held = new Map<unknown, { value: number; deadline: number }>();
        const cache: BoundedCache<unknown, number> = new BoundedCache<unknown, number>({
          ...{ maxEntries, sliding, policy },
          ...(maxBytes !== undefined && { maxBytes, sizeOf: (value: number) => value % 97 }),
          ...(ttl !== undefined && { ttl }),
          clock: { now: () => now },
          onRemove(value, key, reason) {
            assert.equal(held.get(key)?.value, value, `${String(key)} is removed with another value`);
            if (reason === 'expired') assert.ok((held.get(key)?.deadline as number) <= now);
            if (reason !== 'replaced') held.delete(key);
          },
        });
        let value = 0;
        for (const code of codes) {
          const key = code % 4000;
          const chance = Math.floor(code / 4000) % 100;
          if (chance < 60) {
            // Runs of keys, so that a program of moderate length fills a cache.
            for (let i = 0; i < 6; i++) {
              cache.set(key + i, ++value);
              if (value % 97 <= cache.maxBytes) {
                held.set(key + i, { value, deadline: now + (ttl ?? Number.POSITIVE_INFINITY) });
              }
            }
          } else if (chance < 85) {
            const before = held.get(key);
            const alive = before !== undefined && before.deadline > now;
            assert.equal(cache.get(key), alive ? before.value : undefined);
            if (alive && sliding && ttl !== undefined) before.deadline = now + ttl;
          } else if (chance < 93) cache.delete(key);
          else if (chance < 98) now += code % 200;
          else if (chance < 99) cache.purgeExpired();
          else cache.resize({ maxEntries: 1 + (key % 3000) });
        }
        storeOf(cache).validate();
        assert.equal(cache.size, held.size);
        const alive = [...held].filter(([, { deadline }]) => deadline > now);
        assert.deepEqual(
          [...cache],
          alive.map(([key, { value }]) => [key, value]),
        );
      },
    );
    fc.assert(program, { numRuns: 60 * factor });
  });
}

test('sizes that are fractions add up to what is held, and never to more than maxBytes', () => {
  const fraction = fc.double({ min: 0, max: 3, noNaN: true });
  fc.assert(
    fc.property(
      fc.constantFrom('lru' as const, 's3-fifo' as const),
      fc.array(fc.tuple(fc.nat(5), fc.oneof(fraction, fc.constantFrom(0.1, 0.2, 0.3, 0.7, 1, 2)))),
      (policy, sets) => {
        const cache = new BoundedCache<number, number>({ maxBytes: 2, sizeOf: (size) => size, policy });
        for (const [key, size] of sets) {
          cache.set(key, size);
          assert.equal(cache.has(key), size <= 2);
          if (size === 3) cache.delete(key);
          const { bytes } = cache.stats();
          const sum = [...cache.values()].reduce((total, one) => total + one, 0);
          assert.ok(Math.abs(bytes - sum) < 1e-9, `${bytes} bytes for ${sum}`);
          assert.ok(bytes <= 2 + 1e-9);
        }
      },
    ),
    { numRuns: 500 * factor },
  );
});

test('what rounding leaves of fractional sizes never drives out the entry that is being set', () => {
  for (const policy of ['lru', 's3-fifo'] as const) {
    const random = lcg(1);
    for (let run = 0; run < 2000; run++) {
      const cache = new BoundedCache<number, number>({ maxBytes: 1, sizeOf: (size) => size, policy });
      for (let i = 0; i < 8; i++) {
        if (random(3) === 0) cache.delete(random(4));
        else cache.set(random(4), (1 + random(9)) / 10);
      }
      cache.set(0, random(2) / 10).set(0, 1);
      assert.deepEqual([...cache], [[0, 1]]);
      assert.ok(Math.abs(cache.stats().bytes - 1) < 1e-9);
      cache.delete(0);
      assert.equal(cache.stats().bytes, 0);
    }
  }
});

const collisions: Record<string, string[]> = {
  'the first character': differingAt(0, 24, 4000),
  'a character far from both ends': differingAt(100, 200, 4000),
  'few binary digits at many places': fewSymbols(4000),
  'their length alone': Array.from({ length: 1500 }, (_, i) => 'x'.repeat(i)),
};

for (const [where, strings] of Object.entries(collisions)) {
  test(`thousands of strings that differ in ${where} are never taken for each other`, () => {
    const random = lcg(strings.length);
    const cache = new BoundedCache<string, number>(1_000_000);
    const small = new BoundedCache<string, number>({ maxEntries: 300, policy: 's3-fifo' });
    const map = new Map<string, number>();
    for (let i = 0; i < 8 * strings.length; i++) {
      // In waves, so that the table grows and shrinks.
      const growing = Math.floor((4 * i) / strings.length) % 3 < 2;
      const key = strings[random(strings.length)] as string;
      if (random(10) < (growing ? 6 : 1)) {
        cache.set(key, i);
        small.set(key, i);
        map.set(key, i);
      } else if (random(10) < (growing ? 1 : 8)) {
        small.delete(key);
        assert.equal(cache.delete(key), map.delete(key));
      } else assert.equal(cache.get(key), map.get(key));
      if (i % 3000 === 0) storeOf(cache).validate();
    }
    assert.deepEqual([...cache], [...map]);
    storeOf(cache).validate();
    storeOf(small).validate();
    for (const [key, value] of small) assert.equal(map.get(key), value);
    for (const key of strings) cache.delete(key);
    assert.equal(cache.size, 0);
    storeOf(cache).validate();
  });
}

test('every kind of key is found by what SameValueZero calls the same, and by nothing else', () => {
  const cache = new BoundedCache<unknown, number>(1000);
  const map = new Map<unknown, number>();
  for (const [i, key] of ofEveryKind.entries()) {
    cache.set(key, i);
    map.set(key, i);
  }
  assert.equal(cache.size, map.size);
  for (const key of ofEveryKind) assert.equal(cache.get(key), map.get(key), inspect(key));
  assert.deepEqual([...cache.keys()], [...map.keys()]);
  for (const other of [{}, [], Symbol('key'), () => {}, 3, 'aaaa', 2n, -2, 0.25, '\ud801']) {
    assert.equal(cache.has(other), false, inspect(other));
  }
  storeOf(cache).validate();
  for (const key of ofEveryKind) assert.equal(cache.delete(key), map.delete(key), inspect(key));
  assert.equal(cache.size, 0);
  storeOf(cache).validate();
});

/** Random whole numbers below a limit, the same ones on every run. */
function lcg(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
