/** What is not accepted, and that nothing has changed then. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { onListenerGrowth, type TrackListenersOptions, trackListeners } from 'plateau';

const anything: unknown[] = [null, 0, 1, '', 'emitter', true, Symbol('s'), 1n, {}, [], () => {}, new Map()];

test('only emitters and event targets can be tracked', () => {
  for (const value of [undefined, ...anything, { on() {} }, { addEventListener() {} }]) {
    assert.throws(() => trackListeners(value as EventEmitter), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_ARGUMENT',
      message: /^emitter must be an EventEmitter or an EventTarget, got /,
    });
  }
});

test('options of a wrong kind, and unknown ones, are named', () => {
  const bus = new EventEmitter();
  const refused = (options: unknown, message: RegExp, code = 'PLATEAU_INVALID_OPTION'): void => {
    assert.throws(() => trackListeners(bus, options as TrackListenersOptions), {
      name: 'TypeError',
      code,
      message,
    });
  };
  for (const options of [null, 1, 'x', true])
    refused(options, /^options must be an object/, 'PLATEAU_INVALID_ARGUMENT');
  refused({ utnil: 1 }, /utnil/);
  for (const until of [...anything, new EventEmitter()])
    refused({ until }, /^until must be a response, a request/);
  for (const name of ['', 5, {}]) refused({ name }, /^name must be a string/);
  for (const onGrowth of [5, {}, null]) refused({ onGrowth }, /^onGrowth must be a function/);
  assert.deepEqual(bus.eventNames(), [], 'nothing was changed');
  trackListeners(bus, { until: undefined, name: undefined, onGrowth: undefined }).dispose();
});

test('onListenerGrowth takes a function', () => {
  for (const value of [undefined, null, {}, 'x']) {
    assert.throws(() => onListenerGrowth(value as never), { code: 'PLATEAU_INVALID_ARGUMENT' });
  }
});

test('a listener that is no function is the emitter’s own error, and is not remembered', () => {
  const bus = new EventEmitter();
  const tracker = trackListeners(bus);
  for (const add of ['on', 'once', 'addListener', 'prependListener', 'prependOnceListener'] as const) {
    assert.throws(() => tracker[add]('x', 'no function' as never), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  assert.equal(tracker.size, 0);
});
