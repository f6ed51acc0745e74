import { BoundedCache } from 'plateau';

export const pages = new BoundedCache({ maxEntries: 1_000, ttl: 60_000 });
export const searches = new BoundedCache({ maxEntries: 500, ttl: 60_000 });
export const visitors = new BoundedCache({ maxEntries: 2_000, ttl: 60_000 });
