// BoundedCache through `require`: the same class, the same types.

import plateau = require('plateau');

const cache: plateau.BoundedCache<string, number> = new plateau.BoundedCache<string, number>({
  maxEntries: 10,
});
cache.set('a', 1).get('a') satisfies number | undefined;
const options: plateau.BoundedCacheOptions<string, number> = {
  maxEntries: 5,
  onRemove(_value, _key, reason: plateau.RemovalReason) {
    reason satisfies string;
  },
};
new plateau.BoundedCache(options).getOrLoad('a', async (key) => key.length) satisfies Promise<number>;

// @ts-expect-error the class is no function
plateau.BoundedCache(10);
// @ts-expect-error types are checked as through import
new plateau.BoundedCache<string, number>({ maxEntries: 'many' });

export = { cache, options };
