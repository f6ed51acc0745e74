/** What runs in the background on behalf of nobody keeps nobody's AsyncLocalStorage store. */

import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { BoundedCache, BoundedLog, trackListeners } from 'plateau';

const storage = new AsyncLocalStorage<object>();

const uses: Record<string, (held: unknown[]) => void> = {
  'a cache with a time to live': (held) => {
    held.push(new BoundedCache<string, number>({ maxEntries: 10, ttl: 3_600_000 }).set('a', 1));
  },
  'a log with an age': (held) => {
    const log = new BoundedLog<number>({ maxEntries: 10, maxAge: 3_600_000 });
    log.push(1);
    held.push(log);
  },
  'an observed emitter': (held) => {
    const bus = new EventEmitter();
    trackListeners(bus);
    held.push(bus.on('x', () => {}));
  },
};

for (const [what, use] of Object.entries(uses)) {
  test(`${what} that is first used in a request lets go of the request`, async () => {
    const held: unknown[] = [];
    const ref = (() => {
      const store = { body: Buffer.alloc(1000) };
      storage.run(store, () => use(held));
      return new WeakRef(store);
    })();
    // Timers that set themselves again have done so by then.
    await delay(1200);
    for (let i = 0; i < 5; i++) {
      await turn();
      (global.gc as () => void)();
    }
    assert.equal(ref.deref(), undefined);
    assert.equal(held.length, 1);
  });
}
