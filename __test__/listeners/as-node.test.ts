/** What trackers do to an emitter's account of its listeners is what its own methods would have done. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { listenerReport, trackListeners } from 'plateau';

const nothing = (): void => {};

/** The calls of `on` and `removeListener` that were noted while a tracker added and removed. */
function callsOf(emitter: EventEmitter, calls: string[]): string[] {
  const tracker = trackListeners(emitter);
  tracker.on('x', nothing).off('x', nothing);
  tracker.on('x', nothing);
  tracker.dispose();
  assert.equal(emitter.listenerCount('x'), 0);
  return calls;
}

test('methods that are not Node’s are called, whoever has them', () => {
  const calls: string[] = [];
  class Own extends EventEmitter {
    override on(event: string | symbol, listener: (...args: unknown[]) => void): this {
      if (event === 'x') calls.push('on');
      return super.on(event, listener);
    }
    override removeListener(event: string | symbol, listener: (...args: unknown[]) => void): this {
      if (event === 'x') calls.push('remove');
      return super.removeListener(event, listener);
    }
  }
  assert.deepEqual(callsOf(new Own(), calls), ['on', 'remove', 'on', 'remove']);

  const patched = new EventEmitter();
  const { on, removeListener } = patched;
  const seen: string[] = [];
  patched.on = function (event, listener) {
    if (event === 'x') seen.push('on');
    return on.call(this, event, listener);
  };
  patched.removeListener = function (event, listener) {
    if (event === 'x') seen.push('remove');
    return removeListener.call(this, event, listener);
  };
  assert.deepEqual(callsOf(patched, seen), ['on', 'remove', 'on', 'remove']);
});

for (const when of ['before', 'after']) {
  test(`methods that a tool has put into the prototype ${when} plateau was loaded are called`, () => {
    const load = `const { trackListeners } = require(${JSON.stringify(require.resolve('plateau'))});`;
    const script = `
      const { EventEmitter } = require('node:events');
      ${when === 'after' ? load : ''}
      const calls = [];
      for (const name of ['on', 'addListener', 'off', 'removeListener']) {
        const method = EventEmitter.prototype[name];
        EventEmitter.prototype[name] = function (event, ...rest) {
          if (event === 'x') calls.push(name);
          return method.call(this, event, ...rest);
        };
      }
      ${when === 'before' ? load : ''}
      const tracker = trackListeners(new EventEmitter());
      const listener = () => {};
      tracker.on('x', listener).off('x', listener);
      tracker.on('x', listener).dispose();
      console.log(calls.join());`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    assert.equal(stdout.trim(), 'on,removeListener,on,removeListener', stderr);
  });
}

test('an emitter announces nothing of what a tracker adds first, unless somebody listens for that', () => {
  const announced: unknown[] = [];
  class Own extends EventEmitter {
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event === 'newListener') announced.push(args[0]);
      return super.emit(event, ...args);
    }
  }
  const bus = new Own();
  const tracker = trackListeners(bus);
  tracker.on('x', nothing).once('y', nothing);
  trackListeners(bus, { until: new AbortController().signal }).on('z', nothing);
  assert.deepEqual(announced, ['z']);
  bus.on('newListener', nothing);
  tracker.on('w', nothing);
  assert.deepEqual(announced.slice(-1), ['w']);
  assert.deepEqual(bus.eventNames().sort(), ['newListener', 'w', 'x', 'y', 'z']);
});

test('a stream keeps the form of its account', () => {
  const stream = new Writable({ write() {} });
  const tracker = trackListeners(stream);
  tracker.on('drain', nothing).off('drain', nothing);
  assert.ok(Object.hasOwn((stream as unknown as { _events: object })._events, 'drain'));
});

test('others who listen for additions and removals are told', () => {
  const bus = new EventEmitter();
  const tracker = trackListeners(bus);
  const told: unknown[] = [];
  bus.on('newListener', (event, listener) => told.push('new', event, listener));
  tracker.on('x', nothing);
  bus.on('removeListener', (event, listener) => told.push('gone', event, listener));
  tracker.off('x', nothing);
  assert.deepEqual(told, ['new', 'x', nothing, 'new', 'removeListener', told[5], 'gone', 'x', nothing]);
});

test('Node warns of too many listeners at the same one', async () => {
  for (const others of [0, 1, 2]) {
    const bus = new EventEmitter().setMaxListeners(3);
    const tracker = trackListeners(bus);
    for (let i = 0; i < others; i++) bus.on('x', nothing);
    const warned = once(process, 'warning');
    while (tracker.listenerCount('x') < 3) tracker.on('x', () => {});
    assert.equal((bus as unknown as { _events: { x: { warned?: boolean } } })._events.x.warned, undefined);
    tracker.on('x', () => {});
    const [warning] = (await warned) as [Error & { count: number }];
    assert.equal(warning.name, 'MaxListenersExceededWarning');
    assert.equal(warning.count, 4);
    tracker.on('x', () => {});
    assert.equal(bus.listenerCount('x'), 5);
  }
});

test('what is added is in the ledger, with its place', () => {
  const bus = new EventEmitter();
  const tracker = trackListeners(bus, { name: 'as-node' });
  for (let i = 0; i < 3; i++) tracker.on('x', () => {});
  const row = listenerReport().sites.find(({ emitter }) => emitter === 'as-node');
  assert.equal(row?.added, 3);
  assert.match(`${row?.site}`, /as-node\.test/);
});
