/** That scopes, observers of listeners, metrics, the black box and the snapshot engine leave nothing behind. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createReadStream, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, suite } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  analyzeHeap,
  BoundedCache,
  compareHeaps,
  createScope,
  inspectAgents,
  keepContext,
  listenerReport,
  memorySampler,
  onListenerGrowth,
  scopeReport,
  startMemorySampler,
  trackAllListeners,
  trackListeners,
} from 'plateau';
import { registerMetrics as registerWithMeter } from 'plateau/otel';
import { registerMetrics } from 'plateau/prometheus';
import { Registry } from 'prom-client';
import { holdingServer } from '../../support';
import { leavesNothing, SLOW, SLOWEST } from './leaves-nothing';

const folder = mkdtempSync(join(tmpdir(), 'plateau-features-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let origin: string;
holdingServer((at) => {
  origin = at;
});

suite('scopes', () => {
  const app = createScope({ name: 'app' });
  const bus = new EventEmitter();
  const stopping = new AbortController();
  after(() => app.dispose());

  leavesNothing('children of a scope that lives on, and what they own', async (i) => {
    let deferred = 0;
    const child = app.child({ name: `request ${i}` });
    child.setTimeout(() => {}, 60_000);
    child.on(bus, 'news', () => void i);
    child.defer(() => void deferred++);
    child.use({ [Symbol.asyncDispose]: async () => void deferred++ });
    const source = child.stream(new Readable({ read() {} }));
    const waiting = child.waitFor(bus, 'never');
    const { signal } = child;
    await child.track(Promise.resolve(i));
    child.dispose();
    await assert.rejects(waiting, { name: 'AbortError' });
    await child.dispose();
    assert.deepEqual(
      [deferred, source.destroyed, signal.aborted, bus.listenerCount('news')],
      [2, true, true, 0],
    );
  });

  leavesNothing('a scope that lives until an emitter ends, and what ends before it', async () => {
    const source = new Readable({ read() {} });
    const scope = createScope({ until: source });
    scope.once(bus, 'news', () => {});
    const remove = scope.on(bus, 'other', () => {});
    const timer = scope.setInterval(() => {}, 60_000);
    bus.emit('news');
    remove();
    assert.equal(await scope.release(timer), true);
    assert.equal(scopeReport().live > 0, true);
    source.destroy();
    await scope.dispose();
  });

  leavesNothing('files that a scope destroys', async () => {
    const scope = createScope();
    const file = scope.stream(createReadStream(__filename, { highWaterMark: 16 }));
    const [first] = await Promise.all([scope.waitFor(file, 'readable'), scope.track(Promise.resolve())]);
    assert.deepEqual(first, []);
    await scope.dispose();
    if (!file.closed) await once(file, 'close');
  });

  // Of each `fetch` Node keeps a weak reference until a finalizer has run.
  leavesNothing(
    'fetch, whole and aborted',
    async () => {
      const scope = app.child();
      assert.equal(await (await scope.fetch(`${origin}/whole`)).text(), 'done');
      const held = scope.fetch(`${origin}/aborted`, { signal: stopping.signal });
      scope.dispose();
      await assert.rejects(held, { name: 'AbortError' });
      await scope.dispose();
    },
    { ...SLOW, budget: 256 },
  );
});

suite('listeners', () => {
  const bus = new EventEmitter().setMaxListeners(0);

  leavesNothing('trackAllListeners, listenerReport and onListenerGrowth', (i) => {
    const all = trackAllListeners();
    const end = onListenerGrowth(() => {});
    const emitter = new EventEmitter();
    emitter.on(`event ${i}`, () => {});
    const target = new EventTarget();
    target.addEventListener('change', () => {});
    const listener = (): void => {};
    bus.on('news', listener);
    if (i % 10 === 0) assert.match(String(listenerReport()), /'news' on EventEmitter/);
    bus.off('news', listener);
    end();
    all.restore();
  });

  leavesNothing('trackers of an emitter that lives on', (i) => {
    const request = new AbortController();
    const tracker = trackListeners(bus, { until: request.signal, name: 'bus' });
    tracker.on('price', () => void i).once(`reply ${i}`, () => {});
    assert.ok(tracker.report().sites.length > 0);
    if (i % 2 === 0) tracker.dispose();
    else request.abort();
    assert.equal(bus.listenerCount('price'), 0);
  });

  const onPrice = ({ user }: { user: string }, price: number): string => `${user} ${price}`;
  leavesNothing('keepContext', (i) => {
    const scope = createScope();
    const handler = keepContext(onPrice, { user: `user ${i}` });
    scope.on(bus, 'price', handler);
    assert.equal(handler(i), `user ${i} ${i}`);
    scope.dispose();
  });
});

leavesNothing('inspectAgents', async () => {
  await (await fetch(origin)).text();
  const report = inspectAgents({ maxFree: 1 });
  assert.ok(report.totals.origins >= 1 && String(report).length > 0);
});

suite('metrics', () => {
  const users = new BoundedCache<number, object>({ maxEntries: 50, name: 'users' });
  const register = new Registry();
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const registrations = [
    registerMetrics({ register }),
    registerWithMeter({ meter: provider.getMeter('plateau') }),
  ];
  after(async () => {
    for (const each of registrations) each.stop();
    await provider.shutdown();
    memorySampler()?.stop();
  });

  leavesNothing(
    "prom-client's metrics(), and a registration that is stopped",
    async (i) => {
      users.set(i, { i });
      assert.match(await register.metrics(), /plateau_cache_entries\{[^}]*cache="users"/);
      const own = new Registry();
      const registration = registerMetrics({ register: own, prefix: 'own_' });
      await own.metrics();
      registration.stop();
    },
    { ...SLOWEST, budget: 256 },
  );

  leavesNothing(
    'a collection of OpenTelemetry',
    async (i) => {
      users.get(i);
      exporter.reset();
      await provider.forceFlush();
      assert.equal(exporter.getMetrics().length, 1);
    },
    { ...SLOWEST, budget: 256 },
  );
});

// A file and a thread each, and of those Node and the system keep something for a while.
leavesNothing(
  'a sampler with a black box that is started, read and stopped',
  async () => {
    const own = join(folder, 'box');
    const sampler = startMemorySampler({ recorder: own, recorderBytes: 65_536 });
    sampler.on('pressure', () => {});
    await sleep(1);
    sampler.sample();
    sampler.history();
    sampler.stop();
    rmSync(own, { recursive: true, force: true });
  },
  { iterations: 80, warmup: 40, budget: 512 },
);

suite('snapshots', () => {
  const file = join(folder, 'tiny.heapsnapshot');
  const write = `require('node:v8').writeHeapSnapshot(${JSON.stringify(file)})`;
  before(() => assert.equal(spawnSync(process.execPath, ['-e', write]).status, 0));

  leavesNothing(
    'analyzeHeap and compareHeaps',
    async () => {
      const { summary } = await analyzeHeap(file, { looks: ['summary', 'largest'], limit: 5 });
      assert.ok((summary?.objects ?? 0) > 1000);
      const { snapshots } = await compareHeaps([file, file], { limit: 5 });
      assert.equal(snapshots, 2);
      assert.ok(readdirSync(folder).length > 0);
    },
    { iterations: 16, warmup: 4, budget: 20_000 },
  );
});
