/** Many threads at one cache, and threads that are terminated in the middle of something. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { SharedCache } from 'plateau';
import { named, start, validate } from './support';

/** Seconds of the stress; the full one is `PLATEAU_SECONDS=60`. */
const SECONDS = Number(process.env.PLATEAU_SECONDS ?? 6);

for (const policy of ['lru', 's3-fifo'] as const) {
  test(`four workers do random things and are terminated at random (${policy})`, async (t) => {
    const options = named({ maxBytes: 2 ** 20, policy, compress: 2000 });
    const cache = new SharedCache(options);
    const errors: string[] = [];
    let seed = 1;
    let terminated = 0;
    const spawn = (): Worker => {
      const worker = start('stress', { options, seed: seed++, keys: 4000 });
      worker.on('message', ({ error }) => {
        if (error !== undefined) errors.push(error);
      });
      worker.on('error', (error) => errors.push(String(error)));
      return worker;
    };
    const all = Array.from({ length: 4 }, spawn);
    t.after(() => Promise.all(all.map((worker) => worker.terminate())));
    const end = performance.now() + (SECONDS / 2) * 1000;
    while (performance.now() < end) {
      await sleep(60 + (seed % 7) * 30);
      const at = seed % all.length;
      await (all[at] as Worker).terminate();
      terminated++;
      all[at] = spawn();
      assert.equal(validate(cache), undefined);
    }
    assert.deepEqual(errors, []);
    const exits = all.map((worker) => once(worker, 'exit'));
    for (const worker of all) worker.postMessage('stop');
    await Promise.all(exits);
    assert.deepEqual(errors, []);
    assert.ok(terminated > 3);
    assert.equal(validate(cache), undefined);
    const { handles, leases, bytes, maxBytes, sets } = cache.stats();
    assert.deepEqual({ handles, leases }, { handles: 1, leases: 0 });
    assert.ok(bytes <= maxBytes && sets > 1000, `${sets} sets, ${bytes} bytes`);
    cache.clear();
    assert.equal(validate(cache), undefined);
    assert.ok(cache.stats().bytes < 100_000);
    cache.close();
  });
}
