/** Callbacks that call the cache: lru-cache says it breaks; here whatever they do leaves the cache consistent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LRUCache } from 'plateau/lru-cache';
import { coreOf } from '../../dist/testing.cjs';
import { Dice } from './fixtures/dice';

const factor = Number(process.env.PLATEAU_RUNS ?? 1);

type Cache = LRUCache<number, number>;

/** Does something to the cache. */
function act(cache: Cache, dice: Dice): void {
  const key = dice.take(6);
  const options = {
    noDisposeOnSet: dice.take(3) === 0,
    ...(cache.maxSize > 0 && { size: 1 + dice.take(3) }),
  };
  switch (dice.take(9)) {
    case 0:
      cache.delete(key);
      break;
    case 1:
      cache.get(key);
      break;
    case 2:
      cache.pop();
      break;
    case 3:
      cache.clear();
      break;
    case 4:
      cache.purgeStale();
      break;
    case 5:
      cache.fetch(key).catch(() => {});
      break;
    case 6:
      for (const k of cache.rkeys()) if (k % 2 === 0) cache.delete(k);
      break;
    default:
      cache.set(key, dice.take(4), options);
  }
}

test('whatever callbacks do or throw, the cache stays consistent', async () => {
  const options = fc.record({
    max: fc.constantFrom(1, 2, 4),
    maxSize: fc.constantFrom(0, 0, 5),
    ttl: fc.constantFrom(0, 2),
    allowStale: fc.boolean(),
  });
  const codes = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(options, codes, codes, async (chosen, program, callbacks) => {
      let now = 1;
      let calls = 0;
      let depth = 0;
      // What is thrown while a fetch is stored in the background has nobody to catch it.
      let isCaught = false;
      const callback = (): void => {
        // A callback that calls itself for ever is nobody's fault but its own.
        if (depth > 3 || calls > 200) return;
        const dice = new Dice(callbacks[calls++ % callbacks.length] as number);
        const what = dice.take(8);
        depth++;
        try {
          if (what < 4) act(cache, dice);
          if (what === 4 && isCaught) throw new Error('from a callback');
        } finally {
          depth--;
        }
      };
      const cache: Cache = new LRUCache<number, number>({
        ...chosen,
        ttlResolution: 0,
        perf: { now: () => now },
        ...(chosen.maxSize > 0 && { sizeCalculation: (value: number) => value + 1 }),
        dispose: callback,
        disposeAfter: callback,
        onInsert: callback,
        fetchMethod: (key) => {
          callback();
          return Promise.resolve(key);
        },
      });
      for (const code of program) {
        isCaught = true;
        try {
          act(cache, new Dice(code));
        } catch (error) {
          assert.equal((error as Error).message, 'from a callback');
        }
        isCaught = false;
        coreOf(cache).validate();
        now++;
        if (code % 3 === 0) await undefined;
      }
      calls = Number.POSITIVE_INFINITY;
      cache.clear();
      await new Promise(setImmediate);
      coreOf(cache).validate();
    }),
    {
      numRuns: 1000 * factor,
      examples: [
        // An update that fails after callbacks have taken the room of the old value.
        [
          { max: 4, maxSize: 5, ttl: 0, allowStale: false },
          [6706335724633435, 5231046602567286, 5102560139546695, 0],
          [75657380258485, 7868207925039640, 5250606394753060],
        ],
      ],
    },
  );
});
