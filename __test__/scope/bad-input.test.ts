import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createScope, keepContext, requestScopeOf, Scope, scopeReport } from 'plateau';

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse
type Any = any;

function refused(call: () => unknown, code: string, message: RegExp): void {
  assert.throws(call, (error: Error & { code?: string }) => {
    assert.deepEqual([error.code, message.test(error.message)], [`PLATEAU_${code}`, true], error.message);
    return error instanceof TypeError || error instanceof RangeError;
  });
}

test('createScope names the option that is wrong, and makes nothing', () => {
  const before = scopeReport().live;
  const make = (options: Any) => (): Scope => createScope(options);
  for (const options of [null, 5, 'x', []]) {
    refused(make(options), 'INVALID_ARGUMENT', /^options must be an object, got/);
  }
  refused(make({ untill: new AbortController().signal }), 'INVALID_OPTION', /there is no option "untill"/);
  for (const until of [5, null, {}, 'res', new EventEmitter(), Promise.resolve(), () => {}]) {
    refused(make({ until }), 'INVALID_OPTION', /^until must be a response, .* got/);
  }
  for (const name of ['', 5, null]) refused(make({ name }), 'INVALID_OPTION', /^name must be a string/);
  for (const option of ['onLeak', 'onError']) {
    refused(make({ [option]: 5 }), 'INVALID_OPTION', new RegExp(`^${option} must be a function, got 5`));
  }
  refused(() => new (Scope as Any)(), 'INVALID_ARGUMENT', /createScope\(\) makes scopes/);
  assert.ok(createScope({ until: AbortSignal.abort() }) instanceof Scope);
  assert.equal(scopeReport().live, before);
});

test('methods name the argument that is wrong, and hold nothing of it', async () => {
  const scope = createScope() as Any;
  const bus = new EventEmitter();
  for (const method of ['on', 'once']) {
    refused(
      () => scope[method]({}, 'x', () => {}),
      'INVALID_ARGUMENT',
      /^emitter must be an EventEmitter or/,
    );
    refused(() => scope[method](null, 'x', () => {}), 'INVALID_ARGUMENT', /^emitter/);
    refused(() => scope[method](bus, 5, () => {}), 'INVALID_ARGUMENT', /^event/);
    refused(() => scope[method](bus, 'x'), 'INVALID_ARGUMENT', /^fn/);
  }
  for (const method of ['setTimeout', 'setInterval']) {
    refused(() => scope[method]('x', 1), 'INVALID_ARGUMENT', /^fn/);
    refused(() => scope[method](() => {}, '1'), 'INVALID_ARGUMENT', /^delay/);
    for (const delay of [Number.NaN, 2 ** 31]) {
      refused(() => scope[method](() => {}, delay), 'OUT_OF_RANGE', /^delay/);
    }
  }
  refused(() => scope.setImmediate(), 'INVALID_ARGUMENT', /^fn/);
  for (const stream of [undefined, {}, bus, new ReadableStream()]) {
    refused(() => scope.stream(stream), 'INVALID_ARGUMENT', /^stream must be a stream of Node's/);
  }
  for (const disposable of [undefined, {}, 5]) {
    refused(() => scope.use(disposable), 'INVALID_ARGUMENT', /^disposable/);
  }
  refused(() => scope.defer(), 'INVALID_ARGUMENT', /^fn/);
  refused(() => scope.track(5), 'INVALID_ARGUMENT', /^promise/);
  refused(() => scope.child({ untill: 1 }), 'INVALID_OPTION', /"untill"/);
  await assert.rejects(scope.release(5), { code: 'PLATEAU_INVALID_ARGUMENT' });
  await assert.rejects(scope.fetch('http://127.0.0.1:1', { signal: {} }), { code: 'PLATEAU_INVALID_OPTION' });
  assert.deepEqual([scope.size, bus.eventNames()], [0, []]);
  await scope.dispose();
});

test('keepContext and requestScopeOf refuse what they cannot use', () => {
  refused(() => keepContext(5 as Any, {}), 'INVALID_ARGUMENT', /^fn/);
  refused(() => keepContext(() => {}, undefined), 'INVALID_ARGUMENT', /^pick/);
  refused(() => keepContext(() => {}, (() => {}) as Any), 'INVALID_ARGUMENT', /^pick/);
  refused(() => requestScopeOf({} as Any), 'INVALID_OPTION', /^request must be/);
  refused(() => requestScopeOf(undefined as Any), 'INVALID_OPTION', /^request must be/);
});
