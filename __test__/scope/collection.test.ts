import assert from 'node:assert/strict';
import { EventEmitter, getEventListeners } from 'node:events';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createScope, type Scope, type ScopeLeak, scopeReport } from 'plateau';

/** Collects garbage until `done`, or gives up. */
async function collect(done: () => boolean): Promise<boolean> {
  for (let i = 0; i < 100 && !done(); i++) {
    // First: what `done` has looked at is kept until the end of the job.
    await wait(5);
    globalThis.gc?.();
  }
  return done();
}

const isGone =
  (...refs: WeakRef<object>[]) =>
  (): boolean =>
    refs.every((ref) => ref.deref() === undefined);

suite('a scope that lives', () => {
  test('keeps neither emitters nor the functions that listen to them', async () => {
    const scope = createScope();
    const refs = (() => {
      const bus = new EventEmitter();
      const target = new EventTarget();
      const fn = (): unknown => [bus, target];
      scope.on(bus, 'x', fn);
      scope.once(bus, 'x', fn);
      scope.on(target, 'x', fn);
      return [bus, target, fn].map((each) => new WeakRef<object>(each));
    })();
    assert.ok(await collect(isGone(...refs)));
    assert.equal(scope.size, 0);
    await scope.dispose();
  });

  test('and listens to an emitter that lives does not keep its request', async () => {
    const bus = new EventEmitter();
    const leaks: ScopeLeak[] = [];
    const ref = (() => {
      const request = new PassThrough();
      const scope = createScope({ until: request, onLeak: (leak) => leaks.push(leak) });
      scope.on(bus, 'x', () => {});
      scope.setInterval(() => {}, 60_000);
      return new WeakRef(request);
    })();
    // A request that was dropped without ever ending: its scope releases, and says so.
    assert.ok(await collect(() => ref.deref() === undefined && leaks.length === 1));
    assert.deepEqual([leaks[0]?.reason, leaks[0]?.resources], ['collected', { listener: 1, timer: 1 }]);
    assert.deepEqual(bus.eventNames(), []);
  });

  test('goes on while its request does, though nobody has the scope', async () => {
    const bus = new EventEmitter();
    const request = new PassThrough();
    const ref = (() => {
      const scope = createScope({ until: request });
      scope.on(bus, 'x', () => {});
      return new WeakRef(scope);
    })();
    assert.ok(await collect(isGone(ref)));
    assert.equal(bus.listenerCount('x'), 1);
    request.destroy();
    await wait(1);
    assert.equal(bus.listenerCount('x'), 0);
  });
});

suite('a scope that is collected while it holds something', () => {
  test('releases it, and warns once for each place', async () => {
    const seen: (Error & { code?: string })[] = [];
    const note = (warning: Error): void => void seen.push(warning);
    process.on('warning', note);
    const before = scopeReport().live;
    const bus = new EventEmitter();
    let released = 0;
    const drop = (): void => {
      for (let i = 0; i < 3; i++) {
        const scope = createScope({ name: 'dropped' });
        scope.on(bus, 'x', () => {});
        scope.child().defer(() => released++);
      }
    };
    drop();
    assert.equal(scopeReport().live, before + 6);
    assert.ok(await collect(() => released === 3));
    process.removeListener('warning', note);
    assert.deepEqual([bus.eventNames(), scopeReport().live], [[], before]);
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.code, 'PLATEAU_SCOPE_LEAK');
    assert.match(
      seen[0]?.message ?? '',
      /scope "dropped" made at .*collection\.test\.ts:\d+ was garbage-collected while it held 1 listener, 1 scope/,
    );
  });

  test('is silent when it held nothing, and a child that held nothing leaves its parent', async () => {
    const leaks: ScopeLeak[] = [];
    const parent = createScope({ onLeak: (leak) => leaks.push(leak) });
    const before = scopeReport().live;
    const refs = (() => {
      const scopes = [createScope({ onLeak: (leak) => leaks.push(leak) }), parent.child()];
      scopes[0]?.setImmediate(() => {});
      scopes[1]?.setImmediate(() => {});
      return scopes.map((scope) => new WeakRef<Scope>(scope));
    })();
    await wait(1);
    assert.equal(parent.size, 1);
    assert.ok(await collect(() => isGone(...refs)() && parent.size === 0 && scopeReport().live === before));
    assert.deepEqual(leaks, []);
    await parent.dispose();
  });
});

test('a scope that has ended keeps nothing of what it held', async () => {
  const scope = createScope();
  const refs = await (async () => {
    const bus = new EventEmitter();
    const held = [bus, () => bus, { [Symbol.dispose]: () => {} }, new PassThrough()] as const;
    scope.on(bus, 'x', held[1]);
    scope.use(held[2] as never);
    scope.stream(held[3]);
    scope.defer(held[1]);
    scope.setTimeout(held[1], 60_000);
    await scope.dispose();
    return held.map((each) => new WeakRef<object>(each));
  })();
  assert.ok(await collect(isGone(...refs)));
  assert.equal(scope.disposed, true);
});

suite('a signal that lives long', () => {
  test('has no listener after 100,000 operations in scopes that end with it', async () => {
    const { signal } = new AbortController();
    const bus = new EventEmitter();
    const before = scopeReport().live;
    let most = 0;
    for (let i = 0; i < 100_000; i++) {
      const scope = createScope({ until: signal });
      if (i % 3 === 0) scope.on(bus, 'x', () => {})();
      else if (i % 3 === 1) scope.setTimeout(() => {}, 60_000);
      else {
        const waiting = scope.waitFor(bus, 'x', { signal });
        bus.emit('x');
        await waiting;
      }
      most = Math.max(most, getEventListeners(signal, 'abort').length);
      // Some are left to themselves, with nothing in them.
      if (i % 3 === 1 || i % 2 === 0) void scope.dispose();
    }
    assert.equal(most, 1);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
    assert.deepEqual([bus.eventNames(), scopeReport().live], [[], before]);
  });

  test('has one listener while 1,000 scopes wait for it, and none when they have ended', async () => {
    const controller = new AbortController();
    const bus = new EventEmitter().setMaxListeners(0);
    const scopes = Array.from({ length: 1000 }, () => createScope({ until: controller.signal }));
    for (const scope of scopes) scope.on(bus, 'x', () => {});
    assert.equal(getEventListeners(controller.signal, 'abort').length, 1);
    controller.abort();
    assert.ok(scopes.every(({ disposed }) => disposed));
    assert.deepEqual([bus.eventNames(), getEventListeners(controller.signal, 'abort').length], [[], 0]);
  });
});
