// The types of BoundedCache: what compiles, with which types, and what does not.

import {
  BoundedCache,
  type BoundedCacheOptions,
  type CacheDump,
  type CacheStats,
  type ClockSource,
  caches,
  type DumpEntry,
  type EvictionPolicy,
  type LoadContext,
  type Loader,
  type LoadOptions,
  type RemovalReason,
  relieve,
  type SetOptions,
} from 'plateau';

interface User {
  name: string;
}

/** Fails to compile unless the two are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

declare const user: User;
const cache = new BoundedCache<string, User>({ maxEntries: 10 });

// Construction: options, a number, entries from which the types follow.
new BoundedCache<string, User>(10);
new BoundedCache<string, User>(10, null);
new BoundedCache<string, User>({ maxBytes: 10 }, [['a', user]]);
new BoundedCache<string, User>(10, new Map([['a', user]]));
new BoundedCache<string, User>(10, cache);
same<typeof fromEntries, BoundedCache<string, number>>();
const fromEntries = new BoundedCache(10, [['a', 1]] as [string, number][]);
same<typeof untyped, BoundedCache<unknown, unknown>>();
const untyped = new BoundedCache(10);
same<typeof fromSizeOf, BoundedCache<number, string>>();
const fromSizeOf = new BoundedCache({
  maxBytes: 10,
  sizeOf: (value: string, key: number) => value.length + key,
});

// @ts-expect-error options are required: a cache without a bound is a leak
new BoundedCache<string, User>();
// @ts-expect-error a bound is a number
new BoundedCache<string, User>({ maxEntries: '10' });
// @ts-expect-error there is no such option
new BoundedCache<string, User>({ maxEntries: 10, max: 10 });
// @ts-expect-error nor such a policy
new BoundedCache<string, User>({ maxEntries: 10, policy: 'lfu' });
// @ts-expect-error a duration is a number of milliseconds
new BoundedCache<string, User>({ maxEntries: 10, ttl: '5m' });
// @ts-expect-error entries are pairs
new BoundedCache<string, User>(10, ['a', user]);
// @ts-expect-error of the right types
new BoundedCache<string, User>(10, [[1, user]]);
// @ts-expect-error a size is a number
new BoundedCache<string, User>({ maxBytes: 10, sizeOf: () => '5' });

// Every option, by its name and type.
const clock: ClockSource = { now: () => 0 };
const all: BoundedCacheOptions<string, User> = {
  maxEntries: 10,
  maxBytes: 10,
  sizeOf: (value, key) => value.name.length + key.length,
  ttl: 10,
  sliding: true,
  ttlResolution: 10,
  ttlJitter: 0.1,
  policy: 's3-fifo',
  onRemove(value, key, reason) {
    same<typeof value, User>();
    same<typeof key, string>();
    same<typeof reason, RemovalReason>();
  },
  clock,
  name: 'users',
  maxLoads: 10,
  negativeTtl: 10,
};
new BoundedCache<string, User>(all);
new BoundedCache<string, User>({ maxEntries: 10, clock: Date });
new BoundedCache<string, User>({ maxEntries: 10, clock: performance });
same<RemovalReason, 'evicted' | 'expired' | 'deleted' | 'replaced' | 'cleared'>();
same<EvictionPolicy, 'lru' | 's3-fifo'>();

// What a Map has.
same<ReturnType<typeof cache.get>, User | undefined>();
same<ReturnType<typeof cache.has>, boolean>();
same<ReturnType<typeof cache.delete>, boolean>();
same<ReturnType<typeof cache.clear>, void>();
same<typeof cache.size, number>();
same<Parameters<typeof cache.get>, [key: string]>();
const chained: BoundedCache<string, User> = cache.set('a', user).set('b', user, { ttl: 5, size: 5 });
for (const [key, value] of cache) {
  same<typeof key, string>();
  same<typeof value, User>();
}
for (const key of cache.keys()) same<typeof key, string>();
for (const value of cache.values()) same<typeof value, User>();
for (const [key, value] of cache.entriesByRecency()) same<[typeof key, typeof value], [string, User]>();
cache.forEach((value, key, self) => {
  same<typeof value, User>();
  same<typeof key, string>();
  same<typeof self, BoundedCache<string, User>>();
}, cache);
new Map<string, User>(cache);
cache satisfies Map<string, User>;
cache satisfies ReadonlyMap<string, User>;
cache satisfies Map<string, User>;
[...cache.entries()] satisfies [string, User][];

// @ts-expect-error the key has a type
cache.get(1);
// @ts-expect-error and so has the value
cache.set('a', 'user');
// @ts-expect-error and the options
cache.set('a', user, { ttl: '5m' });
// @ts-expect-error
cache.set('a', user, 5000);
// @ts-expect-error what is got may not be there
cache.get('a').name;
// @ts-expect-error the size is not to be set
cache.size = 5;
// @ts-expect-error nor is a bound, except by resize
cache.maxEntries = 5;

// What a Map has not.
same<ReturnType<typeof cache.peek>, User | undefined>();
same<ReturnType<typeof cache.take>, User | undefined>();
same<ReturnType<typeof cache.getMany>, (User | undefined)[]>();
same<ReturnType<typeof cache.remainingTtl>, number | undefined>();
same<ReturnType<typeof cache.getOrInsert>, User>();
same<ReturnType<typeof cache.getOrInsertComputed>, User>();
same<ReturnType<typeof cache.purgeExpired>, number>();
same<ReturnType<typeof cache.stats>, CacheStats>();
same<typeof cache.name, string | undefined>();
const setOptions: SetOptions = { ttl: 5 };
cache.setMany([['a', user]]).setMany(new Map([['a', user]]), setOptions);
cache.getMany(new Set(['a']));
cache.getOrInsertComputed('a', (key) => ({ name: key.toUpperCase() }));
cache.resize({ maxEntries: 5 });
cache.resize({ maxBytes: 5, maxEntries: 5 });
cache.shrinkTo(0.5);
cache.stats().removals.evicted satisfies number;

// @ts-expect-error computed values have the type of the others
cache.getOrInsertComputed('a', () => 5);
// @ts-expect-error resize takes bounds
cache.resize(5);
// @ts-expect-error only these
cache.resize({ ttl: 5 });
// @ts-expect-error there is no such reason
cache.stats().removals.forgotten;

// Loading.
const loader: Loader<string, User> = async (key, { signal, stale }: LoadContext<User>) => {
  same<typeof signal, AbortSignal>();
  same<typeof stale, User | undefined>();
  return { name: key };
};
same<ReturnType<typeof cache.getOrLoad>, Promise<User>>();
const loadOptions: LoadOptions = {
  ...{ ttl: 5, size: 5, signal: AbortSignal.timeout(5), timeout: 5 },
  ...{ staleWhileRevalidate: 5, staleIfError: 5, negativeTtl: 5 },
};
cache.getOrLoad('a', loader, loadOptions);
cache.getOrLoad('a', () => user);
cache.getOrLoad('a', (key) => Promise.resolve({ name: key }));
// @ts-expect-error a load needs a loader
cache.getOrLoad('a');
// @ts-expect-error which loads values of the type
cache.getOrLoad('a', async () => 5);
// @ts-expect-error a controller is no signal
cache.getOrLoad('a', loader, { signal: new AbortController() });
// @ts-expect-error there is no such option
cache.getOrLoad('a', loader, { retries: 5 });

const wrapped = cache.wrap(async (id: string, admin: boolean) => ({ name: `${id}${admin}` }));
same<Parameters<typeof wrapped>, [id: string, admin: boolean]>();
same<ReturnType<typeof wrapped>, Promise<User>>();
cache.wrap(
  (id: number) => ({ name: `${id}` }),
  (id) => `${id}`,
  loadOptions,
);
// @ts-expect-error the arguments are those of the function
wrapped('a');
cache.wrap(
  (id: number) => ({ name: `${id}` }),
  // @ts-expect-error keys have the type of the cache's
  (id) => id,
);

// Dumps.
const dump: CacheDump<string, User> = cache.dump();
dump.entries satisfies DumpEntry<string, User>[];
same<ReturnType<typeof cache.restore>, number>();
cache.restore(dump);
// @ts-expect-error of another cache
cache.restore(new BoundedCache<number, number>(5).dump());
// @ts-expect-error of no cache
cache.restore([]);

// The registry.
caches() satisfies BoundedCache<unknown, unknown>[];
relieve(0.5) satisfies number;
// @ts-expect-error how much is to stay
relieve();

// A cache of something is a cache of anything, for those who only look at it; subclasses are caches.
const anyCache: BoundedCache = cache;
class Sessions extends BoundedCache<string, User> {
  override set(key: string, value: User): this {
    return super.set(key, value, { ttl: 5 });
  }
}
const sessions: BoundedCache<string, User> = new Sessions(5).set('a', user);
// @ts-expect-error private is private
cache['#store'];

export { all, anyCache, chained, fromEntries, fromSizeOf, sessions, untyped };
