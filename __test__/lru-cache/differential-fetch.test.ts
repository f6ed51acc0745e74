/**
 * Random programs with fetches under way, on npm's lru-cache and on plateau's at once: results, calls of the fetch
 * method, aborts and statuses come in the same order. `PLATEAU_RUNS` multiplies the number of runs.
 */

import { test } from 'node:test';
import type { Clock } from '@sinonjs/fake-timers';
import fc from 'fast-check';
import { Dice, given } from './fixtures/dice';
import { type Answer, FetchingTwins } from './fixtures/fetching';
import { type TwinOptions, underClock, type Value } from './fixtures/twins';

// A fixed seed, so that a run can be repeated; PLATEAU_SEED tries others.
fc.configureGlobal({ seed: Number(process.env.PLATEAU_SEED ?? 1) });

const factor = Number(process.env.PLATEAU_RUNS ?? 1);
const flag = fc.constantFrom(undefined, undefined, true, false);

/**
 * What a cache does when a fetch fails. Ignoring aborts is kept apart from the other two: together they leave, in
 * lru-cache, an entry without a value.
 */
const failing = fc.oneof(
  fc.record({
    noDeleteOnFetchRejection: flag,
    allowStaleOnFetchRejection: flag,
    allowStaleOnFetchAbort: flag,
  }),
  fc.record({ ignoreFetchAbort: flag }),
);

const options = fc
  .record({
    max: fc.constantFrom(1, 2, 3, 5),
    sized: fc.boolean(),
    backgroundFetchSize: fc.constantFrom(undefined, undefined, 2),
    ttl: fc.constantFrom(undefined, 2, 5),
    ttlResolution: fc.constant(0),
    ttlAutopurge: fc.constantFrom(undefined, undefined, undefined, true),
    updateAgeOnGet: flag,
    allowStale: flag,
    noDeleteOnStaleGet: flag,
    noDisposeOnSet: flag,
    noUpdateTTL: flag,
    failing,
    log: fc.subarray(['dispose', 'disposeAfter', 'onInsert'] as const),
  })
  .map(({ sized, failing, ...rest }): TwinOptions => {
    // One more: 0 is a value like any other, but no size.
    const size = sized ? { maxSize: 8, sizeCalculation: (value: Value) => (value as number) + 1 } : {};
    return given({ ...rest, ...given(failing), ...size });
  });

const key = (dice: Dice): Value => dice.of(['a', 'b', 'c', 'd', 5]);
const value = (dice: Dice): Value => dice.of([1, 2, 0]);

/** Options of one fetch. */
function fetchOptions(dice: Dice, isSized: boolean): object {
  return given({
    allowStale: dice.maybe([true, false]),
    forceRefresh: dice.maybe([true, false]),
    ttl: dice.maybe([1, 3, 0], 5),
    size: isSized ? dice.maybe([1, 2], 6) : undefined,
    noUpdateTTL: dice.maybe([true, false], 5),
    updateAgeOnGet: dice.maybe([true, false], 5),
    noDisposeOnSet: dice.maybe([true, false], 5),
    context: dice.maybe(['context'], 2),
  });
}

type Step = (twins: FetchingTwins, dice: Dice, clock: Clock) => void | Promise<void>;

const steps: Record<string, { weight: number; step: Step }> = {
  fetch: {
    weight: 12,
    step: (twins, dice) => {
      const [k, withSignal, force] = [key(dice), dice.take(3) === 0, dice.take(4) === 0];
      twins.fetch(k, fetchOptions(dice, twins.theirs.maxSize > 0), { withSignal, force });
    },
  },
  answer: {
    weight: 4,
    step: (twins, dice) => {
      const answer = [1, 0, 3, undefined, new Error('failed')][dice.take(5)];
      twins.answer(dice.take(64), answer);
    },
  },
  succeed: { weight: 4, step: (twins, dice) => twins.answer(dice.take(64), value(dice)) },
  abort: { weight: 4, step: (twins, dice) => twins.abort(dice.take(64)) },
  settle: { weight: 8, step: (twins) => twins.settle() },
  tick: { weight: 6, step: (_twins, dice, clock) => void clock.tick(dice.of([1, 2, 3, 6])) },
  set: {
    weight: 5,
    step: (twins, dice) => {
      const [k, v, noDisposeOnSet] = [key(dice), value(dice), dice.maybe([true, false])];
      twins.both('set', (cache, status) => cache.set(k, v, given({ noDisposeOnSet, status })));
    },
  },
  get: {
    weight: 5,
    step: (twins, dice) => {
      const [k, allowStale] = [key(dice), dice.maybe([true, false])];
      twins.both('get', (cache, status) => cache.get(k, given({ allowStale, status })));
    },
  },
  look: {
    weight: 3,
    step: (twins, dice) => {
      const [k, allowStale] = [key(dice), dice.maybe([true, false])];
      twins.both('has', (cache, status) => cache.has(k, { status }));
      twins.both('peek', (cache, status) => cache.peek(k, given({ allowStale, status })));
      twins.both('info', (cache) => [cache.info(k), cache.getRemainingTTL(k)]);
    },
  },
  lists: {
    weight: 3,
    step: (twins) => {
      twins.both('lists', (cache) => [[...cache], [...cache.rkeys()], [...cache.values()]]);
      twins.both('forEach', (cache) => {
        const seen: unknown[] = [];
        cache.forEach((v, k) => void seen.push([v, k]));
        return seen;
      });
    },
  },
  delete: {
    weight: 3,
    step: (twins, dice) => {
      const k = key(dice);
      twins.both('delete', (cache) => cache.delete(k));
    },
  },
  pop: { weight: 2, step: (twins) => twins.both('pop', (cache) => cache.pop()) },
  purgeStale: { weight: 2, step: (twins) => twins.both('purgeStale', (cache) => cache.purgeStale()) },
  clear: { weight: 1, step: (twins) => twins.both('clear', (cache) => cache.clear()) },
};

const namesOf = (excluded: readonly string[]): string[] =>
  Object.entries(steps).flatMap(([name, { weight }]) =>
    excluded.includes(name) ? [] : Array<string>(weight).fill(name),
  );
const program = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 30, size: 'max' });
const answers = fc.array(fc.constantFrom<Answer>('later', 'later', 'later', 'value', 'nothing', 'throw'), {
  minLength: 1,
  maxLength: 5,
});

function sameFor(names: readonly string[]) {
  return (chosen: TwinOptions, how: readonly Answer[], codes: readonly number[]): Promise<void> =>
    underClock(async (clock) => {
      const twins = new FetchingTwins(chosen, how, clock);
      for (const [at, code] of codes.entries()) {
        const dice = new Dice(code);
        const name = dice.of(names);
        await steps[name]?.step(twins, dice, clock);
        twins.compare(`after step ${at}, ${name}`);
      }
      await twins.settle();
      twins.compare('in the end');
    });
}

test('random programs with fetches see no difference', async () => {
  await fc.assert(fc.asyncProperty(options, answers, program, sameFor(namesOf([]))), {
    numRuns: 3000 * factor,
  });
});

test('nor do they when aborted fetches go on in the background', async () => {
  // Where an entry was removed and its key set again meanwhile, lru-cache may overwrite the new value with the late one:
  // so no entry is removed here but by eviction, which takes its place at once.
  const goingOn = options.map(({ maxSize, sizeCalculation, ...rest }) => ({
    ...rest,
    ignoreFetchAbort: true,
    allowStaleOnFetchAbort: true,
    noDeleteOnFetchRejection: false,
    allowStaleOnFetchRejection: false,
    noDeleteOnStaleGet: true,
    ttlAutopurge: false,
  }));
  const names = namesOf(['delete', 'pop', 'clear', 'purgeStale', 'answer']);
  const good = fc.array(fc.constantFrom<Answer>('later', 'value'), { minLength: 1, maxLength: 3 });
  await fc.assert(fc.asyncProperty(goingOn, good, program, sameFor(names)), { numRuns: 1000 * factor });
});
