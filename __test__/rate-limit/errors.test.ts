/** What the store of rate limits does not take. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedCaches } from 'plateau';
import { SharedRateLimitStore, type SharedRateLimitStoreOptions } from 'plateau/rate-limit';
import { named } from '../shared/support';
import { warningsDuring } from '../support';

const any = (value: unknown): never => value as never;
const options = (more: object = {}): SharedRateLimitStoreOptions =>
  named(more) as SharedRateLimitStoreOptions;

test('options are those of SharedCache that mean something for counters', () => {
  for (const given of [undefined, null, 5, 'limits', []]) {
    assert.throws(() => new SharedRateLimitStore(any(given)), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_ARGUMENT',
    });
  }
  const wrong: [object, RegExp][] = [
    [{ codec: 'json' }, /^codec must be left out: counters live as long as their window/],
    [{ ttl: 5 }, /^ttl must be left out/],
    [{ compress: true }, /^compress must be left out/],
    [{ name: 5 }, /^name must be/],
    [{ maxBytes: 5 }, /^maxBytes must be/],
    [{ windowMs: 5 }, /there is no option "windowMs"/],
  ];
  for (const [option, message] of wrong) {
    const given = options(option);
    assert.throws(
      () => new SharedRateLimitStore(given),
      (error: Error & { code: string }) => {
        assert.match(error.code, /^PLATEAU_(INVALID_OPTION|OUT_OF_RANGE)$/);
        assert.match(error.message, message);
        return true;
      },
    );
    assert.ok(!sharedCaches().includes(given.name));
  }
  assert.throws(() => new SharedRateLimitStore({ name: 'nobody has opened it' }), {
    code: 'PLATEAU_SHARED_NOT_OPEN',
  });
});

test('the window is checked, and a wrong one leaves the old', () => {
  const store = new SharedRateLimitStore(options());
  for (const windowMs of [undefined, null, '5', {}, 5n]) {
    assert.throws(() => store.init({ windowMs: any(windowMs) }), {
      name: 'TypeError',
      code: 'PLATEAU_INVALID_OPTION',
      message: /^windowMs must be a positive number of milliseconds/,
    });
  }
  for (const windowMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => store.init({ windowMs }), { name: 'RangeError', code: 'PLATEAU_OUT_OF_RANGE' });
  }
  assert.throws(() => store.init(any(undefined)), { code: 'PLATEAU_INVALID_ARGUMENT' });
  const left = (store.increment('a').resetTime.getTime() - Date.now()) as number;
  assert.ok(left > 50_000 && left <= 60_000, 'a minute');
  store.shutdown();
});

test('keys are checked, and a closed store says so', async () => {
  const store = new SharedRateLimitStore(options());
  for (const key of [undefined, null, 5, {}]) {
    for (const method of ['get', 'increment', 'resetKey'] as const) {
      assert.throws(() => store[method](any(key)), {
        code: 'PLATEAU_INVALID_ARGUMENT',
        message: /^key must be/,
      });
    }
  }
  assert.throws(() => store.increment('x'.repeat(70_000)), { code: 'PLATEAU_OUT_OF_RANGE' });
  store.shutdown();
  store.shutdown();
  for (const method of ['get', 'increment', 'resetKey', 'resetAll'] as const) {
    assert.throws(() => store[method]('a'), { code: 'PLATEAU_DISPOSED' });
  }
  // It is called after the response, where an exception would end the process.
  const warnings = await warningsDuring(() => {
    store.decrement('a');
    store.decrement('a');
  });
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['PLATEAU_RATE_LIMIT'],
  );
});
