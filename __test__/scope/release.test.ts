import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { createScope, type Scope } from 'plateau';
import { warningsDuring } from '../support';

const { asyncDispose, dispose } = Symbol as unknown as { asyncDispose: symbol; dispose: symbol };

suite('a scope releases what it holds', () => {
  test('in the reverse order of acquisition, whatever the kinds', async () => {
    const log: string[] = [];
    const bus = new EventEmitter();
    bus.on('removeListener', (event) => log.push(`listener ${String(event)}`));
    const scope = createScope();
    scope.defer(() => void log.push('first'));
    scope.on(bus, 'x', () => {});
    scope.use({ [dispose]: () => void log.push('disposable') } as never);
    const stream = new PassThrough();
    stream.destroy = new Proxy(stream.destroy, {
      apply(target, self, args) {
        log.push('stream');
        return Reflect.apply(target, self, args);
      },
    });
    scope.stream(stream);
    const child = scope.child();
    child.defer(() => void log.push('child'));
    scope.defer(() => void log.push('last'));
    assert.equal(scope.size, 6);
    await scope.dispose();
    assert.deepEqual(log, ['last', 'child', 'stream', 'disposable', 'listener x', 'first']);
    assert.deepEqual([scope.size, scope.disposed, child.disposed, stream.destroyed], [0, true, true, true]);
  });

  test('waiting for one that takes time before the next, and doing at once what comes before it', async () => {
    const log: string[] = [];
    const scope = createScope();
    scope.defer(() => log.push('oldest'));
    scope.use({ [asyncDispose]: () => wait(10).then(() => log.push('slow')) } as never);
    scope.defer(() => log.push('newest'));
    const done = scope.dispose();
    assert.deepEqual(log, ['newest']);
    assert.equal(scope.dispose(), done);
    await done;
    assert.deepEqual(log, ['newest', 'slow', 'oldest']);
  });

  test('each once, though some throw, and tells everything in one AggregateError', async () => {
    const given: AggregateError[] = [];
    const scope = createScope({ name: 'jobs', onError: (error) => given.push(error) });
    let released = 0;
    scope.defer(() => released++);
    scope.defer(() => Promise.reject(new Error('rejected')));
    scope.defer(() => {
      throw new Error('thrown');
    });
    scope.defer(() => released++);
    const seen = await warningsDuring(() => Promise.all([scope.dispose(), scope.dispose(), scope.dispose()]));
    assert.deepEqual([released, given.length, seen.length], [2, 1, 0]);
    const { errors, message, code } = given[0] as AggregateError & { code: string };
    assert.deepEqual(
      errors.map((error) => error.message),
      ['thrown', 'rejected'],
    );
    assert.match(message, /2 of 4 resources of the scope "jobs"/);
    assert.equal(code, 'PLATEAU_RELEASE_FAILED');
  });

  test('without onError dispose() rejects, and when nobody waits there is a warning and no rejection', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const seen = await warningsDuring(async () => {
      const scope = createScope();
      scope.defer(fail);
      scope.dispose();
      const controller = new AbortController();
      const other = createScope({ until: controller.signal });
      other.defer(async () => fail());
      controller.abort();
      await wait(5);
    });
    process.removeListener('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
    assert.deepEqual(
      seen.map(({ code }) => code),
      ['PLATEAU_RELEASE_FAILED', 'PLATEAU_RELEASE_FAILED'],
    );
    const awaited = createScope();
    awaited.defer(fail);
    await assert.rejects(awaited.dispose(), { name: 'AggregateError', code: 'PLATEAU_RELEASE_FAILED' });
  });

  test('what goes wrong in a child is part of what goes wrong in its parent', async () => {
    const given: AggregateError[] = [];
    const scope = createScope({ onError: (error) => given.push(error) });
    scope.child().defer(() => {
      throw new Error('sync');
    });
    scope.child().defer(() => Promise.reject(new Error('async')));
    assert.deepEqual(await warningsDuring(() => scope.dispose()), []);
    assert.deepEqual(
      given[0]?.errors.map((each) => (each as AggregateError).errors[0].message),
      ['async', 'sync'],
    );
  });

  test('synchronously when its until ends', () => {
    const controller = new AbortController();
    const bus = new EventEmitter();
    const scope = createScope({ until: controller.signal });
    let ticks = 0;
    scope.on(bus, 'x', () => {});
    scope.setInterval(() => ticks++, 1);
    const { signal } = scope;
    controller.abort();
    assert.deepEqual([bus.listenerCount('x'), scope.disposed, signal.aborted], [0, true, true]);
    assert.deepEqual([signal.reason.name, signal.reason.code], ['AbortError', 'PLATEAU_DISPOSED']);
    assert.equal(ticks, 0);
  });
});

suite('what ends by itself leaves at once', () => {
  test('timers that fire, once, streams, waits and children', async () => {
    const scope = createScope();
    const bus = new EventEmitter();
    const stream = scope.stream(new PassThrough());
    scope.setTimeout(() => {}, 1);
    scope.setImmediate(() => {});
    let events = 0;
    scope.once(bus, 'x', () => events++);
    const waiting = scope.waitFor(bus, 'x');
    const child = scope.child();
    child.setInterval(() => {}, 1000);
    assert.equal(scope.size, 6);
    bus.emit('x', 1);
    bus.emit('x', 2);
    assert.deepEqual(await waiting, [1]);
    stream.destroy();
    await child.dispose();
    await wait(20);
    assert.deepEqual([scope.size, events, bus.eventNames().length], [0, 1, 0]);
    await scope.dispose();
  });

  test('a listener added by once can be removed by its function, as with the emitter itself', () => {
    const bus = new EventEmitter();
    const scope = createScope();
    const fn = (): void => {};
    scope.once(bus, 'x', fn);
    assert.deepEqual(bus.listeners('x'), [fn]);
    bus.removeListener('x', fn);
    assert.deepEqual([bus.listenerCount('x'), scope.size], [0, 0]);
  });

  test('a scope that lives long does not grow, whoever ends what is in it', () => {
    const scope = createScope();
    for (let i = 0; i < 5000; i++) {
      const bus = new EventEmitter();
      scope.on(bus, 'x', () => {});
      bus.removeAllListeners();
      clearTimeout(scope.setTimeout(() => {}, 60_000));
      scope.on(bus, 'y', () => {})();
    }
    assert.equal(scope.size, 0);
    void scope.dispose();
  });

  test('letting go early is for every kind, once', async () => {
    const scope = createScope();
    let released = 0;
    const deferred = scope.defer(() => ++released);
    const disposable = scope.use({ [dispose]: () => void released++ } as never);
    const stream = scope.stream(new PassThrough());
    const timer = scope.setInterval(() => {}, 1000);
    const target = new EventTarget();
    const off = scope.on(target, 'x', () => {});
    assert.deepEqual([deferred(), deferred()], [1, undefined]);
    assert.deepEqual(await Promise.all([disposable, stream, timer].map((each) => scope.release(each))), [
      true,
      true,
      true,
    ]);
    assert.equal(await scope.release(timer), false);
    off();
    assert.deepEqual([scope.size, released, stream.destroyed], [0, 2, true]);
    assert.equal(getEventListeners(target, 'x').length, 0);
    await scope.dispose();
    assert.equal(released, 2);
  });
});

test('an EventTarget keeps a listener that it had without the scope', () => {
  const target = new EventTarget();
  let calls = 0;
  const fn = (): void => void calls++;
  target.addEventListener('x', fn);
  const scope = createScope();
  scope.on(target, 'x', fn);
  void scope.dispose();
  target.dispatchEvent(new Event('x'));
  assert.equal(calls, 1);
});

test('destroying a stream never throws its error into the event loop', async () => {
  const scope = createScope();
  const stream = scope.stream(
    new PassThrough({ destroy: (_error, callback) => callback(new Error('while destroyed')) }),
  );
  await scope.dispose();
  await wait(5);
  assert.deepEqual([stream.destroyed, stream.listenerCount('error')], [true, 0]);
});

suite('adding to a scope that has ended', () => {
  test('releases at once, and warns once for each place', async () => {
    const scope = createScope();
    await scope.dispose();
    const bus = new EventEmitter();
    const stream = new PassThrough();
    let released = 0;
    const seen = await warningsDuring(async () => {
      for (let i = 0; i < 3; i++) scope.on(bus, 'x', () => {});
      scope.once(bus, 'x', () => {});
      scope.stream(stream);
      scope.defer(() => released++);
      scope.use({ [dispose]: () => void released++ } as never);
      for (const timer of [scope.setTimeout(() => released++, 1), scope.setInterval(() => released++, 1)]) {
        assert.equal((timer as unknown as { _destroyed: boolean })._destroyed, true);
      }
      scope.setImmediate(() => released++);
      const ended = { name: 'AbortError', code: 'PLATEAU_DISPOSED' };
      await assert.rejects(scope.waitFor(bus, 'x'), ended);
      await assert.rejects(scope.fetch('http://127.0.0.1:1'), ended);
      // Nobody waits for these: an unhandled rejection would fail the test.
      for (let i = 0; i < 2; i++) void [scope.waitFor(bus, 'x'), scope.fetch('http://127.0.0.1:1')];
      assert.equal(scope.signal.aborted, true);
      assert.equal(scope.child().disposed, true);
    });
    assert.deepEqual([bus.eventNames().length, stream.destroyed, released], [0, true, 2]);
    // Once for each line.
    assert.equal(seen.length, 11);
    assert.ok(seen.every(({ code }) => code === 'PLATEAU_SCOPE_LEAK'));
    assert.match(
      seen[0]?.message ?? '',
      /1 listener was added at .*release\.test\.ts:\d+ after a scope had ended/,
    );
  });

  test('an until that has ended already makes a scope that has', () => {
    assert.equal(createScope({ until: AbortSignal.abort() }).disposed, true);
    const controller = new AbortController();
    const scope = createScope({ until: controller.signal });
    controller.abort();
    assert.equal(scope.disposed, true);
  });
});

test('however resources come and go, all that are left are released once, newest first (property)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({ kind: fc.constantFrom('defer', 'async', 'throw', 'child', 'early'), at: fc.nat() }),
        {
          maxLength: 100,
        },
      ),
      async (steps) => {
        const failures: unknown[] = [];
        const scope: Scope = createScope({ onError: ({ errors }) => failures.push(...errors) });
        const log: number[] = [];
        const held: { id: number; letGo: () => unknown; throws: boolean }[] = [];
        steps.forEach(({ kind, at }, id) => {
          if (kind === 'early') {
            const [one] = held.splice(at % Math.max(1, held.length), 1);
            if (one === undefined) return;
            try {
              one.letGo();
            } catch {}
            assert.equal(log.pop(), one.id);
          } else if (kind === 'child') {
            const child = scope.child();
            child.defer(() => log.push(id));
            held.push({ id, letGo: () => child.dispose(), throws: false });
          } else {
            const letGo = scope.defer(() => {
              log.push(id);
              if (kind === 'throw') throw id;
              return kind === 'async' ? Promise.resolve() : undefined;
            });
            held.push({ id, letGo, throws: kind === 'throw' });
          }
          assert.equal(scope.size, held.length);
        });
        await scope.dispose();
        const expected = held.reverse();
        assert.deepEqual(
          log,
          expected.map(({ id }) => id),
        );
        assert.deepEqual(
          failures,
          expected.filter(({ throws }) => throws).map(({ id }) => id),
        );
      },
    ),
  );
});

test('a scope can be the until of others, which leave nothing on it when they end first', async () => {
  const scope = createScope();
  const bus = new EventEmitter();
  const others = [1, 2, 3].map(() => createScope({ until: scope }));
  for (const other of others) other.on(bus, 'x', () => {});
  await others[0]?.dispose();
  assert.equal(bus.listenerCount('x'), 2);
  void scope.dispose();
  assert.deepEqual([bus.listenerCount('x'), others.every(({ disposed }) => disposed)], [0, true]);
  assert.equal(createScope({ until: scope }).disposed, true);
});

test('a child ends with its parent, with its own until, or before, and leaves the parent', async () => {
  const parent = createScope({ name: 'parent' });
  const controller = new AbortController();
  const first = parent.child({ until: controller.signal });
  const second = parent.child();
  const third = parent.child();
  const released: string[] = [];
  for (const [name, child] of Object.entries({ first, second, third }))
    child.defer(() => released.push(name));
  controller.abort();
  assert.deepEqual([first.disposed, parent.size, released.join()], [true, 2, 'first']);
  await second.dispose();
  assert.deepEqual([parent.size, released.join()], [1, 'first,second']);
  await parent.dispose();
  assert.deepEqual([third.disposed, released.join()], [true, 'first,second,third']);
});
