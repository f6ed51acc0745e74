// Keyv's own tests of storage adapters, run by its own test runner on both caches; `suite.test.ts` starts it.

import { createRequire } from 'node:module';
import suite, { keyvIteratorTests } from '@keyv/test-suite';
import { Keyv } from 'keyv';
import * as test from 'vitest';

// Not `import`: Vite would put the package, whose folder this is in, through its own transformation.
const require = createRequire(import.meta.url);
const { BoundedCache, SharedCache } = require('plateau');
const { KeyvStore } = require('plateau/keyv');

const caches = {
  'SharedCache, utf8': new SharedCache({ name: 'keyv utf8', maxBytes: 2 ** 20 }),
  'SharedCache, json': new SharedCache({ name: 'keyv json', maxBytes: 2 ** 20, codec: 'json' }),
  BoundedCache: new BoundedCache({ maxEntries: 1000 }),
  'BoundedCache with a bound on bytes': new BoundedCache({ maxBytes: 2 ** 20, policy: 's3-fifo' }),
};

for (const [name, cache] of Object.entries(caches)) {
  test.describe(name, () => {
    const store = () => new KeyvStore(cache);
    suite(test, Keyv, store);
    keyvIteratorTests(test, Keyv, store);
  });
}
