/** BoundedLog against a plain array that is cut from the front: the same random operations, the same answers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedLog } from 'plateau';
import { segmentsOf } from '../../dist/testing.cjs';

interface Entry {
  id: number;
  size: number;
}

/** What a log should be, as simply as it can be said. */
class Model {
  entries: { entry: Entry; time: number }[] = [];
  dropped = 0;
  expired = 0;
  rejected = 0;
  now = 0;
  constructor(
    public maxEntries: number,
    public maxBytes: number,
    public maxAge: number,
  ) {}

  get bytes(): number {
    return this.entries.reduce((sum, { entry }) => sum + entry.size, 0);
  }

  fit(): void {
    while (this.entries.length > this.maxEntries || this.bytes > this.maxBytes) {
      this.entries.shift();
      this.dropped++;
    }
  }

  expire(): void {
    while (this.entries[0] !== undefined && this.entries[0].time + this.maxAge <= this.now) {
      this.entries.shift();
      this.expired++;
    }
  }

  push(entry: Entry): void {
    this.expire();
    if (entry.size > this.maxBytes) this.rejected++;
    else {
      // Room for the new one is made first, as one that leaves at once would never have been there.
      this.entries.push({ entry, time: this.now });
      this.fit();
    }
  }

  ids(): number[] {
    this.expire();
    return this.entries.map(({ entry }) => entry.id);
  }
}

type Operation =
  | { push: number[] }
  | { advance: number }
  | { resize: { maxEntries?: number; maxBytes?: number; maxAge?: number } }
  | { clear: true }
  | { at: number }
  | { tail: number };

const operation = (sized: boolean, timed: boolean): fc.Arbitrary<Operation> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 5 }).map((push) => ({ push })),
    },
    { weight: 2, arbitrary: fc.constant({ push: new Array<number>(60).fill(1) }) },
    { weight: 4, arbitrary: fc.oneof(fc.nat(3), fc.nat(60)).map((advance) => ({ advance })) },
    {
      weight: 1,
      arbitrary: fc
        .record(
          {
            maxEntries: fc.integer({ min: 1, max: 80 }),
            ...(sized && { maxBytes: fc.integer({ min: 1, max: 200 }) }),
            ...(timed && { maxAge: fc.integer({ min: 1, max: 200 }) }),
          },
          { requiredKeys: [] },
        )
        .map((resize) => ({ resize: resize as { maxEntries?: number } })),
    },
    { weight: 1, arbitrary: fc.constant({ clear: true as const }) },
    { weight: 3, arbitrary: fc.integer({ min: -90, max: 90 }).map((at) => ({ at })) },
    { weight: 3, arbitrary: fc.nat(90).map((tail) => ({ tail })) },
  );

for (const sized of [false, true]) {
  for (const timed of [false, true]) {
    test(`any operations, ${sized ? 'with' : 'without'} maxBytes and ${timed ? 'with' : 'without'} maxAge`, () => {
      fc.assert(
        fc.property(
          fc.record({
            maxEntries: fc.integer({ min: 1, max: 80 }),
            maxBytes: fc.integer({ min: 1, max: 300 }),
            maxAge: fc.integer({ min: 1, max: 200 }),
          }),
          fc.array(operation(sized, timed), { maxLength: 60 }),
          (bounds, operations) => {
            const model = new Model(
              bounds.maxEntries,
              sized ? bounds.maxBytes : Number.POSITIVE_INFINITY,
              timed ? bounds.maxAge : Number.POSITIVE_INFINITY,
            );
            const log = new BoundedLog<Entry>({
              maxEntries: bounds.maxEntries,
              ...(sized && { maxBytes: bounds.maxBytes, sizeOf: ({ size }: Entry) => size }),
              ...(timed && { maxAge: bounds.maxAge }),
              clock: { now: () => model.now },
            });
            let id = 0;
            for (const op of operations) {
              if ('push' in op) {
                const entries = op.push.map((size) => ({ id: id++, size }));
                for (const entry of entries) model.push(entry);
                model.expire();
                assert.equal(log.push(...entries), model.entries.length);
              } else if ('advance' in op) model.now += op.advance;
              else if ('resize' in op) {
                Object.assign(model, op.resize);
                model.expire();
                model.fit();
                log.resize(op.resize);
              } else if ('clear' in op) {
                model.expire();
                log.purgeExpired();
                model.entries = [];
                log.clear();
              } else if ('at' in op) assert.equal(log.at(op.at)?.id, model.ids().at(op.at));
              else {
                const ids = model.ids();
                const newest = ids.slice(Math.max(0, ids.length - op.tail));
                assert.deepEqual(
                  log.tail(op.tail).map((entry) => entry.id),
                  newest,
                );
              }
              const ids = model.ids();
              assert.deepEqual(
                [...log].map((entry) => entry.id),
                ids,
              );
              assert.deepEqual(
                [...log.newestFirst()].map((entry) => entry.id),
                ids.toReversed(),
              );
              assert.equal(log.size, ids.length);
              assert.equal(log.bytes, sized ? model.bytes : 0);
              const { dropped, expired, rejected } = log.stats();
              assert.deepEqual(
                { dropped, expired, rejected },
                { dropped: model.dropped, expired: model.expired, rejected: model.rejected },
              );
              segmentsOf(log).validate();
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  }
}

test('any iteration, while pushes, ageing and clearing happen between its steps', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('next' as const) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 30 }) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
    { weight: 1, arbitrary: fc.constant('age' as const) },
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 0, max: 150 }),
      fc.boolean(),
      fc.array(step, { maxLength: 150 }),
      (maxEntries, before, newestFirst, steps) => {
        let now = 0;
        const log = new BoundedLog<number>({ maxEntries, maxAge: 50, clock: { now: () => now } });
        let id = 0;
        for (let i = 0; i < before; i++) log.push(id++);
        const began = [...log];
        const iterator = newestFirst ? log.newestFirst() : log.values();
        const seen: number[] = [];
        const expected: number[] = [];
        const rest = newestFirst ? began.toReversed() : began;
        let done = false;
        const take = (): void => {
          const there = new Set(log);
          const next = rest.find((each) => there.has(each));
          rest.splice(0, next === undefined ? rest.length : rest.indexOf(next) + 1);
          const result = iterator.next();
          done = result.done === true;
          assert.equal(result.value, next);
          assert.equal(done, next === undefined);
          if (next !== undefined) {
            expected.push(next);
            seen.push(result.value as number);
          }
        };
        for (const each of steps) {
          if (each === 'next') take();
          else if (each === 'clear') log.clear();
          else if (each === 'age') now += 20;
          else for (let i = 0; i < each; i++) log.push(id++);
        }
        while (!done) take();
        assert.deepEqual(seen, expected);
        assert.equal(new Set(seen).size, seen.length);
        log.push(id++);
        assert.equal(iterator.next().done, true, 'an iteration that is over stays over');
      },
    ),
    { numRuns: 500 },
  );
});
