import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BoundedCache,
  type MemoryPressure,
  type MemorySample,
  type MemorySampler,
  type MemorySamplerOptions,
  memorySampler,
  SharedCache,
  startMemorySampler,
} from 'plateau';
import { largestCaches } from '../../dist/testing.cjs';
import { until, warningsDuring } from '../support';

afterEach(() => memorySampler()?.stop());

/** The next sample that `matches`. */
async function sampleWhere(
  sampler: MemorySampler,
  matches: (sample: MemorySample) => boolean,
): Promise<MemorySample> {
  const current = (): MemorySample | undefined => {
    const sample = sampler.sample();
    return sample !== undefined && matches(sample) ? sample : undefined;
  };
  await until(() => current() !== undefined, 'such a sample');
  return current() as MemorySample;
}

suite('starting and stopping', () => {
  test('starting twice is the same sampler, until it is stopped', () => {
    const sampler = startMemorySampler();
    assert.equal(startMemorySampler(), sampler);
    assert.equal(memorySampler(), sampler);
    assert.equal(sampler.running, true);
    sampler.stop();
    sampler.stop();
    assert.equal(sampler.running, false);
    assert.equal(memorySampler(), undefined);
    assert.notEqual(startMemorySampler(), sampler);
  });

  test('what was seen can still be asked for after the end, and no more is seen', async () => {
    const sampler = startMemorySampler();
    const last = await sampleWhere(sampler, () => true);
    sampler[Symbol.dispose]();
    const { at } = sampler.sample() ?? last;
    await sleep(1_500);
    assert.equal(sampler.sample()?.at, at);
    assert.equal(typeof sampler.verdict().evidence, 'string');
  });

  test('a new sampler has too little data to judge, and says so', () => {
    const { verdict, place, confidence, trends, evidence } = startMemorySampler().verdict();
    assert.deepEqual(
      { verdict, place, confidence, trends },
      {
        verdict: 'not-enough-data',
        place: undefined,
        confidence: 0,
        trends: [],
      },
    );
    assert.equal(typeof evidence, 'string');
  });
});

suite('what a sample tells', () => {
  test('the process as the system sees it, and the isolate as V8 does', async () => {
    const sampler = startMemorySampler();
    const sample = await sampleWhere(sampler, () => true);
    const { rss, heapTotal } = process.memoryUsage();
    const near = (value: number, expected: number, what: string): void =>
      assert.ok(Math.abs(value - expected) < 0.5 * expected, `${what}: ${value} is not near ${expected}`);
    near(sample.process.rss, rss, 'rss');
    near(sample.heap.committed, heapTotal, 'committed');
    assert.ok(sample.heap.limit > sample.heap.committed);
    assert.ok(sample.process.anonymous <= sample.process.rss);
    assert.ok(sample.process.cpu > 0);
    assert.ok(Math.abs(sample.at - Date.now()) < 60_000);
  });

  test('open descriptors are counted, and what buffers hold', async () => {
    const sampler = startMemorySampler();
    const before = await sampleWhere(sampler, () => true);
    const files = Array.from({ length: 40 }, () => openSync(__filename, 'r'));
    const kept = Buffer.alloc(24 * 2 ** 20, 1);
    const after = await sampleWhere(
      sampler,
      (sample) =>
        sample.process.descriptors >= before.process.descriptors + 40 &&
        sample.external.arrayBuffers >= kept.length &&
        Math.abs(sample.external.arrayBuffers - process.memoryUsage().arrayBuffers) < 4e6,
    );
    for (const file of files) closeSync(file);
    assert.ok(after.external.bytes >= after.external.arrayBuffers);
    await sampleWhere(sampler, ({ process }) => process.descriptors < before.process.descriptors + 40);
  });

  test('HTTP requests are counted without any middleware', async () => {
    const sampler = startMemorySampler();
    const server = createServer((_, response) => response.end('ok'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (let i = 0; i < 25; i++) await (await fetch(origin)).text();
    const { requests } = await sampleWhere(sampler, ({ requests }) => requests.count >= 25);
    assert.equal(requests.count, 25);
    assert.ok(requests.rate > 0);
    server.closeAllConnections();
    server.close();
  });

  test('major collections are counted and leave a floor below what is in use', async () => {
    const sampler = startMemorySampler();
    const garbage: unknown[] = [];
    for (let i = 0; i < 100_000; i++) garbage.push({ i });
    globalThis.gc?.();
    const sample = await sampleWhere(sampler, ({ gc }) => gc.major > 0);
    assert.ok(sample.heap.floor > 1e6, String(sample.heap.floor));
    assert.ok(sample.heap.floor <= sample.heap.committed);
    assert.ok(sample.gc.majorMs > 0);
    assert.ok(garbage.length > 0);
  });

  test('named caches are summed', async () => {
    const sampler = startMemorySampler();
    const cache = new BoundedCache<number, string>({
      name: 'of the sampler test',
      maxEntries: 100,
      maxBytes: 1e6,
    });
    for (let i = 0; i < 60; i++) cache.set(i, 'x'.repeat(100));
    const { caches } = await sampleWhere(sampler, ({ caches }) => caches.entries >= 60);
    assert.ok(caches.bytes >= cache.bytes && cache.bytes > 6_000);
  });

  test('what shared caches hold is known', async (t) => {
    const sampler = startMemorySampler();
    const shared = new SharedCache<Uint8Array>({
      name: 'of the sampler test',
      maxBytes: 2 ** 26,
      codec: 'bytes',
    });
    t.after(() => shared.close());
    for (let i = 0; i < 300_000; i++) shared.set(`key ${i}`, Buffer.alloc(64));
    // Asked for together with `malloc`, every five seconds.
    const { bytes } = shared.stats();
    const { native } = await sampleWhere(sampler, ({ native }) => native.sharedCaches > 0.95 * bytes);
    const listed = largestCaches().find(({ name }) => name === 'of the sampler test');
    assert.deepEqual(
      [listed?.shared, listed?.entries, listed?.maxEntries],
      [true, 300_000, Number.POSITIVE_INFINITY],
    );
    assert.ok(bytes > 2e7 && native.sharedCaches < 1.05 * bytes, `${native.sharedCaches} of ${bytes}`);
  });
});

suite('the history', () => {
  test('has a bucket per second, oldest first, with extremes that fit', async () => {
    const sampler = startMemorySampler();
    await until(() => sampler.history().length >= 4, 'four seconds of history');
    const history = sampler.history();
    for (const [index, { at, used, rss, seconds }] of history.entries()) {
      assert.ok(index === 0 || at > (history[index - 1]?.at ?? 0));
      assert.ok(used.min <= used.last && used.last <= used.max);
      assert.ok(rss.last > 1e6);
      assert.ok(seconds >= 1);
    }
    assert.equal(sampler.history({ seconds: 600, resolution: 600 }).length <= 2, true);
    assert.ok(sampler.history({ seconds: 2 }).length <= 3);
  });

  for (const bad of [0, -1, Number.NaN, '5', Number.POSITIVE_INFINITY]) {
    test(`does not take ${String(bad)} for a number of seconds`, () => {
      const sampler = startMemorySampler();
      assert.throws(() => sampler.history({ seconds: bad as number }), { code: /^PLATEAU_/ });
      assert.throws(() => sampler.history({ resolution: bad as number }), { code: /^PLATEAU_/ });
    });
  }
});

suite('events', () => {
  test('pressure is told once per cooldown, and named caches give way if that is wanted', async () => {
    const cache = new BoundedCache<number, number>({ name: 'under pressure', maxEntries: 1_000 });
    for (let i = 0; i < 1_000; i++) cache.set(i, i);
    const sampler = startMemorySampler({ pressureAt: 0, relieveTo: 0.25 });
    const seen: MemoryPressure[] = [];
    sampler.on('pressure', (pressure) => void seen.push(pressure));
    await until(() => seen.length > 0, 'an event of pressure');
    await sleep(2_500);
    assert.equal(seen.filter(({ limit }) => limit === 'heap').length, 1);
    const [first] = seen;
    assert.ok(first !== undefined && first.share > 0 && first.share === first.used / first.bytes);
    assert.ok(first.relieved >= 750);
    assert.equal(cache.size, 250);
  });

  test('a listener that throws becomes a warning and does not keep others from being told', async () => {
    const sampler = startMemorySampler({ pressureAt: 0 });
    let told = 0;
    const warnings = await warningsDuring(async () => {
      sampler.on('pressure', () => {
        throw new Error('on purpose');
      });
      sampler.on('pressure', () => void told++);
      await until(() => told > 0, 'the second listener');
    });
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['PLATEAU_LISTENER'],
    );
  });

  test('off ends it; unknown events and listeners that are no functions are errors', async () => {
    const sampler = startMemorySampler({ pressureAt: 0 });
    let told = 0;
    const note = (): void => void told++;
    sampler.on('pressure', note).off('pressure', note);
    await sleep(1_500);
    assert.equal(told, 0);
    assert.throws(() => sampler.on('leak' as 'alarm', note), {
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /"verdict" or "alarm" or "pressure"/,
    });
    assert.throws(() => sampler.on('toString' as 'alarm', note), { code: 'PLATEAU_INVALID_ARGUMENT' });
    assert.throws(() => sampler.on('alarm', 5 as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  });
});

suite('bad options are named, and nothing is started', () => {
  const bad: [unknown, string, RegExp][] = [
    [{ recorder: '' }, 'TypeError', /recorder must be/],
    [{ recorder: 7 }, 'TypeError', /recorder must be/],
    [{ recorderBytes: '4MB' }, 'TypeError', /recorderBytes must be/],
    [{ recorderBytes: 1000 }, 'RangeError', /recorderBytes must be/],
    [{ recorderBytes: 2 ** 31 }, 'RangeError', /recorderBytes must be/],
    [{ recorderBytes: 100_000.5 }, 'RangeError', /recorderBytes must be/],
    [{ pressureAt: 85 }, 'RangeError', /pressureAt must be/],
    [{ relieveTo: '1' }, 'TypeError', /relieveTo must be/],
    [{ cooldown: -1 }, 'RangeError', /cooldown must be/],
    [{ askForCollections: 'no' }, 'TypeError', /askForCollections must be/],
    [{ interval: 5 }, 'TypeError', /there is no option "interval"/],
    [null, 'TypeError', /options must be/],
    [[], 'TypeError', /options must be/],
  ];
  for (const [options, name, message] of bad) {
    test(JSON.stringify(options), () => {
      assert.throws(() => startMemorySampler(options as MemorySamplerOptions), {
        name,
        message,
        code: /^PLATEAU_/,
      });
      assert.equal(memorySampler(), undefined);
    });
  }
});

test('a black box that cannot be made is a warning; the sampler goes on', async () => {
  let sampler: MemorySampler | undefined;
  const warnings = await warningsDuring(() => {
    sampler = startMemorySampler({ recorder: '/dev/null/nowhere' });
  });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['PLATEAU_RECORDER'],
  );
  assert.equal(sampler?.recorderFile, undefined);
  assert.equal(sampler?.running, true);
});
