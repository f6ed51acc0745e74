// The types of plateau/keyv, plateau/express-session and plateau/rate-limit, with those of the libraries they are for.

import { type Store as RateLimitStore, rateLimit } from 'express-rate-limit';
import session, { type Store as SessionStore } from 'express-session';
import { Keyv, type KeyvStoreAdapter } from 'keyv';
import { Keyv as Keyv6 } from 'keyv6';
import { BoundedCache, SharedCache } from 'plateau';
import { SharedSessionStore, type SharedSessionStoreOptions } from 'plateau/express-session';
import { KeyvStore, type KeyvStoreCache, type KeyvStoreEntry, type KeyvStoreOptions } from 'plateau/keyv';
import {
  type RateLimitHits,
  SharedRateLimitStore,
  type SharedRateLimitStoreOptions,
} from 'plateau/rate-limit';

const cache: KeyvStoreCache = new SharedCache({ name: 'types', maxBytes: 2 ** 20 });
const options: KeyvStoreOptions = { namespace: 'n' };
const store = new KeyvStore(cache, options);
store satisfies KeyvStoreAdapter;
new Keyv({ store });
new Keyv<number>(store, { ttl: 5 });
new Keyv6({ store });
new KeyvStore(new BoundedCache<string, { id: number }>({ maxEntries: 5 }));
new KeyvStore(new SharedCache<unknown>({ name: 'other', maxBytes: 2 ** 20, codec: 'structured' }));
const entries: KeyvStoreEntry[] = [
  { key: 'a', value: 1 },
  { key: 'b', value: 2, ttl: 5 },
];
(await store.setMany(entries)) satisfies boolean[];
(await store.get<string>('a')) satisfies string | undefined;
for await (const [key, value] of store.iterator<number>()) [key, value] satisfies [string, number];
// @ts-expect-error a Map has no bound
new KeyvStore(new Map());
// @ts-expect-error keys are strings
store.get(5);

const sessionOptions: SharedSessionStoreOptions = {
  name: 'sessions',
  maxBytes: 2 ** 20,
  ttl: 5,
  policy: 's3-fifo',
};
const sessions = new SharedSessionStore(sessionOptions);
sessions satisfies SessionStore;
session({ store: sessions, secret: 'test' });
sessions.cache.stats().removals.evicted satisfies number;
sessions.get('sid', (_error, data) => data?.cookie satisfies session.Cookie | undefined);
// @ts-expect-error sessions are JSON
new SharedSessionStore({ name: 'sessions', codec: 'utf8' });

const limitOptions: SharedRateLimitStoreOptions = { name: 'limits', maxBytes: 2 ** 20 };
const limits = new SharedRateLimitStore(limitOptions);
limits satisfies RateLimitStore;
rateLimit({ store: limits });
limits.increment('a') satisfies RateLimitHits;
// @ts-expect-error counters live as long as their window
new SharedRateLimitStore({ name: 'limits', ttl: 5 });
