/** How registerMetrics of plateau/prometheus begins and ends, with the real prom-client. */

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedCache, memorySampler, startMemorySampler } from 'plateau';
import { registerMetrics } from 'plateau/prometheus';
import { Counter, Registry } from 'prom-client';
import { METRICS, prometheusName } from '../../dist/testing.cjs';

afterEach(() => memorySampler()?.stop());

test('registers every metric of the table and starts the sampler', async () => {
  const register = new Registry();
  assert.equal(memorySampler(), undefined);
  const registration = registerMetrics({ register });
  assert.equal(registration.running, true);
  assert.equal(memorySampler()?.running, true);
  const names = register.getMetricsAsArray().map(({ name }) => name);
  assert.deepEqual(
    names,
    METRICS.map((metric) => `plateau_${prometheusName(metric)}`),
  );
});

test('leaves a sampler that runs as it is', () => {
  const sampler = startMemorySampler();
  registerMetrics({ register: new Registry() }).stop();
  assert.equal(memorySampler(), sampler);
  assert.equal(sampler.running, true);
});

test('registering twice is the same registration, with another prefix or registry another', () => {
  const register = new Registry();
  const registration = registerMetrics({ register });
  assert.equal(registerMetrics({ register, prefix: 'plateau_' }), registration);
  assert.notEqual(registerMetrics({ register, prefix: 'other_' }), registration);
  assert.notEqual(registerMetrics({ register: new Registry() }), registration);
});

test('stopping takes away its own metrics and no others, and then they can be registered again', async () => {
  const register = new Registry();
  new Counter({ name: 'plateaus_total', help: 'Of the application', registers: [register] });
  const registration = registerMetrics({ register });
  registration.stop();
  registration.stop();
  assert.equal(registration.running, false);
  assert.deepEqual(
    register.getMetricsAsArray().map(({ name }) => name),
    ['plateaus_total'],
  );
  const again = registerMetrics({ register });
  assert.notEqual(again, registration);
  registration.stop();
  assert.equal(again.running, true);
  again[Symbol.dispose]();
  assert.equal(again.running, false);
});

test('a registry that was cleared can be registered with anew', () => {
  const register = new Registry();
  const registration = registerMetrics({ register });
  register.clear();
  assert.equal(registration.running, false);
  assert.equal(registerMetrics({ register }).running, true);
});

test('a name that is taken is an error, and nothing is registered', () => {
  const register = new Registry();
  const own = new Counter({ name: 'plateau_gc_collections_total', help: 'x', registers: [register] });
  assert.throws(() => registerMetrics({ register }), {
    code: 'PLATEAU_METRIC_TAKEN',
    message: /plateau_gc_collections_total/,
  });
  assert.deepEqual(register.getMetricsAsArray(), [own]);
});

test('options that are wrong are refused, with what they take', () => {
  const register = new Registry();
  const refused: [object | undefined, string, RegExp][] = [
    [undefined, 'PLATEAU_INVALID_ARGUMENT', /options must be an object/],
    [{}, 'PLATEAU_INVALID_OPTION', /register must be a registry of prom-client.*got undefined/],
    [{ register: {} }, 'PLATEAU_INVALID_OPTION', /register must be/],
    [{ register, registry: 1 }, 'PLATEAU_INVALID_OPTION', /no option "registry"/],
    [{ register, prefix: 1 }, 'PLATEAU_INVALID_OPTION', /prefix must be/],
    [{ register, prefix: '1_' }, 'PLATEAU_OUT_OF_RANGE', /prefix must be/],
    [{ register, prefix: 'a{b="c"} 1\n' }, 'PLATEAU_OUT_OF_RANGE', /prefix must be/],
    [{ register, labels: [] }, 'PLATEAU_INVALID_OPTION', /labels must be an object of strings/],
    [{ register, labels: { a: 1 } }, 'PLATEAU_INVALID_OPTION', /labels\.a must be a string/],
    [{ register, labels: { 'a b': '' } }, 'PLATEAU_OUT_OF_RANGE', /name in labels must be/],
    [{ register, labels: { __name__: '' } }, 'PLATEAU_OUT_OF_RANGE', /name in labels must be/],
    [{ register, labels: { thread: '' } }, 'PLATEAU_OUT_OF_RANGE', /none of thread/],
    [{ register, maxCaches: 0 }, 'PLATEAU_OUT_OF_RANGE', /maxCaches must be/],
    [{ register, maxSites: '5' }, 'PLATEAU_INVALID_OPTION', /maxSites must be/],
  ];
  for (const [options, code, message] of refused) {
    assert.throws(() => registerMetrics(options as never), { code, message });
  }
  assert.deepEqual(register.getMetricsAsArray(), []);
  assert.equal(memorySampler(), undefined, 'a refused registration starts nothing');
});

test('a thousand registrations and scrapes leave nothing behind', async () => {
  const cache = new BoundedCache({ maxEntries: 5, name: 'kept' });
  const register = new Registry();
  const heap = async () => {
    for (let i = 0; i < 4; i++) {
      await sleep(5);
      global.gc?.();
    }
    return process.memoryUsage().heapUsed;
  };
  const run = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const registration = registerMetrics({ register, prefix: `p${i % 3}_` });
      if (i % 10 === 0) await register.metrics();
      registration.stop();
      // A registry that nobody stops goes as well.
      registerMetrics({ register: new Registry() });
    }
  };
  await run(200);
  const before = await heap();
  await run(1_000);
  const grown = (await heap()) - before;
  // One registration that stayed would be some 30 KB: these would be 30 MB.
  assert.ok(grown < 500_000, `${grown} bytes`);
  assert.equal(cache.size, 0);
});
