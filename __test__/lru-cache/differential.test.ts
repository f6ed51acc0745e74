/**
 * Random programs on npm's lru-cache and on plateau's at once: whatever can be seen of the two is equal after every
 * step. `PLATEAU_RUNS` multiplies the number of runs.
 */

import { test } from 'node:test';
import type { Clock } from '@sinonjs/fake-timers';
import fc from 'fast-check';
import { Dice, given } from './fixtures/dice';
import {
  type Cache,
  dumpOf,
  type Status,
  type TwinOptions,
  Twins,
  underClock,
  type Value,
} from './fixtures/twins';

// A fixed seed, so that a run can be repeated; PLATEAU_SEED tries others.
fc.configureGlobal({ seed: Number(process.env.PLATEAU_SEED ?? 1) });

const factor = Number(process.env.PLATEAU_RUNS ?? 1);

/** Values of every kind; the numbers are sizes too, some of them none. */
const VALUES: Value[] = [1, 2, 3, 5, 8, 0, '', false, 'text', { id: 1 }, { id: 2 }, Number.NaN, 1.5, 30];
const TTLS = [1, 2, 3, 5, 10, 0, 2.5, -1];

const flag = fc.constantFrom(undefined, undefined, undefined, true, false);

const options = fc
  .record({
    max: fc.constantFrom(undefined, 1, 2, 3, 5, 8, 40),
    maxSize: fc.constantFrom(undefined, undefined, undefined, 4, 10, 30),
    ttl: fc.constantFrom(undefined, undefined, 1, 2, 5, 10),
    ttlResolution: fc.constantFrom(0, 0, undefined, 1, 3),
    ttlAutopurge: flag,
    updateAgeOnGet: flag,
    updateAgeOnHas: flag,
    noUpdateTTL: flag,
    allowStale: flag,
    noDeleteOnStaleGet: flag,
    noDisposeOnSet: flag,
    sized: fc.boolean(),
    maxEntrySize: fc.constantFrom(undefined, undefined, 3, 4),
    log: fc.subarray(['dispose', 'disposeAfter', 'onInsert'] as const),
  })
  .map(({ sized, maxEntrySize, ...rest }): TwinOptions => {
    const bounded = rest.max ?? rest.maxSize;
    const withSizes = rest.maxSize ?? maxEntrySize;
    return given({
      ...rest,
      max: bounded === undefined ? 4 : rest.max,
      maxEntrySize,
      sizeCalculation: sized && withSizes !== undefined ? (value: Value) => value as number : undefined,
      // Purged at the same millisecond only when the time is not taken to stand still.
      ttlResolution: rest.ttlAutopurge ? 0 : rest.ttlResolution,
      memoMethod: (key: Value, stale: Value | undefined) => (stale === undefined ? key : stale),
    });
  });

type Step = (twins: Twins, dice: Dice, clock: Clock) => void;

const key = (dice: Dice): Value => dice.of([0, 1, 2, 3, 4, 5, 'a', 'b', 'c', '0', true, NaN]);

function setOptions(dice: Dice, isPurged: boolean, clock: Clock): object {
  return given({
    ttl: dice.maybe(TTLS),
    size: dice.maybe([1, 2, 3, 8, 0, 1.5, -2], 2),
    start: isPurged ? undefined : dice.maybe([clock.now - 2, clock.now - 7, clock.now, 0], 5),
    noUpdateTTL: dice.maybe([true, false]),
    noDisposeOnSet: dice.maybe([true, false]),
  });
}

const readOptions = (dice: Dice): object =>
  given({
    allowStale: dice.maybe([true, false]),
    updateAgeOnGet: dice.maybe([true, false]),
    updateAgeOnHas: dice.maybe([true, false]),
    noDeleteOnStaleGet: dice.maybe([true, false]),
  });

/** Does it with a status object half of the time. */
const told = (withStatus: boolean, options: object, status: Status): object =>
  withStatus ? { ...options, status } : options;

const steps: Record<string, { weight: number; step: Step }> = {
  set: {
    weight: 14,
    step: (twins, dice) => {
      const [k, v] = [key(dice), dice.of([...VALUES, undefined])];
      twins.both('set', (cache) => cache.set(k, v));
    },
  },
  setWith: {
    weight: 12,
    step: (twins, dice, clock) => {
      const [k, v, withStatus] = [key(dice), dice.of(VALUES), dice.take(2) === 0];
      const with_ = setOptions(dice, twins.ours.ttlAutopurge, clock);
      twins.both('set with options', (cache, status) => cache.set(k, v, told(withStatus, with_, status)));
    },
  },
  get: { weight: 14, step: (twins, dice) => one(twins, key(dice), (cache, k) => cache.get(k)) },
  getWith: {
    weight: 6,
    step: (twins, dice) => {
      const [k, with_, withStatus] = [key(dice), readOptions(dice), dice.take(2) === 0];
      twins.both('get with options', (cache, status) => cache.get(k, told(withStatus, with_, status)));
    },
  },
  has: {
    weight: 4,
    step: (twins, dice) => {
      const [k, with_, withStatus] = [key(dice), readOptions(dice), dice.take(2) === 0];
      twins.both('has', (cache, status) => cache.has(k, told(withStatus, with_, status)));
    },
  },
  peek: {
    weight: 4,
    step: (twins, dice) => {
      const [k, with_, withStatus] = [key(dice), readOptions(dice), dice.take(2) === 0];
      twins.both('peek', (cache, status) => cache.peek(k, told(withStatus, with_, status)));
    },
  },
  memo: {
    weight: 3,
    step: (twins, dice) => {
      const [k, with_, forceRefresh] = [key(dice), readOptions(dice), dice.take(3) === 0];
      twins.both('memo', (cache, status) => cache.memo(k, { ...with_, forceRefresh, status }));
    },
  },
  delete: { weight: 6, step: (twins, dice) => one(twins, key(dice), (cache, k) => cache.delete(k)) },
  pop: { weight: 3, step: (twins) => twins.both('pop', (cache) => cache.pop()) },
  clear: { weight: 1, step: (twins) => twins.both('clear', (cache) => cache.clear()) },
  purgeStale: { weight: 3, step: (twins) => twins.both('purgeStale', (cache) => cache.purgeStale()) },
  remaining: {
    weight: 2,
    step: (twins, dice) => one(twins, key(dice), (cache, k) => cache.getRemainingTTL(k)),
  },
  info: { weight: 2, step: (twins, dice) => one(twins, key(dice), (cache, k) => cache.info(k)) },
  reload: {
    weight: 1,
    step: (twins) => {
      // lru-cache purges what it loads no earlier than a whole TTL later.
      if (twins.theirs.ttlAutopurge) return;
      twins.both('load', (cache) => cache.load(structuredClone(dumpOf(cache))));
    },
  },
  lists: {
    weight: 4,
    step: (twins) =>
      twins.both('lists', (cache) => [
        [...cache],
        [...cache.rentries()],
        [...cache.keys()],
        [...cache.rkeys()],
        [...cache.values()],
        [...cache.rvalues()],
      ]),
  },
  forEach: {
    weight: 2,
    step: (twins) => {
      const walk = (cache: Cache, name: 'forEach' | 'rforEach'): unknown => {
        const seen: unknown[] = [];
        cache[name](function (this: unknown, value, k, self) {
          seen.push([value, k, self === cache, this]);
        }, 'this');
        return seen;
      };
      twins.both('forEach', (cache) => walk(cache, 'forEach'));
      twins.both('rforEach', (cache) => walk(cache, 'rforEach'));
    },
  },
  find: {
    weight: 2,
    step: (twins, dice) => {
      const [wanted, with_] = [dice.of(VALUES), readOptions(dice)];
      twins.both('find', (cache, status) => cache.find((value) => value === wanted, { ...with_, status }));
    },
  },
  tick: { weight: 10, step: (_twins, dice, clock) => void clock.tick(dice.of([1, 1, 2, 3, 5, 11])) },
  turn: {
    weight: 3,
    step: (twins, dice) => {
      const name = dice.of(['allowStale', 'noDisposeOnSet', 'updateAgeOnGet', 'noUpdateTTL'] as const);
      for (const cache of [twins.ours, twins.theirs]) cache[name] = !cache[name];
      const ttl = dice.maybe([0, 1, 4, 20]);
      if (ttl !== undefined) for (const cache of [twins.ours, twins.theirs]) cache.ttl = ttl;
    },
  },
};

function one(twins: Twins, k: Value, action: (cache: Cache, k: Value) => unknown): void {
  twins.both(action.toString(), (cache) => action(cache, k));
}

const names = Object.entries(steps).flatMap(([name, { weight }]) => Array<string>(weight).fill(name));
const program = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 40, size: 'max' });

test('random programs see no difference', () => {
  fc.assert(
    fc.property(options, program, (chosen, codes) =>
      underClock((clock) => {
        const twins = new Twins(chosen, clock);
        for (const [at, code] of codes.entries()) {
          const dice = new Dice(code);
          const name = dice.of(names);
          steps[name]?.step(twins, dice, clock);
          twins.compare(`after step ${at}, ${name}`);
        }
      }),
    ),
    { numRuns: 8000 * factor },
  );
});
