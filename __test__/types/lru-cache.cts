// The same class through `require`.

import compat = require('plateau/lru-cache');

const cache = new compat.LRUCache<string, number>({ max: 1 });
const entry: compat.LRUCache.Entry<number> | undefined = cache.set('a', 1).info('a');

// @ts-expect-error there is no default export
compat.default;

export = { entry };
