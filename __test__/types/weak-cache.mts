// The types of WeakCache: what compiles, with which types, and what does not.

import { WeakCache, type WeakCacheOptions, type WeakCacheStats } from 'plateau';

/** Fails to compile unless the two are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

interface Room {
  id: string;
}
declare const room: Room;

const options: WeakCacheOptions = { maxKeys: 10, maxStrong: 5, name: 'rooms' };
const cache = new WeakCache<string, Room>(options);
new WeakCache<string, Room>();
new WeakCache<string, Room>(10);
same<ReturnType<typeof cache.get>, Room | undefined>();
same<ReturnType<typeof cache.peek>, Room | undefined>();
same<ReturnType<typeof cache.getOrCreate>, Room>();
same<ReturnType<typeof cache.stats>, WeakCacheStats>();
const chained: WeakCache<string, Room> = cache.set('a', room).set('b', room);
for (const [key, value] of chained) same<[typeof key, typeof value], [string, Room]>();
for (const value of cache.values()) same<typeof value, Room>();
const made = cache.getOrCreate('a', (key) => ({ id: key }));
same<typeof made, Room>();

// @ts-expect-error only objects can be held weakly
new WeakCache<string, number>();
// @ts-expect-error there is no such option
new WeakCache<string, Room>({ maxEntries: 5 });
// @ts-expect-error keys are strings here
cache.get(5);
// @ts-expect-error the size is read only
cache.size = 5;
