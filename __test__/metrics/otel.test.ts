/** registerMetrics of plateau/otel, with the real SDK. */

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BoundedCache, memorySampler } from 'plateau';
import { registerMetrics } from 'plateau/otel';
import { METRICS } from '../../dist/testing.cjs';
import { until } from '../support';

afterEach(() => memorySampler()?.stop());

/** A provider whose reader collects when it is told to. */
function provide(t: { after(fn: () => Promise<void>): void }) {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  t.after(() => provider.shutdown());
  const collect = async (): Promise<Map<string, MetricData>> => {
    exporter.reset();
    await provider.forceFlush();
    const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    return new Map(
      scopes.flatMap(({ metrics }) => metrics.map((metric) => [metric.descriptor.name, metric] as const)),
    );
  };
  return { meter: provider.getMeter('plateau'), collect };
}

function points(metrics: Map<string, MetricData>, name: string): [unknown, Record<string, unknown>][] {
  return (metrics.get(name)?.dataPoints ?? []).map(({ value, attributes }) => [value, { ...attributes }]);
}

test('a reader gets the metrics of the table, with their units', async (t) => {
  const { meter, collect } = provide(t);
  const cache = new BoundedCache<number, number>({ maxEntries: 5, name: 'users' });
  cache.set(1, 1);
  cache.get(1);
  registerMetrics({ meter, labels: { service: 'shop' } });
  assert.equal(memorySampler()?.running, true);
  await until(() => memorySampler()?.sample() !== undefined, 'a sample');
  const metrics = await collect();
  const labels = { thread: 'main', service: 'shop' };
  assert.deepEqual(points(metrics, 'plateau.cache.entries'), [[1, { ...labels, cache: 'users' }]]);
  assert.deepEqual(points(metrics, 'plateau.cache.hits'), [[1, { ...labels, cache: 'users' }]]);
  const [[used]] = points(metrics, 'plateau.heap.used') as [[number, unknown]];
  assert.ok(used > 1e6 && used < 1e9, `${used}`);
  const verdicts = points(metrics, 'plateau.memory.verdict');
  assert.equal(verdicts.length, 6);
  assert.equal(verdicts.filter(([value]) => value === 1).length, 1);
  const known = new Map(METRICS.map((metric) => [`plateau.${metric.name}`, metric]));
  assert.ok(metrics.size > 30);
  for (const [name, { descriptor, dataPointType, ...data }] of metrics) {
    const metric = known.get(name);
    assert.equal(descriptor.unit, metric?.unit, name);
    assert.equal(descriptor.description, metric?.help, name);
    const monotonic = dataPointType === DataPointType.SUM && 'isMonotonic' in data && data.isMonotonic;
    assert.equal(monotonic, metric?.kind === 'counter', name);
  }
  // What can be added up over processes is a sum for those who read it, what cannot is none.
  assert.equal(metrics.get('plateau.heap.used')?.dataPointType, DataPointType.SUM);
  assert.equal(metrics.get('plateau.memory.verdict')?.dataPointType, DataPointType.GAUGE);
  assert.equal(metrics.get('plateau.gc.share')?.dataPointType, DataPointType.GAUGE);
});

test('stopping ends it, and registering again begins anew on the same instruments', async (t) => {
  const { meter, collect } = provide(t);
  const cache = new BoundedCache<number, number>({ maxEntries: 9, name: 'stopped' });
  const entries = async () => {
    const all = points(await collect(), 'plateau.cache.entries');
    return all.find(([, { cache }]) => cache === 'stopped')?.[0];
  };
  const registration = registerMetrics({ meter });
  assert.equal(registerMetrics({ meter }), registration, 'twice is once');
  cache.set(1, 1);
  assert.equal(await entries(), 1);
  registration.stop();
  registration.stop();
  assert.equal(registration.running, false);
  cache.set(2, 2);
  // A cumulative reader goes on telling what it was told last.
  assert.equal((await entries()) ?? 1, 1);
  const again = registerMetrics({ meter });
  assert.notEqual(again, registration);
  assert.equal(await entries(), 2);
  again[Symbol.dispose]();
  assert.equal(again.running, false);
});

test('a thousand registrations leave nothing behind', async (t) => {
  const { meter, collect } = provide(t);
  const heap = async () => {
    for (let i = 0; i < 4; i++) {
      await sleep(5);
      global.gc?.();
    }
    return process.memoryUsage().heapUsed;
  };
  const run = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const registration = registerMetrics({ meter });
      if (i % 50 === 0) await collect();
      registration.stop();
    }
    await collect();
  };
  await run(200);
  const before = await heap();
  await run(1_000);
  const grown = (await heap()) - before;
  assert.ok(grown < 500_000, `${grown} bytes`);
});

test('options that are wrong are refused, with what they take', (t) => {
  const { meter } = provide(t);
  const refused: [object | undefined, string, RegExp][] = [
    [undefined, 'PLATEAU_INVALID_ARGUMENT', /options must be an object/],
    [{}, 'PLATEAU_INVALID_OPTION', /meter must be a meter of @opentelemetry\/api.*got undefined/],
    [{ meter: { createObservableGauge() {} } }, 'PLATEAU_INVALID_OPTION', /meter must be/],
    [{ meter, register: 1 }, 'PLATEAU_INVALID_OPTION', /no option "register"/],
    [{ meter, maxCaches: 1.5 }, 'PLATEAU_OUT_OF_RANGE', /maxCaches must be/],
  ];
  for (const [options, code, message] of refused) {
    assert.throws(() => registerMetrics(options as never), { code, message });
  }
  assert.equal(memorySampler(), undefined);
});
