/** The ledger's bound, and what it keeps alive: nothing. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { runInThisContext } from 'node:vm';
import { listenerReport, trackListeners } from 'plateau';
import { Kind, Rows, UNKNOWN_SITE, Watched } from '../../dist/testing.cjs';

const collect = global.gc as () => void;

async function settle(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await turn();
    collect();
  }
  return process.memoryUsage().heapUsed + process.memoryUsage().external;
}

test('a million additions from ten thousand call sites stay under 16 MB', async () => {
  const bus = new EventEmitter().setMaxListeners(0);
  const tracker = trackListeners(bus, { name: 'Sites' });
  const sites = Array.from(
    { length: 10_000 },
    (_, i) =>
      runInThisContext(`(bus, listener) => { bus.on('x', listener); bus.off('x', listener); }`, {
        filename: `/app/routes/route-${i}.js`,
      }) as (bus: EventEmitter, listener: () => void) => void,
  );
  for (const site of sites) site(new EventEmitter(), () => {});
  const before = await settle();
  for (let round = 0; round < 100; round++) {
    for (const site of sites) site(bus, () => {});
    // So that time passes as it would: within one turn only a few hundred are looked at.
    if (round % 10 === 0) await new Promise((done) => setTimeout(done, 1050));
  }
  const grown = (await settle()) - before;
  assert.equal(tracker.report().additions, 1_000_000);
  // How many are looked at is a share of the time, and machines differ.
  assert.ok(tracker.report().sites.length > 20, `${tracker.report().sites.length} sites are known`);
  assert.ok(grown < 16e6, `${(grown / 1e6).toFixed(1)} MB`);
});

test('ten thousand rows and far more sites stay under 16 MB, and nothing is lost from the sums', async () => {
  const rows = new Rows();
  const watched = new Watched(new Kind('Bus', false), 'x');
  const before = await settle();
  for (let i = 0; i < 1_000_000; i++) {
    const n = i % 30_000;
    const site = { ...UNKNOWN_SITE, key: `/app/src/routes/number-${n}.js:${n}:15`, file: '/app', line: n };
    rows.add(rows.obtain(watched, site), 1);
  }
  const grown = (await settle()) - before;
  assert.ok(grown < 16e6, `${(grown / 1e6).toFixed(1)} MB`);
  assert.equal(rows.size, 10_000);
  assert.equal(rows.evictions, 1_000_000 - 10_000);
  let sum = rows.figures(undefined).added;
  for (const row of rows) sum += rows.figures(row).added;
  assert.equal(sum, 1_000_000);
});

test('a row that makes room hands its live listeners on, and one without any goes first', () => {
  const rows = new Rows(3);
  const watched = new Watched(new Kind('Bus', false), 'x');
  const [a, b, c] = ['a', 'b', 'c'].map((key) => rows.obtain(watched, { ...UNKNOWN_SITE, key }));
  assert.ok(a && b && c);
  for (const row of [a, b, c]) rows.add(row, 10);
  rows.beginLook();
  rows.countLive(a, 5, 1);
  rows.countLive(c, 7, 2);
  rows.endLook(1000);
  rows.obtain(watched, { ...UNKNOWN_SITE, key: 'd' });
  assert.deepEqual([a.evicted, b.evicted, c.evicted], [false, true, false]);
  assert.deepEqual(rows.figures(undefined), { added: 10, live: 0, floor: 0, verdict: 'stable' });
  rows.beginLook();
  rows.countLive(a, 5, 1);
  rows.countLive(c, 7, 2);
  rows.countLive(rows.obtain(watched, { ...UNKNOWN_SITE, key: 'd' }), 1, 3);
  rows.endLook(2000);
  rows.obtain(watched, { ...UNKNOWN_SITE, key: 'e' });
  assert.equal(a.evicted, true);
  assert.deepEqual([rows.figures(undefined).added, rows.figures(undefined).live], [20, 5]);
  // What its live listeners say at later looks goes there too.
  rows.beginLook();
  rows.countLive(a, 4, 1);
  rows.endLook(3000);
  assert.equal(rows.figures(undefined).live, 4);
});

test('neither emitters nor listeners nor requests are kept alive by trackers, the ledger or what has not ended', async () => {
  const refs: Record<string, WeakRef<object>> = {};
  (() => {
    const bus = new EventEmitter();
    const request = { body: Buffer.alloc(1000) };
    const listener = () => request;
    const signal = new AbortController().signal;
    const tracker = trackListeners(bus, { until: signal });
    tracker.on('x', listener);
    tracker.once('x', () => request);
    bus.on('y', () => request);
    trackListeners(signal).addEventListener('abort', () => request);
    listenerReport();
    for (const [name, it] of Object.entries({ bus, request, listener, signal, tracker }))
      refs[name] = new WeakRef(it);
  })();
  await settle();
  for (const [name, ref] of Object.entries(refs)) assert.equal(ref.deref(), undefined, `${name} is alive`);
});

test('on an emitter that lives, a removed listener and an ended tracker are not kept', async () => {
  const bus = new EventEmitter();
  const controller = new AbortController();
  const refs: WeakRef<object>[] = [];
  for (let i = 0; i < 100; i++) {
    (() => {
      const listener = () => {};
      const tracker = trackListeners(bus, { until: controller.signal });
      tracker.on('x', listener).prependOnceListener('y', listener);
      tracker.dispose();
      refs.push(new WeakRef(listener), new WeakRef(tracker));
    })();
  }
  await settle();
  assert.equal(refs.filter((ref) => ref.deref() !== undefined).length, 0);
  assert.equal(bus.listenerCount('x'), 0);
});

test('a process with observed emitters ends at once', async () => {
  const { spawnSync } = await import('node:child_process');
  const program = `
    const { trackListeners, onListenerGrowth } = require('plateau');
    const { EventEmitter } = require('node:events');
    const bus = new EventEmitter();
    onListenerGrowth(() => {});
    trackListeners(bus, { until: new AbortController().signal }).on('x', () => {});
    bus.on('x', () => {});`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(stderr, '');
  assert.equal(status, 0);
});
