/** BoundedLog: bounds, order, ageing, and what it lets go of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { install } from '@sinonjs/fake-timers';
import { BoundedLog, type BoundedLogOptions } from 'plateau';
import { segmentsOf } from '../../dist/testing.cjs';

const gc = globalThis.gc as () => void;

function timed(options: Partial<BoundedLogOptions<number>> = {}) {
  const clock = { time: 1000, now: (): number => clock.time };
  return { clock, log: new BoundedLog<number>({ maxEntries: 100, maxAge: 50, clock, ...options }) };
}

test('the newest records are kept, and push says how many there are', () => {
  const log = new BoundedLog<string>(3);
  assert.equal(log.push('a'), 1);
  assert.equal(log.push('b', 'c', 'd'), 3);
  assert.equal(log.push(), 3);
  assert.deepEqual([...log], ['b', 'c', 'd']);
  assert.deepEqual([...log.newestFirst()], ['d', 'c', 'b']);
  assert.deepEqual(
    [...log.entries()],
    [
      [0, 'b'],
      [1, 'c'],
      [2, 'd'],
    ],
  );
  assert.deepEqual([log.at(0), log.at(-1), log.at(3), log.at(-4)], ['b', 'd', undefined, undefined]);
  assert.deepEqual([log.tail(2), log.tail(0), log.tail()], [['c', 'd'], [], ['b', 'c', 'd']]);
  assert.deepEqual(log.tail(Number.POSITIVE_INFINITY), ['b', 'c', 'd']);
  assert.equal(JSON.stringify({ log }), '{"log":["b","c","d"]}');
  assert.deepEqual(log.stats(), { size: 3, bytes: 0, pushed: 4, dropped: 1, expired: 0, rejected: 0 });
  const seen: unknown[] = [];
  log.forEach(function (this: unknown, record, index, self) {
    seen.push(record, index, self === log, this);
  }, log);
  assert.deepEqual(seen, ['b', 0, true, log, 'c', 1, true, log, 'd', 2, true, log]);
  assert.deepEqual([...new BoundedLog(2, 'abc')], ['b', 'c']);
});

test('a record of undefined is a record', () => {
  const log = new BoundedLog<undefined>(2);
  log.push(undefined, undefined, undefined);
  assert.deepEqual([...log], [undefined, undefined]);
});

test('a loop that pushes to the log it walks ends, and sees each record that was there once', () => {
  const log = new BoundedLog<number>(100, Array(100).keys());
  const seen: number[] = [];
  for (const record of log) {
    seen.push(record);
    log.push(1000 + record, 2000 + record);
  }
  // One of three is read before it is overwritten.
  assert.deepEqual(seen, [...new Set(seen)]);
  assert.ok(
    seen.every((record) => record < 100),
    `${seen}`,
  );
  assert.ok(seen.length >= 33 && seen.length < 100, `${seen.length}`);
});

test('a record that is too large is refused and counted, and what was there stays', () => {
  const log = new BoundedLog<string>({ maxBytes: 10, sizeOf: (record) => record.length });
  log.push('aaaa', 'bbbb');
  assert.equal(log.push('c'.repeat(11)), 2);
  assert.deepEqual([log.rejected, log.dropped, log.bytes], [1, 0, 8]);
  log.push('dddddd');
  assert.deepEqual([...log], ['bbbb', 'dddddd']);
  log.push('e'.repeat(10));
  assert.deepEqual([[...log], log.dropped], [['e'.repeat(10)], 3]);
});

test('without sizeOf, bytes are an estimate of the memory held', () => {
  const log = new BoundedLog<Buffer>({ maxBytes: 100_000 });
  for (let i = 0; i < 100; i++) log.push(Buffer.alloc(10_000));
  assert.ok(log.size >= 8 && log.size < 10, `${log.size}`);
});

test('when sizeOf throws for one of several records, none is taken', () => {
  const sizeOf = (record: number): number => (record === 3 ? Number.NaN : 1);
  const log = new BoundedLog<number>({ maxBytes: 10, sizeOf });
  assert.throws(() => log.push(1, 2, 3), { code: 'PLATEAU_OUT_OF_RANGE' });
  assert.deepEqual([log.size, log.stats().pushed], [0, 0]);
});

test('a sizeOf that pushes itself does no harm', () => {
  const log: BoundedLog<number> = new BoundedLog<number>({
    maxBytes: 5,
    sizeOf(record) {
      if (record === 1) log.push(10, 11);
      return 1;
    },
  });
  log.push(1, 2);
  assert.deepEqual([...log], [10, 11, 1, 2]);
  segmentsOf(log).validate();
});

test('records that are too old are neither counted nor returned, to the millisecond', () => {
  const { clock, log } = timed();
  log.push(1);
  clock.time += 20;
  log.push(2);
  const iterator = log.values();
  clock.time += 29;
  assert.equal(log.size, 2);
  clock.time += 1;
  assert.deepEqual([log.size, log.at(0), log.tail(5), [...log]], [1, 2, [2], [2]]);
  assert.equal(iterator.next().value, 2);
  assert.equal(log.stats().expired, 1);
  clock.time += 20;
  assert.equal(log.purgeExpired(), 1);
});

test('of many records that age at once, exactly those leave that are too old', () => {
  for (let jump = 1; jump <= 130; jump++) {
    const { clock, log } = timed({ maxEntries: 100, maxAge: 100 });
    for (let i = 0; i < 100; i++) {
      log.push(i);
      clock.time += 1;
    }
    clock.time += jump;
    // Record i came at i, and it is jump ms after 100.
    assert.deepEqual(log.tail(1000), Array.from(Array(100).keys()).slice(jump + 1));
    segmentsOf(log).validate();
  }
});

test('a clock that goes back has stood still', () => {
  const { clock, log } = timed();
  log.push(1);
  clock.time = 0;
  log.push(2);
  clock.time = 49;
  assert.equal(log.size, 2);
  clock.time = 50;
  assert.equal(log.size, 0);
});

test('under fake timers records leave when their time comes, though nobody reads', () => {
  const clock = install();
  try {
    const log = new BoundedLog<number>({ maxEntries: 10_000, maxAge: 60_000 });
    log.push(1);
    clock.tick(10_000);
    for (let i = 0; i < 5000; i++) log.push(i);
    clock.tick(49_999);
    assert.equal(segmentsOf(log).size, 5001);
    clock.tick(1);
    assert.equal(segmentsOf(log).size, 5000);
    clock.tick(10_000);
    assert.equal(segmentsOf(log).size, 0);
  } finally {
    clock.uninstall();
  }
});

test('old records are collected though nobody reads, in real time', async () => {
  const log = new BoundedLog<object>({ maxEntries: 1000, maxAge: 20 });
  const refs = Array.from({ length: 300 }, () => {
    const record = { of: 'the test' };
    log.push(record);
    return new WeakRef(record);
  });
  const end = Date.now() + 20_000;
  while (refs.some((ref) => ref.deref() !== undefined) && Date.now() < end) {
    await sleep(20);
    gc();
  }
  assert.equal(refs.filter((ref) => ref.deref() !== undefined).length, 0);
  assert.equal(segmentsOf(log).size, 0);
});

test('what was dropped or cleared is collected, and so is a log that waits for its timer', async () => {
  const log = new BoundedLog<object>({ maxEntries: 40 });
  // In a function of its own: a suspended one keeps its variables.
  const refs = Array.from({ length: 1000 }, (_, i) => {
    const record = { i };
    log.push(record);
    return new WeakRef(record);
  });
  const waiting = new WeakRef(new BoundedLog<object>({ maxEntries: 10, maxAge: 3_600_000 }, [{}]));
  await sleep(5);
  gc();
  await sleep(5);
  gc();
  assert.deepEqual(refs.map((ref) => ref.deref() !== undefined).lastIndexOf(false), 959);
  assert.equal(waiting.deref(), undefined);
  log.clear();
  await sleep(5);
  gc();
  assert.ok(refs.every((ref) => ref.deref() === undefined));
  assert.equal(log.size, 0);
});

test('a large bound costs nothing until there are records', () => {
  gc();
  const before = process.memoryUsage().heapUsed;
  const logs = Array.from({ length: 1000 }, () => new BoundedLog<number>(10_000_000));
  gc();
  const each = (process.memoryUsage().heapUsed - before) / logs.length;
  assert.ok(each < 2000, `${each} bytes for an empty log`);
});

test('bounds may change; a smaller one lets the oldest go', () => {
  const log = new BoundedLog<number>({ maxEntries: 5000 }, Array(5000).keys());
  log.resize({ maxEntries: 10 });
  assert.deepEqual([...log], [4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999]);
  log.resize(11);
  log.push(1, 2);
  assert.deepEqual([log.size, log.maxEntries, log.dropped], [11, 11, 4991]);
  const { clock, log: aging } = timed();
  aging.push(1);
  aging.resize({ maxAge: 10 });
  clock.time += 10;
  assert.equal(aging.size, 0);
});

test('console.log shows bounds and the newest records', () => {
  const log = new BoundedLog<number>({ maxEntries: 10, name: 'errors' }, [1, 2, 3, 4]);
  assert.equal(inspect(log), 'BoundedLog "errors" (4/10 entries) [ 1 more ..., 2, 3, 4 ]');
  assert.equal(inspect({ a: { b: { log } } }, { depth: 1 }).includes('BoundedLog'), false);
  assert.equal(inspect(new BoundedLog({ maxBytes: 100 })), 'BoundedLog (0 entries, 0/100 bytes) []');
});

test('what is not acceptable is an error with a code that names it', () => {
  const make = (options: unknown) => () => new BoundedLog(options as number);
  const invalid = { code: 'PLATEAU_INVALID_OPTION', name: 'TypeError' };
  const range = { code: 'PLATEAU_OUT_OF_RANGE', name: 'RangeError' };
  for (const options of [undefined, null, 'x', [], () => 1]) {
    assert.throws(make(options), { code: 'PLATEAU_INVALID_ARGUMENT' });
  }
  assert.throws(make({}), { ...invalid, message: /^maxEntries or maxBytes must be given/ });
  assert.throws(make({ maxAge: 5 }), { ...invalid, message: /^maxEntries or maxBytes must be given/ });
  assert.throws(make({ maxEntries: 5, maxEntires: 5 }), { ...invalid, message: /"maxEntires"/ });
  assert.throws(make({ maxEntries: '5' }), { ...invalid, message: /^maxEntries must be .*, got "5"$/ });
  for (const maxEntries of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 26]) {
    assert.throws(make(maxEntries), range);
  }
  for (const maxBytes of [0, -1, 1.5, Number.NaN]) assert.throws(make({ maxBytes }), range);
  for (const maxAge of [0, -1, Number.NaN]) assert.throws(make({ maxEntries: 1, maxAge }), range);
  assert.throws(make({ maxEntries: 1, sizeOf: () => 1 }), { ...invalid, message: /^maxBytes must be given/ });
  assert.throws(make({ maxEntries: 1, clock: 5 }), invalid);
  assert.throws(make({ maxEntries: 1, name: '' }), invalid);
  assert.throws(() => new BoundedLog(1, 5 as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  const log = new BoundedLog<number>(5, [1, 2]);
  const argument = { code: 'PLATEAU_INVALID_ARGUMENT' };
  for (const index of ['0', undefined, 1.5, Number.NaN])
    assert.throws(() => log.at(index as number), argument);
  for (const count of [-1, 1.5, Number.NaN]) assert.throws(() => log.tail(count), range);
  assert.throws(() => log.tail('1' as never), argument);
  assert.throws(() => log.forEach(5 as never), argument);
  for (const bounds of [{ maxBytes: 5 }, { maxAge: 5 }, { name: 'x' }]) {
    assert.throws(() => log.resize(bounds as never), invalid);
  }
  assert.throws(() => log.resize({ maxEntries: 0 }), range);
  assert.deepEqual([[...log], log.maxEntries], [[1, 2], 5]);
});
