import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { createScope, waitForEvent } from 'plateau';

const invalid = (code: string) => ({ code: `PLATEAU_${code}` });

suite('waitForEvent', () => {
  test('resolves with the arguments of the first event that passes the filter', async () => {
    const bus = new EventEmitter();
    const waiting = waitForEvent(bus, 'reply', { filter: (id: number) => id === 2 });
    bus.emit('reply', 1, 'a');
    bus.emit('reply', 2, 'b');
    assert.deepEqual(await waiting, [2, 'b']);
    assert.deepEqual(bus.eventNames(), []);
  });

  test('resolves with the event of an EventTarget, and rejects with its error', async () => {
    const target = new EventTarget();
    const event = new Event('open');
    const waiting = waitForEvent(target, 'open');
    target.dispatchEvent(event);
    assert.deepEqual(await waiting, [event]);
    const failing = waitForEvent(target, 'open');
    target.dispatchEvent(Object.assign(new Event('error'), { message: 'refused' }));
    await assert.rejects(failing, /an error event came instead of the event "open": refused/);
    for (const type of ['open', 'error']) assert.equal(getEventListeners(target, type).length, 0);
  });

  const failure = new Error('failure');
  const ways: Record<string, [(bus: EventEmitter, abort: () => void) => void, object, object]> = {
    'an error': [(bus) => bus.emit('error', failure), {}, { message: 'failure' }],
    'its timeout': [() => {}, { timeout: 5 }, invalid('WAIT_TIMEOUT')],
    'its signal': [(_bus, abort) => abort(), { timeout: Number.POSITIVE_INFINITY }, { name: 'AbortError' }],
    'what its filter throws': [
      (bus) => bus.emit('x'),
      {
        filter() {
          throw failure;
        },
      },
      { message: 'failure' },
    ],
  };
  for (const [name, [cause, options, expected]] of Object.entries(ways)) {
    test(`rejects because of ${name}, and leaves nothing behind`, async () => {
      const bus = new EventEmitter();
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = waitForEvent(bus, 'x', { signal, ...options });
      cause(bus, () => controller.abort());
      await assert.rejects(waiting, expected);
      assert.deepEqual([bus.eventNames(), getEventListeners(signal, 'abort').length], [[], 0]);
      assert.equal(process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length, 0);
    });
  }

  test('waits for an error where that is the event', async () => {
    const bus = new EventEmitter();
    const waiting = waitForEvent(bus, 'error');
    bus.emit('error', failure);
    assert.deepEqual(await waiting, [failure]);
  });

  test('rejects when a stream closes first, or has closed', async () => {
    const stream = new PassThrough();
    const waiting = waitForEvent(stream, 'data');
    stream.destroy();
    await assert.rejects(waiting, invalid('WAIT_CLOSED'));
    await assert.rejects(waitForEvent(stream, 'data'), invalid('WAIT_CLOSED'));
    assert.equal(stream.listenerCount('close') + stream.listenerCount('error'), 0);
  });

  test('rejects at once with the reason of a signal that is aborted', async () => {
    const bus = new EventEmitter();
    await assert.rejects(waitForEvent(bus, 'x', { signal: AbortSignal.abort(failure) }), {
      message: 'failure',
    });
    assert.deepEqual(bus.eventNames(), []);
  });

  test('settles once, whatever happens in one tick', async () => {
    const bus = new EventEmitter();
    const controller = new AbortController();
    const waiting = waitForEvent(bus, 'x', { signal: controller.signal });
    bus.emit('x', 1);
    controller.abort();
    assert.equal(bus.emit('x', 2), false);
    assert.deepEqual(await waiting, [1]);
  });

  test('in a scope ends with it, is no unhandled rejection, and may have no timeout', async () => {
    const bus = new EventEmitter();
    const scope = createScope();
    const waiting = scope.waitFor(bus, 'x', { timeout: Number.POSITIVE_INFINITY });
    void scope.waitFor(bus, 'y');
    assert.equal(scope.size, 2);
    await scope.dispose();
    await assert.rejects(waiting, { name: 'AbortError', code: 'PLATEAU_DISPOSED' });
    assert.deepEqual(bus.eventNames(), []);
  });

  test('bad input rejects with codes', async () => {
    const bus = new EventEmitter();
    const of = (...args: unknown[]): Promise<unknown> => waitForEvent(...(args as [EventEmitter, string]));
    await assert.rejects(of({}, 'x'), invalid('INVALID_ARGUMENT'));
    await assert.rejects(of(undefined, 'x'), invalid('INVALID_ARGUMENT'));
    await assert.rejects(of(bus, 5), invalid('INVALID_ARGUMENT'));
    await assert.rejects(of(bus, 'x', 5), invalid('INVALID_ARGUMENT'));
    await assert.rejects(of(bus, 'x', { timeOut: 5 }), invalid('INVALID_OPTION'));
    await assert.rejects(of(bus, 'x', { timeout: '5' }), invalid('INVALID_OPTION'));
    for (const timeout of [0, -1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY]) {
      await assert.rejects(of(bus, 'x', { timeout }), invalid('OUT_OF_RANGE'));
    }
    await assert.rejects(of(bus, 'x', { signal: {} }), invalid('INVALID_OPTION'));
    await assert.rejects(of(bus, 'x', { filter: 5 }), invalid('INVALID_OPTION'));
    const scope = createScope();
    await assert.rejects(scope.waitFor(bus, 'x', { timeout: 0 }), invalid('OUT_OF_RANGE'));
    assert.deepEqual([bus.eventNames(), scope.size], [[], 0]);
    await scope.dispose();
  });
});
