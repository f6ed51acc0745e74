/** What a series of floors is called: on simulated services whose memory is known. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitLine, judge, Series } from '../../dist/testing.cjs';

const BUDGET = { perRequest: 50, least: 48 * 1024 };
const ROUND = 2000;
const KB = 1024;

/** Numbers from 0 to 1, the same in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Floors of a service: `held` says what it keeps after so many requests, besides noise of some kilobytes. */
function floors(
  rounds: number,
  held: (requests: number, round: number) => number,
  noise = 25 * KB,
  seed = 1,
) {
  const next = random(seed);
  return Array.from({ length: rounds + 1 }, (_, round) => {
    const requests = round * ROUND;
    return { requests, value: 8e6 + held(requests, round) + (next() + next() - 1) * noise };
  });
}

const courseOf = (points: ReturnType<typeof floors>) => judge(points, BUDGET).course;

/** What it is called first that ends a check: level or growing. Or that it is not clear after 40 rounds. */
function outcome(held: (requests: number, round: number) => number, noise?: number, seed?: number): string {
  for (let rounds = 8; rounds <= 40; rounds++) {
    const course = courseOf(floors(rounds, held, noise, seed));
    if (course === 'level' || course === 'growing') return course;
  }
  return 'unclear';
}

/** JIT, lazily compiled functions, inline caches: it goes on ever more slowly. */
const warmUp = (requests: number) => 900 * KB * (1 - 1 / (1 + requests / 3000));

test('a leak of 100 bytes per request is found among the noise, in 200 services', () => {
  for (let seed = 1; seed <= 200; seed++) {
    assert.equal(
      outcome((requests) => 100 * requests + warmUp(requests) * 0.1, undefined, seed),
      'growing',
      `${seed}`,
    );
  }
});

test('a service that keeps nothing is level, in 200 services', () => {
  for (let seed = 1; seed <= 200; seed++) {
    assert.equal(
      outcome(() => 0, undefined, seed),
      'level',
      `${seed}`,
    );
    assert.equal(
      outcome((requests) => 5 * requests, undefined, seed),
      'level',
      `${seed}`,
    );
  }
});

test('what grows ever more slowly is never called a leak', () => {
  for (let seed = 1; seed <= 200; seed++) {
    assert.equal(outcome(warmUp, undefined, seed), 'level', `${seed}`);
    const slower = (requests: number) => 2e6 * (1 - Math.exp(-requests / 6000));
    assert.notEqual(outcome(slower, undefined, seed), 'growing', `${seed}`);
  }
});

test('a cache that is full after some rounds is level then', () => {
  for (const entries of [1000, 3000, 6000, 9000]) {
    assert.equal(
      outcome((requests) => 500 * Math.min(requests, entries)),
      'level',
      `${entries} entries`,
    );
  }
});

test('one jump, and a table that doubles now and then, are no leaks', () => {
  assert.equal(
    outcome((_, round) => (round > 5 ? 2e6 : 0)),
    'level',
  );
  assert.equal(
    outcome((requests) => 32 * 2 ** Math.floor(Math.log2(requests + 1000))),
    'level',
  );
});

test('what is let go of now and then is level', () => {
  for (const period of [3, 4, 5, 7]) {
    assert.equal(
      outcome((_, round) => (round % period) * 600 * KB),
      'level',
      `every ${period} rounds`,
    );
  }
});

test('a leak in steps is found', () => {
  assert.equal(
    outcome((requests) => 200 * Math.floor(requests / 500) * 500),
    'growing',
  );
});

test('fewer than five rounds are not judged', () => {
  assert.equal(courseOf(floors(4, (requests) => 1000 * requests)), 'unclear');
});

test('the slope is the median of all pairs, its interval holds it, and one odd round changes little', () => {
  const points = floors(10, (requests) => 100 * requests, 1000);
  const { slope, low, high } = fitLine(points);
  assert.ok(Math.abs(slope - 100) < 1 && low <= slope && slope <= high, `${low} ${slope} ${high}`);
  const odd = points.map((point, i) => (i === 4 ? { ...point, value: point.value + 5e6 } : point));
  assert.ok(Math.abs(fitLine(odd).slope - 100) < 2);
});

test('the interval holds the true slope in nineteen of twenty services', () => {
  let inside = 0;
  for (let seed = 1; seed <= 1000; seed++) {
    const { low, high } = fitLine(floors(9, (requests) => 100 * requests, undefined, seed));
    if (low <= 100 && 100 <= high) inside++;
  }
  assert.ok(inside > 930, `${inside} of 1000`);
});

test('of what grows, native memory is named last', async () => {
  const zero = { heap: 0, external: 0, native: 0, descriptors: 0, handles: 0, timers: 0, sockets: 0 };
  const named = async (grows: Partial<typeof zero>) => {
    let requests = 0;
    const floor = () => {
      const grown = Object.entries(grows).map(([signal, each]) => [signal, each * requests]);
      const rest = { served: requests, longestTimer: 0, descriptorLimit: 4000 };
      return { ...zero, ...Object.fromEntries(grown), ...rest };
    };
    const hello = { pid: 1, thread: 0, script: 'app.js' };
    const agent = { hello, ask: () => Promise.resolve(floor()) } as unknown as Series['isolate'];
    const series = new Series(agent, 50, () => false);
    for (; requests <= 8 * ROUND; requests += ROUND) await series.measure(requests);
    return series.growing;
  };
  assert.equal(await named({ native: 2000 }), 'native');
  assert.equal(await named({ native: 2000, descriptors: 1 }), 'descriptors');
  assert.equal(await named({ native: 2000, handles: 1 }), 'handles');
  assert.equal(await named({ native: 2000, heap: 200 }), 'heap');
});
