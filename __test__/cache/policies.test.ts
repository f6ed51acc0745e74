/** Whom the policies evict, on loads where it matters. `model.test.ts` has the exact order for small caches. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedCache, type EvictionPolicy } from 'plateau';
import { storeOf } from '../../dist/testing.cjs';

const policies: EvictionPolicy[] = ['lru', 's3-fifo'];

/** Random numbers from 0 to 1, the same on every run. */
function randomness(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state / 2 ** 32;
  };
}

/** Ranks from 0, where rank r comes with a chance in proportion to 1 / (r + 1)^skew. */
function zipf(count: number, skew: number, random: () => number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += (rank + 1) ** -skew;
    sums[rank] = sum;
  }
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** Least recently used by definition: when each key was used last, and all uses in their order. */
class Reference {
  readonly #lastUse = new Map<unknown, number>();
  readonly #uses: unknown[] = [];
  readonly #inserted = new Set<unknown>();
  #oldest = 0;
  readonly #size: number;
  readonly evicted: unknown[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  has(key: unknown): boolean {
    return this.#lastUse.has(key);
  }

  use(key: unknown): void {
    if (!this.has(key) && this.#lastUse.size === this.#size) this.#evict();
    this.#lastUse.set(key, this.#uses.push(key) - 1);
    this.#inserted.add(key);
  }

  #evict(): void {
    // A use that is not the last one of its key is past.
    while (this.#lastUse.get(this.#uses[this.#oldest]) !== this.#oldest) this.#oldest++;
    const key = this.#uses[this.#oldest];
    this.delete(key);
    this.evicted.push(key);
  }

  delete(key: unknown): boolean {
    this.#inserted.delete(key);
    return this.#lastUse.delete(key);
  }

  oldestFirst(): unknown[] {
    return [...this.#inserted];
  }

  newestFirst(): unknown[] {
    return [...this.#lastUse].sort((a, b) => b[1] - a[1]).map(([key]) => key);
  }
}

const names: Record<string, (rank: number) => unknown> = {
  numbers: (rank) => rank,
  'fresh strings': (rank) => `article:${rank * 2654435761}`,
};

for (const [kind, keyOf] of Object.entries(names)) {
  for (const [size, keys, skew, steps] of [
    [1, 50, 0.9, 10_000],
    [100, 2000, 0.9, 60_000],
    [1000, 20_000, 0.7, 60_000],
    // Hardly a key comes again: plans are of all entries.
    [1000, 1_000_000, 0, 60_000],
    [5000, 20_000, 1.1, 60_000],
    // Beyond 65,536 the next plan is made a step at a time.
    [100_000, 400_000, 0.4, 500_000],
  ] as const) {
    test(`lru of ${size} evicts what the reference evicts, in its order, on Zipf ${skew} over ${kind}`, () => {
      const random = randomness(size);
      const next = zipf(keys, skew, random);
      const evicted: unknown[] = [];
      const cache = new BoundedCache<unknown, number>({
        maxEntries: size,
        onRemove: (_, key, reason) => void (reason === 'evicted' && evicted.push(key)),
      });
      const reference = new Reference(size);
      for (let i = 0; i < steps; i++) {
        const key = keyOf(next());
        const chance = random();
        if (chance < 0.02) assert.equal(cache.delete(key), reference.delete(key));
        else {
          if (chance < 0.9) assert.equal(cache.get(key) !== undefined, reference.has(key));
          if (chance >= 0.8 || !reference.has(key)) cache.set(key, i);
          reference.use(key);
        }
      }
      assert.deepEqual(evicted, reference.evicted);
      assert.deepEqual(
        Array.from(cache.entriesByRecency(), ([key]) => key),
        reference.newestFirst(),
      );
      assert.deepEqual([...cache.keys()], reference.oldestFirst());
      storeOf(cache).validate();
    });
  }
}

/** The share of reads that hit, where each miss is filled. */
function hitRatio<K>(cache: BoundedCache<K, number>, keys: Iterable<K>): number {
  cache.resetStats();
  for (const key of keys) if (cache.get(key) === undefined) cache.set(key, 1);
  return cache.stats().hitRatio;
}

/** Keys in use, between scans over keys that are never seen again. */
function* scanned(size: number, rounds: number): Generator<unknown> {
  let once = 0;
  for (let round = 0; round < rounds; round++) {
    for (let again = 0; again < 3; again++) for (let i = 0; i < size / 2; i++) yield i;
    for (let i = 0; i < 2 * size; i++) yield `once:${once++}`;
  }
}

test('s3-fifo keeps what is used through scans of keys that come once; lru loses it to each of them', () => {
  const size = 1000;
  const [lru, s3] = policies.map((policy) => {
    const cache = new BoundedCache<unknown, number>({ maxEntries: size, policy });
    return { cache, ratio: hitRatio(cache, scanned(size, 20)) };
  }) as [{ cache: BoundedCache; ratio: number }, { cache: BoundedCache; ratio: number }];
  const kept = (cache: BoundedCache): number =>
    Array.from({ length: size / 2 }, (_, i) => cache.has(i)).filter(Boolean).length;
  assert.equal(kept(lru.cache), 0);
  assert.equal(kept(s3.cache), size / 2);
  assert.ok(s3.ratio > lru.ratio + 0.1, `${s3.ratio} against ${lru.ratio}`);
});

test('on a skewed load s3-fifo hits more often than lru', () => {
  for (const [size, skew] of [
    [100, 0.8],
    [1000, 1],
    [3000, 0.9],
  ] as const) {
    const [lru, s3] = policies.map((policy) => {
      const next = zipf(50_000, skew, randomness(7));
      const keys = Array.from({ length: 150_000 }, next);
      return hitRatio(new BoundedCache<unknown, number>({ maxEntries: size, policy }), keys);
    }) as [number, number];
    assert.ok(s3 > lru, `${s3} against ${lru} for ${size} of Zipf ${skew}`);
  }
});

test('s3-fifo takes back a key that was evicted lately at once to its main queue', () => {
  const cache = new BoundedCache<string, number>({ maxEntries: 20, policy: 's3-fifo' });
  const { s3, index } = storeOf(cache);
  const isInMain = (key: string): boolean | undefined => s3?.isInMain(index.find(key));
  for (let i = 0; i < 25; i++) cache.set(`filler:${i}`, i);
  assert.equal(cache.has('filler:0'), false);
  cache.set('filler:0', 0);
  cache.set('never seen', 0);
  assert.equal(isInMain('filler:0'), true);
  assert.equal(isInMain('never seen'), false);
});

test('s3-fifo forgets whom it evicted long ago', () => {
  const cache = new BoundedCache<number, number>({ maxEntries: 20, policy: 's3-fifo' });
  const { s3, index } = storeOf(cache);
  for (let i = 0; i < 200; i++) cache.set(i, i);
  cache.set(0, 0);
  assert.equal(s3?.isInMain(index.find(0)), false);
});

for (const policy of policies) {
  test(`${policy}: deleted entries make room, and no live one is evicted for it`, () => {
    const evicted: unknown[] = [];
    const cache = new BoundedCache<number, number>({
      ...{ maxEntries: 500, policy },
      onRemove: (_, key, reason) => void (reason === 'evicted' && evicted.push(key)),
    });
    for (let i = 0; i < 500; i++) cache.set(i, i);
    for (let i = 0; i < 500; i += 2) cache.delete(i);
    for (let i = 1000; i < 1250; i++) cache.set(i, i);
    assert.deepEqual(evicted, []);
    assert.equal(cache.size, 500);
    cache.set(-1, -1);
    assert.equal(evicted.length, 1);
    storeOf(cache).validate();
  });

  test(`${policy}: after clear it evicts as a new cache does`, () => {
    const run = (cache: BoundedCache<number, number>): unknown[] => {
      const next = zipf(300, 0.9, randomness(3));
      hitRatio(cache, Array.from({ length: 3000 }, next));
      return [...cache.entriesByRecency()];
    };
    const used = new BoundedCache<number, number>({ maxEntries: 60, policy });
    run(used);
    used.clear();
    assert.deepEqual(run(used), run(new BoundedCache<number, number>({ maxEntries: 60, policy })));
  });

  test(`${policy}: resize evicts down to the bound, and a larger one is used at once`, () => {
    const evicted: unknown[] = [];
    const cache = new BoundedCache<number, number>({
      ...{ maxEntries: 300, policy },
      onRemove: (_, key) => void evicted.push(key),
    });
    for (let i = 0; i < 300; i++) cache.set(i, i);
    const order = Array.from(cache.entriesByRecency(), ([key]) => key).reverse();
    for (const maxEntries of [299, 250, 100, 7, 1]) {
      cache.resize({ maxEntries });
      assert.equal(cache.size, maxEntries);
      assert.equal(evicted.length, 300 - maxEntries);
      // S3-FIFO ranks the entries of two queues, which take turns.
      if (policy === 'lru') assert.deepEqual(evicted, order.slice(0, 300 - maxEntries));
      storeOf(cache).validate();
    }
    cache.resize({ maxEntries: 5000 });
    for (let i = 0; i < 6000; i++) cache.set(i, i);
    assert.equal(cache.size, 5000);
    storeOf(cache).validate();
  });

  test(`${policy}: shrinkTo leaves that share of the entries, those that the policy values most`, () => {
    const cache = new BoundedCache<number, number>({ maxEntries: 1000, policy });
    for (let i = 0; i < 1000; i++) cache.set(i, i);
    const order = Array.from(cache.entriesByRecency(), ([key]) => key);
    cache.shrinkTo(1);
    assert.equal(cache.size, 1000);
    cache.shrinkTo(0.25);
    const left = Array.from(cache.entriesByRecency(), ([key]) => key);
    assert.equal(left.length, 250);
    if (policy === 'lru') assert.deepEqual(left, order.slice(0, 250));
    assert.equal(cache.maxEntries, 1000, 'the bound stays');
    cache.shrinkTo(0);
    assert.equal(cache.size, 0);
    assert.equal(storeOf(cache).capacity, 16, 'the memory is given back');
    storeOf(cache).validate();
  });

  test(`${policy}: a cache of one entry holds the last one set`, () => {
    const cache = new BoundedCache<number, number>({ maxEntries: 1, policy });
    for (let i = 0; i < 100; i++) {
      cache.set(i, i);
      if (i % 3 === 0) for (let j = 0; j < 5; j++) cache.get(i);
      assert.deepEqual([...cache], [[i, i]]);
    }
    storeOf(cache).validate();
  });
}

test('reading without counting as a use leaves the order of eviction alone', () => {
  const cache = new BoundedCache<string, number>(2, [
    ['a', 1],
    ['b', 2],
  ]);
  cache.peek('a');
  cache.has('a');
  cache.remainingTtl('a');
  for (const _ of cache);
  cache.forEach(() => {});
  cache.dump();
  cache.set('c', 3);
  assert.deepEqual([...cache.keys()], ['b', 'c']);
});
