/** What the ledger sees: who adds listeners, how many stay, and what that means. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import {
  type ListenerSite,
  listenerReport,
  onListenerGrowth,
  trackAllListeners,
  trackListeners,
} from 'plateau';

/** A class of its own per test, so that its emitters are a kind of their own in the report. */
function busOf(name: string): { bus: EventEmitter; sites: () => ListenerSite[] } {
  const bus = new EventEmitter().setMaxListeners(0);
  const tracker = trackListeners(bus, { name });
  return { bus, sites: () => tracker.report().sites };
}

test('listeners that others add are counted at their call site, and what they removed as well', () => {
  const { bus, sites } = busOf('Others');
  const listeners = Array.from({ length: 20 }, () => () => {});
  for (const listener of listeners) bus.on('data', listener);
  for (const listener of listeners.slice(0, 15)) bus.off('data', listener);
  for (let i = 0; i < 3; i++) bus.once('end', () => {});
  bus.emit('end');
  const [data, end] = sites();
  assert.match(data?.site ?? '', /^__test__\/listeners\/observe\.test\.ts:\d+$/);
  const { added, removed, live, verdict, sampled, event, emitter } = data as ListenerSite;
  assert.deepEqual(
    { added, removed, live, verdict, sampled, event, emitter },
    { added: 20, removed: 15, live: 5, verdict: 'stable', sampled: false, event: 'data', emitter: 'Others' },
  );
  assert.equal(typeof data?.oldest, 'number');
  assert.deepEqual([end?.added, end?.removed, end?.live, end?.oldest], [3, 3, 0, undefined]);
});

test('the report is plain data and prints as a table', () => {
  const { bus } = busOf('Table');
  bus.on('data', () => {});
  const report = trackListeners(bus).report();
  assert.deepEqual(JSON.parse(JSON.stringify(report)).sites.length, 1);
  assert.match(
    String(report),
    /observe\.test\.ts:\d+ → 'data' on Table: 1 added, 0 removed, oldest \d+ ms, stable/,
  );
  assert.match(String(listenerReport()), /'data' on Table: 1 added/);
});

test('names from outside cannot break the table', () => {
  const { bus } = busOf('Hostile');
  bus.on(`\n\u001b[31m${'x'.repeat(500)}`, () => {});
  const text = String(trackListeners(bus).report());
  assert.equal(text.split('\n').length, 1);
  assert.ok(!text.includes('\u001b') && text.length < 300, text);
});

test('observing again adds nothing to the emitter', () => {
  const bus = new EventEmitter();
  for (let i = 0; i < 100; i++) trackListeners(bus);
  assert.equal(bus.listenerCount('newListener'), 1);
  assert.deepEqual(trackListeners(bus).eventNames(), []);
});

test('removeAllListeners does not blind the observation for long', () => {
  const { bus, sites } = busOf('Cleared');
  bus.on('x', () => {});
  bus.removeAllListeners();
  assert.equal(sites()[0]?.live, 0);
  bus.on('x', () => {});
  assert.equal(sites()[0]?.live ?? 0 + (sites()[1]?.live ?? 0), 1);
});

test('the call site of a stream’s method is the program’s line, not Node’s', () => {
  const stream = new PassThrough();
  const tracker = trackListeners(stream);
  stream.on('data', () => {});
  const site = tracker.report().sites.find(({ event, live }) => event === 'data' && live > 0);
  assert.match(site?.site ?? '', /observe\.test\.ts/);
});

test('event names without number share one row', () => {
  const { bus, sites } = busOf('Replies');
  for (let i = 0; i < 1000; i++) bus.once(`reply:${i}`, () => {});
  const others = sites().find(({ event }) => event === '(other events)');
  assert.ok((others?.live ?? 0) > 900, `${others?.live}`);
  assert.ok(sites().length <= 65);
});

test('an abort signal is known through its trackers', () => {
  const { signal } = new AbortController();
  const tracker = trackListeners(signal, { name: 'shutdown' });
  for (let i = 0; i < 5; i++) tracker.addEventListener('abort', () => {});
  const site = tracker.report().sites.find(({ live }) => live === 5);
  assert.equal(site?.event, 'abort');
  tracker.dispose();
  assert.equal(
    tracker.report().sites.reduce((sum, { live }) => sum + live, 0),
    0,
  );
});

test('many additions are sampled: what is said of them is about right', () => {
  const { bus, sites } = busOf('Busy');
  const forth = () => bus.on('x', () => {});
  const back = () => bus.on('x', () => {});
  for (let i = 0; i < 30_000; i++) (i % 3 === 0 ? back : forth)();
  const total = sites().reduce((sum, { live }) => sum + live, 0);
  assert.ok(Math.abs(total - 30_000) < 3000, `${total} live`);
  assert.ok(sites().every(({ sampled }) => sampled));
  assert.match(String(trackListeners(bus).report()), /about [\d,]+ added/);
  assert.equal(trackListeners(bus).report().additions, 30_000);
});

test('many emitters with one listener each are counted right though they are sampled', () => {
  class Connection extends EventEmitter {
    destroyed = false;
  }
  const connections = Array.from({ length: 5000 }, () => new Connection());
  for (const connection of connections) trackListeners(connection).on('close', () => {});
  const { sites } = trackListeners(connections[0] as Connection).report();
  const live = sites.reduce((sum, site) => sum + site.live, 0);
  assert.ok(Math.abs(live - 5000) < 500, `${live} live`);
  assert.equal(sites[0]?.emitter, 'Connection');
});

test('one function added again and again counts as often as it is there', () => {
  const { bus, sites } = busOf('Same');
  const listener = () => {};
  for (let i = 0; i < 5000; i++) {
    bus.on('x', listener);
    bus.off('x', listener);
  }
  bus.on('x', listener);
  assert.equal(
    sites().reduce((sum, { live }) => sum + live, 0),
    1,
  );
});

suite('a site that accumulates', () => {
  test('is growing, is announced once, and is stable again when it is mended', {
    timeout: 60_000,
  }, async () => {
    const grown: ListenerSite[] = [];
    const everywhere: ListenerSite[] = [];
    const bus = new EventEmitter().setMaxListeners(0);
    const tracker = trackListeners(bus, { name: 'Leaking', onGrowth: (site) => grown.push(site) });
    const stop = onListenerGrowth((site) => everywhere.push(site));
    onListenerGrowth(() => {
      throw new Error('a callback that throws is no reason to stop');
    });
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const timer = setInterval(() => {
      for (let i = 0; i < 4; i++) bus.on('tick', () => {});
      const passing = () => {};
      bus.on('tock', passing);
      bus.off('tock', passing);
    }, 50);
    while (grown.length === 0) await delay(100);
    await delay(2500);
    clearInterval(timer);
    stop();
    assert.equal(grown.length, 1);
    assert.equal(everywhere.filter(({ emitter }) => emitter === 'Leaking').length, 1);
    assert.equal(grown[0]?.verdict, 'growing');
    assert.equal(grown[0]?.event, 'tick');
    assert.match((await warned).message, /onGrowth callback/);
    const [tick, tock] = tracker.report().sites;
    assert.deepEqual([tick?.event, tick?.verdict, tick?.removed], ['tick', 'growing', 0]);
    assert.deepEqual([tock?.event, tock?.verdict, tock?.live], ['tock', 'stable', 0]);
    bus.removeAllListeners();
    while (tracker.report().sites[0]?.verdict === 'growing') await delay(200);
  });
});

test('Node’s warning of too many listeners says where they come from', async () => {
  const warned = new Promise<Error>((resolve) => {
    process.on('warning', function listener(warning) {
      if (warning.name !== 'MaxListenersExceededWarning') return;
      process.off('warning', listener);
      resolve(warning);
    });
  });
  class Crowded extends EventEmitter {}
  const bus = new Crowded();
  trackListeners(bus);
  for (let i = 0; i < 10; i++) bus.on('x', () => {});
  bus.on('x', () => {});
  const { message, stack } = await warned;
  assert.match(message, /MaxListeners is 10/);
  assert.match(message, /10 added at __test__\/listeners\/observe\.test\.ts:\d+\n {4}1 added at/);
  assert.ok(stack?.includes('10 added at'));
});

suite('trackAllListeners', () => {
  test('sees every emitter and event target, adds nothing to them, and leaves no trace', async () => {
    const before = [
      EventEmitter.prototype.on,
      EventEmitter.prototype.prependListener,
      EventTarget.prototype.addEventListener,
    ];
    class Unknown extends EventEmitter {}
    class Target extends EventTarget {}
    const all = trackAllListeners();
    const nested = trackAllListeners();
    const bus = new Unknown();
    bus.on('a', () => {});
    bus.once('b', () => {});
    const target = new Target();
    target.addEventListener('c', () => {});
    nested.restore();
    nested.restore();
    bus.prependListener('d', () => {});
    const seen = listenerReport().sites.filter(
      ({ emitter }) => emitter === 'Unknown' || emitter === 'Target',
    );
    assert.deepEqual(seen.map(({ event, live }) => [event, live]).sort(), [
      ['a', 1],
      ['b', 1],
      ['c', 1],
      ['d', 1],
    ]);
    assert.deepEqual(
      bus.eventNames(),
      ['d', 'a', 'b'].sort((x, y) => (x === 'd' ? 1 : y === 'd' ? -1 : 0)),
    );
    all.restore();
    assert.deepEqual(
      [
        EventEmitter.prototype.on,
        EventEmitter.prototype.prependListener,
        EventTarget.prototype.addEventListener,
      ],
      before,
    );
    bus.on('e', () => {});
    await turn();
    assert.ok(!listenerReport().sites.some(({ event, emitter }) => event === 'e' && emitter === 'Unknown'));
  });

  test('does no harm when somebody has patched the same method since', () => {
    const { on } = EventEmitter.prototype;
    const all = trackAllListeners();
    const ours = EventEmitter.prototype.on;
    const theirs = function (this: EventEmitter, ...args: Parameters<typeof on>) {
      return ours.apply(this, args);
    } as typeof on;
    EventEmitter.prototype.on = theirs;
    all.restore();
    assert.equal(EventEmitter.prototype.on, theirs);
    let called = 0;
    new EventEmitter().on('x', () => called++).emit('x');
    assert.equal(called, 1);
    EventEmitter.prototype.on = on;
  });
});
