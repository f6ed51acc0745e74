/** What a registry of the real prom-client shows where registerMetrics of plateau/prometheus was called. */

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { afterEach, suite, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { BoundedCache, createScope, memorySampler, SharedCache, sharedCaches, trackListeners } from 'plateau';
import { registerMetrics } from 'plateau/prometheus';
import { AggregatorRegistry, Registry } from 'prom-client';
import { until, warningsDuring } from '../support';
import { promtool, withoutPrometheus } from './prometheus';

type Labels = Record<string, string>;

afterEach(() => memorySampler()?.stop());

/** The values of a metric with these labels. */
async function values(
  register: Pick<Registry, 'getMetricsAsJSON'>,
  name: string,
  labels: Labels = {},
): Promise<number[]> {
  const metric = (await register.getMetricsAsJSON()).find((each) => each.name === name);
  assert.ok(metric, `there is no ${name}`);
  return metric.values
    .filter((each) => Object.entries(labels).every(([label, value]) => each.labels[label] === value))
    .map(({ value }) => value);
}

async function sampled(): Promise<void> {
  await until(() => memorySampler()?.sample() !== undefined, 'a sample');
}

suite('a scrape', () => {
  test('shows the memory of the thread as the sampler knows it', async () => {
    const register = new Registry();
    registerMetrics({ register });
    await sampled();
    global.gc?.();
    await until(() => (memorySampler()?.sample()?.heap.floor ?? 0) > 0, 'a floor');
    const floor = memorySampler()?.sample()?.heap.floor;
    const [shown] = await values(register, 'plateau_heap_floor_bytes', { thread: 'main' });
    assert.ok(
      shown !== undefined && floor !== undefined && Math.abs(shown / floor - 1) < 0.5,
      `${shown} ${floor}`,
    );
    const verdicts = await values(register, 'plateau_memory_verdict');
    assert.equal(verdicts.length, 6);
    assert.equal(
      verdicts.reduce((sum, value) => sum + value),
      1,
      'one verdict holds',
    );
    const [major = 0] = await values(register, 'plateau_gc_collections_total', { kind: 'major' });
    const [seconds = 0] = await values(register, 'plateau_gc_time_seconds_total', { kind: 'major' });
    assert.ok(major >= 1);
    assert.ok(seconds > 0 && seconds < 60, `${seconds} seconds`);
    const [rss = 0] = await values(register, 'plateau_process_resident_memory_bytes');
    assert.ok(Math.abs(rss / process.memoryUsage.rss() - 1) < 0.5);
  });

  test('shows caches by name, adds up those of one name, and the rest as `other`', async () => {
    const register = new Registry();
    registerMetrics({ register, maxCaches: 2, labels: { service: 'shop' } });
    const users = new BoundedCache<number, number>({ maxEntries: 2, name: 'users' });
    const more = new BoundedCache<number, number>({
      maxEntries: 3,
      name: 'users',
      maxBytes: 100,
      sizeOf: () => 7,
    });
    for (const key of [1, 2, 3]) users.set(key, key);
    more.set(1, 1);
    users.get(3);
    users.get(9);
    const labels = { cache: 'users', thread: 'main', service: 'shop' };
    assert.deepEqual(await values(register, 'plateau_cache_entries', labels), [3]);
    assert.deepEqual(await values(register, 'plateau_cache_max_entries', labels), [5]);
    assert.deepEqual(await values(register, 'plateau_cache_hits_total', labels), [1]);
    assert.deepEqual(await values(register, 'plateau_cache_misses_total', labels), [1]);
    assert.deepEqual(
      await values(register, 'plateau_cache_removals_total', { ...labels, reason: 'evicted' }),
      [1],
    );
    assert.deepEqual(
      await values(register, 'plateau_cache_removals_total', { ...labels, reason: 'expired' }),
      [0],
    );
    const rest = Array.from({ length: 20 }, (_, i) => new BoundedCache({ maxEntries: 5, name: `user-${i}` }));
    for (const cache of rest) cache.set(1, 1);
    const metric = (await register.getMetricsAsJSON()).find(({ name }) => name === 'plateau_cache_entries');
    const names = metric?.values.map((each) => String(each.labels.cache)) ?? [];
    assert.ok(names.length <= 3, `2 names and the rest, and not ${names}`);
    assert.ok(names.includes('other'));
    const sum = metric?.values.reduce((total, { value }) => total + value, 0);
    assert.ok((sum ?? 0) >= 23, 'nothing is left out of the sums');
    assert.equal(rest.length + more.size, 21);
  });

  test('counters of caches do not fall when statistics are reset or a cache is collected', async () => {
    const register = new Registry();
    registerMetrics({ register });
    const hits = async () => (await values(register, 'plateau_cache_hits_total', { cache: 'falling' }))[0];
    let cache: BoundedCache<number, number> | undefined = new BoundedCache({
      maxEntries: 2,
      name: 'falling',
    });
    const ref = new WeakRef(cache);
    cache.set(1, 1);
    cache.get(1);
    cache.get(1);
    assert.equal(await hits(), 2);
    cache.resetStats();
    cache.get(1);
    assert.equal(await hits(), 3);
    cache.get(1);
    assert.equal(await hits(), 4);
    cache = undefined;
    for (let i = 0; i < 50 && ref.deref() !== undefined; i++) {
      await sleep(5);
      global.gc?.();
    }
    assert.equal(ref.deref(), undefined, 'metrics keep no cache alive');
    assert.equal(await hits(), 4);
    assert.deepEqual(await values(register, 'plateau_cache_entries', { cache: 'falling' }), []);
    const next = new BoundedCache<number, number>({ maxEntries: 2, name: 'falling' });
    next.set(1, 1);
    next.get(1);
    assert.equal(await hits(), 5);
  });

  test('shared caches are shown by name, whichever thread has them open, and their counters do not fall', async (t) => {
    const register = new Registry();
    registerMetrics({ register });
    const value = async (name: string, labels: object = {}) =>
      (await values(register, `plateau_shared_cache_${name}`, { cache: 'of metrics', ...labels }))[0];
    const path = JSON.stringify(join(__dirname, '../../dist/index.cjs'));
    const worker = new Worker(
      `const { SharedCache } = require(${path});
      const cache = new SharedCache({ name: 'of metrics', maxBytes: 2 ** 20, maxEntries: 3 });
      for (const key of ['a', 'b', 'c', 'd']) cache.set(key, 'value');
      cache.get('d');
      cache.get('x');
      const { parentPort } = require('node:worker_threads');
      parentPort.once('message', () => parentPort.postMessage(cache.close()));
      parentPort.postMessage('ready');`,
      { eval: true },
    );
    t.after(() => worker.terminate());
    await once(worker, 'message');
    const shown = async () => ({
      entries: await value('entries'),
      most: await value('max_entries'),
      hits: await value('hits_total'),
      misses: await value('misses_total'),
      sets: await value('sets_total'),
      evicted: await value('removals_total', { reason: 'evicted' }),
      handles: await value('handles'),
    });
    assert.deepEqual(await shown(), {
      entries: 3,
      most: 3,
      hits: 1,
      misses: 1,
      sets: 4,
      evicted: 1,
      handles: 1,
    });
    const used = (await value('used_bytes')) ?? 0;
    assert.ok(used > ((await value('payload_bytes')) ?? used) && used <= 2 ** 20, `${used} bytes`);
    worker.postMessage('close');
    await once(worker, 'message');
    await until(() => !sharedCaches().includes('of metrics'));
    assert.deepEqual([await value('entries'), await value('hits_total')], [undefined, 1]);
    const again = new SharedCache({ name: 'of metrics', maxBytes: 2 ** 20 });
    t.after(() => again.close());
    again.set('a', 'value');
    again.get('a');
    again.get('a');
    assert.deepEqual([await value('hits_total'), await value('max_entries')], [3, undefined]);
    again.resetStats();
    again.get('a');
    assert.equal(await value('hits_total'), 4);
  });

  test('shared caches beyond a number of names are one, `other`, and nothing is left out of the sums', async (t) => {
    const register = new Registry();
    registerMetrics({ register, maxCaches: 2 });
    const many = [1, 2, 3, 4, 5].map((i) => new SharedCache({ name: `pages ${i}`, maxBytes: 2 ** 20 }));
    t.after(() => {
      for (const cache of many) cache.close();
    });
    for (const cache of many) cache.set('a', 'b');
    const metrics = await register.getMetricsAsJSON();
    for (const [name, sum] of [
      ['plateau_shared_cache_entries', 5],
      ['plateau_shared_cache_max_bytes', 5 * 2 ** 20],
      ['plateau_shared_cache_sets_total', 5],
    ] as const) {
      const shown = metrics.find((metric) => metric.name === name)?.values ?? [];
      assert.deepEqual([shown.length, shown.some(({ labels }) => labels.cache === 'other')], [3, true], name);
      assert.equal(
        shown.reduce((total, { value }) => total + value, 0),
        sum,
        name,
      );
    }
  });

  test('shows call sites of listeners and scopes, and no more of them than asked for', async () => {
    const register = new Registry();
    registerMetrics({ register, maxSites: 2 });
    const controller = new AbortController();
    const events = trackListeners(new EventEmitter().setMaxListeners(0), {
      until: controller.signal,
      name: 'bus',
    });
    for (let i = 0; i < 7; i++) events.on('tick', () => {});
    events.on('tock', () => {});
    events.on('tack', () => {});
    const scope = createScope({ until: controller.signal });
    scope.setInterval(() => {}, 1_000);
    const live = await values(register, 'plateau_listener_site_live', { emitter: 'bus' });
    assert.deepEqual(live, [7, 1]);
    assert.deepEqual(
      await values(register, 'plateau_listener_site_live', { event: 'tick', emitter: 'bus' }),
      [7],
    );
    const metric = (await register.getMetricsAsJSON()).find(
      ({ name }) => name === 'plateau_listener_site_live',
    );
    assert.match(String(metric?.values[0]?.labels.site), /prometheus\.test\.ts:\d+/);
    assert.ok(((await values(register, 'plateau_listeners_live'))[0] ?? 0) >= 9);
    assert.ok(((await values(register, 'plateau_listeners_added_total'))[0] ?? 0) >= 9);
    assert.ok(((await values(register, 'plateau_scopes_live'))[0] ?? 0) >= 1);
    assert.deepEqual(await values(register, 'plateau_scopes_resources', { kind: 'timer' }), [1]);
    controller.abort();
    assert.deepEqual(
      await values(register, 'plateau_listener_site_live', { event: 'tick', emitter: 'bus' }),
      [0],
    );
    assert.ok(
      ((await values(register, 'plateau_listeners_added_total'))[0] ?? 0) >= 9,
      'a counter does not fall',
    );
  });

  test('a sampler that is stopped shows nothing any more, and caches are still shown', async () => {
    const register = new Registry();
    registerMetrics({ register });
    await sampled();
    assert.equal((await values(register, 'plateau_heap_used_bytes')).length, 1);
    memorySampler()?.stop();
    assert.deepEqual(await values(register, 'plateau_heap_used_bytes'), []);
    assert.deepEqual(await values(register, 'plateau_memory_verdict'), []);
    assert.deepEqual(await values(register, 'plateau_build_info'), [1]);
  });

  test('two emitters with the same labels are one series', async () => {
    const register = new Registry();
    registerMetrics({ register });
    const controller = new AbortController();
    for (const name of ['twins', 'twins']) {
      trackListeners(new EventEmitter(), { until: controller.signal, name }).on('x', () => {});
    }
    assert.deepEqual(await values(register, 'plateau_listener_site_live', { emitter: 'twins' }), [2]);
    controller.abort();
  });

  test('text that a user chose stays inside its label', async () => {
    const register = new Registry();
    registerMetrics({ register });
    const name = '"} 1\nevil_total{x="\\" <script>\ud800';
    const cache = new BoundedCache({ maxEntries: 1, name: name + 'x'.repeat(10_000) });
    const text = await register.metrics();
    assert.doesNotMatch(text, /^evil_total/m);
    const line = text
      .split('\n')
      .find((each) => each.startsWith('plateau_cache_entries{') && each.includes('evil'));
    assert.ok(line?.includes('cache="\\"} 1\\nevil_total{x=\\"\\\\\\" <script>\ufffdxx'), line);
    assert.ok(line !== undefined && line.length < 400, 'and is clipped');
    assert.equal(cache.size, 0);
  });

  test('a metric that cannot be read is left out with a warning, and the others are there', async () => {
    const register = new Registry();
    registerMetrics({ register });
    const cache = new BoundedCache({ maxEntries: 1, name: 'broken' });
    Object.defineProperty(cache, 'stats', {
      value: () => {
        throw new Error('no statistics');
      },
      configurable: true,
    });
    let text = '';
    const warnings = await warningsDuring(async () => {
      await register.metrics();
      text = await register.metrics();
    });
    Reflect.deleteProperty(cache, 'stats');
    assert.match(text, /^plateau_build_info\{version="[\d.]+"\} 1$/m);
    assert.equal(warnings.length, 1, 'one warning for all that could not be read');
    assert.equal(warnings[0]?.code, 'PLATEAU_METRICS');
    assert.match(String(warnings[0]?.message), /no statistics/);
  });

  test('the text is what promtool calls clean', { skip: withoutPrometheus }, async () => {
    const register = new Registry();
    registerMetrics({ register });
    await sampled();
    const cache = new BoundedCache({ maxEntries: 1, name: 'checked', maxBytes: 10, sizeOf: () => 1 });
    cache.set(1, 1);
    promtool(['check', 'metrics'], await register.metrics());
  });

  test('in OpenMetrics text each counter ends in one _total', async () => {
    const register = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const registration = registerMetrics({ register });
    await sampled();
    for (let i = 0; i < 2; i++) {
      const text = await register.metrics();
      assert.match(text, /^# TYPE plateau_gc_collections counter\nplateau_gc_collections_total\{/m);
      assert.doesNotMatch(text, /_total_total/);
    }
    registration.stop();
    assert.deepEqual(register.getMetricsAsArray(), []);
  });

  test('resetMetrics of the registry changes nothing, and its default labels are added', async () => {
    const register = new Registry();
    registerMetrics({ register });
    register.setDefaultLabels({ zone: 'a' });
    register.resetMetrics();
    assert.match(await register.metrics(), /^plateau_build_info\{version="[\d.]+",zone="a"\} 1$/m);
  });

  test('the processes of a cluster are merged as each metric says', async () => {
    const register = new Registry();
    registerMetrics({ register });
    await sampled();
    const json = await register.getMetricsAsJSON();
    const merged = AggregatorRegistry.aggregate([json, structuredClone(json)] as never);
    const floor = await values(register, 'plateau_heap_used_bytes');
    assert.deepEqual(await values(merged, 'plateau_heap_used_bytes'), [2 * (floor[0] as number)]);
    assert.deepEqual((await values(merged, 'plateau_memory_verdict')).toSorted(), [0, 0, 0, 0, 0, 1]);
  });
});

test('the main thread shows the memory of every thread that has a sampler, until it stops', async () => {
  const register = new Registry();
  registerMetrics({ register });
  await sampled();
  const threads = async () => {
    const metric = (await register.getMetricsAsJSON()).find(({ name }) => name === 'plateau_heap_used_bytes');
    return metric?.values.map(({ labels }) => labels.thread) ?? [];
  };
  assert.deepEqual(await threads(), ['main']);
  const worker = new Worker(
    `const { startMemorySampler } = require('plateau');
     const { registerMetrics } = require('plateau/prometheus');
     const { Registry } = require('prom-client');
     const { parentPort } = require('node:worker_threads');
     const register = new Registry();
     registerMetrics({ register });
     const show = async () => {
       const metric = (await register.getMetricsAsJSON()).find(({ name }) => name === 'plateau_heap_used_bytes');
       if (metric.values.length === 0) setTimeout(show, 5);
       else parentPort.postMessage(metric.values.map(({ labels }) => labels.thread));
     };
     show();
     parentPort.on('message', () => process.exit());`,
    { eval: true },
  );
  const own = await new Promise((resolve) => worker.once('message', resolve));
  assert.deepEqual(own, [`worker-${worker.threadId}`], 'a worker shows its own');
  assert.deepEqual(await threads(), ['main', `worker-${worker.threadId}`]);
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage('end');
  await exited;
  assert.deepEqual(await threads(), ['main']);
  // Also where nobody says that it ends.
  for (let i = 0; i < 10; i++) {
    const cut = new Worker(
      "require('plateau').startMemorySampler(); require('node:worker_threads').parentPort.postMessage(1); setInterval(() => {}, 1)",
      { eval: true },
    );
    await new Promise((resolve) => cut.once('message', resolve));
    await cut.terminate();
  }
  assert.deepEqual(await threads(), ['main']);
});

// The last, because it leaves many caches behind.
test('there are no more series than docs/metrics.md says, whatever names a program makes up', async () => {
  const register = new Registry();
  registerMetrics({ register });
  await sampled();
  const controller = new AbortController();
  const caches = Array.from(
    { length: 300 },
    (_, i) => new BoundedCache({ maxEntries: 5, name: `of user ${i}`, maxBytes: 10, sizeOf: () => 1 }),
  );
  const events = trackListeners(new EventEmitter().setMaxListeners(0), { until: controller.signal });
  for (let i = 0; i < 300; i++) events.on(`event ${i}`, () => {});
  const series = async () =>
    (await register.metrics()).split('\n').filter((line) => /^[a-z]/.test(line)).length;
  const many = await series();
  assert.ok(many > 18 * 51, `${many} series`);
  assert.ok(many < 1_200, `${many} series`);
  // Other names do not get places of their own beside them.
  const others = Array.from(
    { length: 300 },
    (_, i) => new BoundedCache({ maxEntries: 5, name: `more ${i}` }),
  );
  for (let i = 0; i < 300; i++) events.on(`more ${i}`, () => {});
  assert.ok((await series()) < 1_200);
  controller.abort();
  assert.equal(caches.length + others.length, 600);
});
