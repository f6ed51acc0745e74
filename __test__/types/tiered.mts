/** The types of `TieredCache` as its users meet them. */

import { Redis } from 'ioredis';
import { BoundedCache, TieredCache, type TieredCacheStats, type TieredEntry } from 'plateau';
import { createClient, createCluster } from 'redis';

interface User {
  name: string;
}

const users = new TieredCache<User | null>({
  local: new BoundedCache({ maxEntries: 100 }),
  remote: createClient(),
  ttl: 60_000,
});
new TieredCache<User>({
  local: new BoundedCache<string, TieredEntry<User>>({ maxEntries: 100 }),
  remote: new Redis(),
  ttl: 60_000,
  onError: (error, { operation, key }) => console.log(error, operation, key),
});
new TieredCache<User>({
  local: new BoundedCache({ maxBytes: 1e6 }),
  remote: createCluster({ rootNodes: [] }),
  ttl: 60_000,
  codec: { encode: ({ name }) => name, decode: (name) => ({ name }) },
});

const user: User | null | undefined = await users.get('42');
const loaded: User | null = await users.getOrLoad(
  '42',
  async (id, { signal, stale }) => {
    const aborted: boolean = signal.aborted;
    const old: User | null | undefined = stale;
    return aborted ? (old ?? null) : { name: id };
  },
  { tags: ['users'], staleIfError: 1000, signal: AbortSignal.timeout(5) },
);
const found: (User | null | undefined)[] = await users.getMany(['1', '2']);
const confirmed: boolean = await users.set('42', { name: 'x' }, { ttl: 5, tags: ['users'] });
const all: boolean = await users.setMany(new Map([['42', null]]));
const byName: (name: string) => Promise<User | null> = users.wrap(async (name: string) => ({ name }));
const stats: TieredCacheStats = users.stats();
await users.close();

export { all, byName, confirmed, found, loaded, stats, user };

// @ts-expect-error: there is always a time to live
new TieredCache<User>({ local: new BoundedCache({ maxEntries: 1 }), remote: createClient() });
// @ts-expect-error: a Map has no bound and no time to live
new TieredCache<User>({ local: new Map<number, string>(), remote: createClient(), ttl: 5 });
// @ts-expect-error: keys are strings
await users.get(42);
// @ts-expect-error: the value is of another type
await users.set('42', 'name');
// @ts-expect-error: the loader's value is of another type
await users.getOrLoad('42', () => 'name');
