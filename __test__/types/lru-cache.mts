// Code written for lru-cache's types, compiled with plateau's; and what neither accepts.

import type { LRUCache as Theirs } from 'lru-cache';
import { type BackgroundFetch, type DisposeTask, LRUCache, type Perf } from 'plateau/lru-cache';

interface User {
  name: string;
}

// The bounds: one of three is required.
new LRUCache({ max: 10 });
new LRUCache<string, User>({ maxSize: 10, sizeCalculation: (user, key) => user.name.length + key.length });
new LRUCache<string, User>({ ttl: 10, ttlAutopurge: true });
// @ts-expect-error nothing bounds it
new LRUCache<string, User>({});
// @ts-expect-error a TTL alone does not
new LRUCache<string, User>({ ttl: 10 });
// @ts-expect-error there have to be options
new LRUCache<string, User>();
// @ts-expect-error a number is a number
new LRUCache<string, User>({ max: '10' });
// @ts-expect-error there is no such option
new LRUCache<string, User>({ max: 10, maxAge: 10 });
// @ts-expect-error values that stand for "none" cannot be stored
new LRUCache<string, User | undefined>({ max: 10 });
// @ts-expect-error nor can keys
new LRUCache<string | null, User>({ max: 10 });

// Every option, by its name and type.
const clock: Perf = { now: () => 0 };
const all: LRUCache.Options<string, User, { db: string }> = {
  max: 10,
  maxSize: 10,
  maxEntrySize: 10,
  backgroundFetchSize: 1,
  ttl: 10,
  ttlResolution: 1,
  ttlAutopurge: false,
  updateAgeOnGet: true,
  updateAgeOnHas: true,
  allowStale: true,
  noDisposeOnSet: true,
  noUpdateTTL: true,
  noDeleteOnFetchRejection: true,
  noDeleteOnStaleGet: true,
  allowStaleOnFetchRejection: true,
  allowStaleOnFetchAbort: true,
  ignoreFetchAbort: true,
  sizeCalculation: (value, key) => value.name.length + key.length,
  dispose: (value, key, reason) => {
    value satisfies User;
    key satisfies string;
    reason satisfies 'evict' | 'set' | 'delete' | 'expire' | 'fetch';
  },
  disposeAfter: (_value, _key, reason: LRUCache.DisposeReason) => void reason,
  onInsert: (_value, _key, reason) => void (reason satisfies 'add' | 'update' | 'replace'),
  fetchMethod: async (key, stale, { signal, options, context }) => {
    stale satisfies User | undefined;
    signal satisfies AbortSignal;
    options.ttl = 5;
    return { name: key + context.db };
  },
  memoMethod: (key, stale, { options, context }) => {
    options.size satisfies number | undefined;
    return stale ?? { name: key + context.db };
  },
  perf: clock,
};
const cache = new LRUCache(all);

// Methods.
cache
  .set('a', { name: 'A' }, { ttl: 1, size: 1, start: 0, noUpdateTTL: true })
  .set('b', undefined) satisfies LRUCache<string, User, { db: string }>;
cache.get('a', { allowStale: true, updateAgeOnGet: true, noDeleteOnStaleGet: true }) satisfies
  | User
  | undefined;
cache.peek('a', { allowStale: true }) satisfies User | undefined;
cache.has('a', { updateAgeOnHas: true }) satisfies boolean;
cache.pop() satisfies User | undefined;
cache.delete('a') satisfies boolean;
cache.clear();
cache.purgeStale() satisfies boolean;
cache.getRemainingTTL('a') satisfies number;
cache.find((value, key, self) => value.name === key && self === cache) satisfies User | undefined;
cache.forEach((value, key, self) => void [value.name, key, self.size]);
cache.rforEach((value) => void value.name, {});
cache.info('a') satisfies LRUCache.Entry<User> | undefined;
cache.load(cache.dump() satisfies [string, LRUCache.Entry<User>][]);
for (const [key, value] of cache) [key satisfies string, value satisfies User];
for (const [key, value] of cache.entries()) [key satisfies string, value satisfies User];
for (const entry of cache.rentries()) entry satisfies (string | User)[];
[...cache.keys(), ...cache.rkeys()] satisfies string[];
[...cache.values(), ...cache.rvalues()] satisfies (User | undefined)[];
// @ts-expect-error the key has a type
cache.get(1);
// @ts-expect-error the value too
cache.set('a', 1);
// @ts-expect-error no such option
cache.get('a', { ttl: 1 });

// What may be changed, and what not.
cache.ttl = cache.ttlResolution = cache.maxEntrySize = cache.backgroundFetchSize = 1;
cache.allowStale = cache.updateAgeOnGet = cache.updateAgeOnHas = cache.noDisposeOnSet = true;
cache.sizeCalculation = (value) => value.name.length;
// @ts-expect-error read-only
cache.max = 1;
// @ts-expect-error read-only
cache.size = 1;
// @ts-expect-error read-only
cache.fetchMethod = undefined;
[cache.max, cache.maxSize, cache.size, cache.calculatedSize] satisfies number[];
cache.perf satisfies Perf;

// `context`: required, optional or forbidden, as the third type parameter says.
cache.fetch('a', { context: { db: 'x' } }) satisfies Promise<User | undefined>;
cache.forceFetch('a', { context: { db: 'x' }, forceRefresh: true }) satisfies Promise<User>;
cache.memo('a', { context: { db: 'x' } }) satisfies User;
// @ts-expect-error the context is missing
cache.fetch('a');
// @ts-expect-error it is not what it should be
cache.fetch('a', { context: 1 });
// @ts-expect-error it is missing here too
cache.memo('a', { forceRefresh: true });
const without = new LRUCache<string, User, void>({ max: 1 });
without.fetch('a', { signal: new AbortController().signal });
without.memo('a', { allowStale: true });
// @ts-expect-error there is none
without.fetch('a', { context: 1 });
const unknown = new LRUCache<string, User>({ max: 1 });
unknown.fetch('a');
unknown.fetch('a', { context: 1 });
const either = new LRUCache<string, User, undefined | number>({ max: 1 });
either.memo('a');
either.memo('a', { context: 8 });

// Types by their names.
const status: LRUCache.Status<string, User, { db: string }> = {};
cache.get('a', { status });
status.get satisfies 'stale' | 'hit' | 'miss' | 'fetching' | 'stale-fetching' | undefined;
status.cache satisfies LRUCache<string, User, { db: string }> | undefined;
const fetcher: LRUCache.Fetcher<string, User> = (_key, stale) => stale;
const memoizer: LRUCache.Memoizer<string, User> = (key) => ({ name: key });
const setOptions: LRUCache.SetOptions<string, User, unknown> = { ttl: 1 };
interface Mine extends LRUCache.GetOptions<string, User, unknown> {
  mine: true;
}
new LRUCache({ max: 1, fetchMethod: fetcher, memoMethod: memoizer }).set('a', { name: 'A' }, setOptions);
const fetching = undefined as BackgroundFetch<User> | undefined;
fetching?.__staleWhileFetching satisfies User | undefined;
const task: DisposeTask<string, User> = [{ name: 'A' }, 'a', 'evict'];

// A cache as the options of another, and a subclass.
new LRUCache(cache) satisfies LRUCache<string, User, { db: string }>;
class Users extends LRUCache<string, User> {
  override get(key: string, options?: LRUCache.GetOptions<string, User, unknown>): User | undefined {
    return super.get(key.toLowerCase(), options);
  }
}
LRUCache.unsafeExposeInternals(new Users({ max: 1 })).keyMap satisfies Map<string, number>;

// Name by name, what lru-cache's types have, these have.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type K = string;
const same: true[] = [
  true satisfies Same<keyof LRUCache<K, User>, keyof Theirs<K, User>>,
  true satisfies Same<keyof LRUCache.OptionsBase<K, User, 1>, keyof Theirs.OptionsBase<K, User, 1>>,
  true satisfies Same<keyof LRUCache.Status<K, User, 1>, keyof Theirs.Status<K, User, 1>>,
  true satisfies Same<keyof LRUCache.SetOptions<K, User, 1>, keyof Theirs.SetOptions<K, User, 1>>,
  true satisfies Same<keyof LRUCache.GetOptions<K, User, 1>, keyof Theirs.GetOptions<K, User, 1>>,
  true satisfies Same<keyof LRUCache.HasOptions<K, User, 1>, keyof Theirs.HasOptions<K, User, 1>>,
  true satisfies Same<keyof LRUCache.PeekOptions<K, User, 1>, keyof Theirs.PeekOptions<K, User, 1>>,
  true satisfies Same<keyof LRUCache.FetchOptions<K, User, 1>, keyof Theirs.FetchOptions<K, User, 1>>,
  true satisfies Same<keyof LRUCache.MemoOptions<K, User, 1>, keyof Theirs.MemoOptions<K, User, 1>>,
  true satisfies Same<keyof LRUCache.FetcherOptions<K, User>, keyof Theirs.FetcherOptions<K, User>>,
  true satisfies Same<keyof LRUCache.FetcherFetchOptions<K, User>, keyof Theirs.FetcherFetchOptions<K, User>>,
  true satisfies Same<keyof LRUCache.MemoizerOptions<K, User>, keyof Theirs.MemoizerOptions<K, User>>,
  true satisfies Same<keyof LRUCache.MemoizerMemoOptions<K, User>, keyof Theirs.MemoizerMemoOptions<K, User>>,
  true satisfies Same<LRUCache.Entry<User>, Theirs.Entry<User>>,
  true satisfies Same<LRUCache.Disposer<K, User>, Theirs.Disposer<K, User>>,
  true satisfies Same<LRUCache.Inserter<K, User>, Theirs.Inserter<K, User>>,
  true satisfies Same<LRUCache.SizeCalculator<K, User>, Theirs.SizeCalculator<K, User>>,
  true satisfies Same<LRUCache.DisposeReason, Theirs.DisposeReason>,
  true satisfies Same<LRUCache.InsertReason, Theirs.InsertReason>,
  true satisfies Same<
    [LRUCache.Size, LRUCache.Count, LRUCache.Milliseconds],
    [Theirs.Size, Theirs.Count, Theirs.Milliseconds]
  >,
];

export type { Mine };
export { same, status, task };
