/**
 * The caches that are compared. Each is used as its documentation says, and directly: no wrapper stands between
 * the loop and the cache's own `get` and `set`. A child process imports only the one it measures.
 */

/** Long enough that nothing expires while speed or memory is measured. */
export const TTL = 300_000;

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {boolean} ttl Whether entries have a time to live.
 * @property {'plateau' | 'peer' | 'floor' | 'harness'} role
 * @property {string} [readsOnly] Why it takes no part where entries are evicted.
 * @property {string} [note]
 * @property {(capacity: number) => any} create
 */

/** The package under test, or another build of it. */
export async function loadPlateau(entry = process.env.PLATEAU_BENCH_ENTRY ?? 'plateau') {
  const { BoundedCache } = await import(entry);
  return BoundedCache;
}

/** Another build, to be measured beside the package: what a change to it has brought. */
const BEFORE = process.env.PLATEAU_BENCH_BEFORE;

/** @param {object} options @param {string} [entry] */
const plateau = async (options, entry) => new (await loadPlateau(entry))(options);
const lruCache = async (options) => new (await import('lru-cache')).LRUCache(options);
const quickLru = async (options) => new (await import('quick-lru')).default(options);
const ttlCache = async (options) => new (await import('@isaacs/ttlcache')).TTLCache(options);
const nodeCache = async (options) => new (await import('node-cache')).default(options);

const NODE_CACHE_FULL = 'it throws when full instead of evicting';
const QUICK_LRU_SIZE = 'keeps up to twice its capacity, hence more hits';

/** @type {Contender[]} */
const earlier = [
  {
    id: 'before+ttl',
    ttl: true,
    role: 'plateau',
    create: (capacity) => plateau({ maxEntries: capacity, ttl: TTL }, BEFORE),
  },
  {
    id: 'before',
    ttl: false,
    role: 'plateau',
    create: (capacity) => plateau({ maxEntries: capacity }, BEFORE),
  },
];

/** @type {Contender[]} */
export const contenders = [
  ...(BEFORE === undefined ? [] : earlier),
  {
    id: 'plateau+ttl',
    ttl: true,
    role: 'plateau',
    create: (capacity) => plateau({ maxEntries: capacity, ttl: TTL }),
  },
  {
    id: 'plateau',
    ttl: false,
    role: 'plateau',
    create: (capacity) => plateau({ maxEntries: capacity }),
  },
  {
    id: 'plateau-s3fifo+ttl',
    ttl: true,
    role: 'plateau',
    create: (capacity) => plateau({ maxEntries: capacity, ttl: TTL, policy: 's3-fifo' }),
  },
  {
    id: 'plateau-s3fifo',
    ttl: false,
    role: 'plateau',
    create: (capacity) => plateau({ maxEntries: capacity, policy: 's3-fifo' }),
  },
  {
    id: 'lru-cache+ttl',
    ttl: true,
    role: 'peer',
    create: (capacity) => lruCache({ max: capacity, ttl: TTL }),
  },
  { id: 'lru-cache', ttl: false, role: 'peer', create: (capacity) => lruCache({ max: capacity }) },
  {
    id: 'tiny-lru+ttl',
    ttl: true,
    role: 'peer',
    create: async (capacity) => (await import('tiny-lru')).lru(capacity, TTL),
  },
  {
    id: 'tiny-lru',
    ttl: false,
    role: 'peer',
    create: async (capacity) => (await import('tiny-lru')).lru(capacity),
  },
  {
    id: 'quick-lru+ttl',
    ttl: true,
    role: 'peer',
    note: QUICK_LRU_SIZE,
    create: (capacity) => quickLru({ maxSize: capacity, maxAge: TTL }),
  },
  {
    id: 'quick-lru',
    ttl: false,
    role: 'peer',
    note: QUICK_LRU_SIZE,
    create: (capacity) => quickLru({ maxSize: capacity }),
  },
  {
    id: 'lru.min',
    ttl: false,
    role: 'peer',
    note: 'has no time to live',
    create: async (capacity) => (await import('lru.min')).createLRU({ max: capacity }),
  },
  {
    id: 'mnemonist',
    ttl: false,
    role: 'peer',
    note: 'LRUMap; has no time to live',
    create: async (capacity) => new (await import('mnemonist')).LRUMap(capacity),
  },
  {
    id: 'ttlcache+ttl',
    ttl: true,
    role: 'peer',
    note: '@isaacs/ttlcache: get does not look at the deadline; evicts what expires first, so not an LRU',
    create: (capacity) => ttlCache({ max: capacity, ttl: TTL }),
  },
  {
    id: 'ttlcache-checked+ttl',
    ttl: true,
    role: 'peer',
    note: '@isaacs/ttlcache with checkAgeOnGet: looks at the deadline like the others with a time to live',
    readsOnly: 'it evicts like ttlcache+ttl',
    create: (capacity) => ttlCache({ max: capacity, ttl: TTL, checkAgeOnGet: true }),
  },
  {
    id: 'node-cache+ttl',
    ttl: true,
    role: 'peer',
    readsOnly: NODE_CACHE_FULL,
    note: 'with useClones: false; by default it copies every value',
    create: () => nodeCache({ stdTTL: TTL / 1000, useClones: false }),
  },
  {
    id: 'node-cache',
    ttl: false,
    role: 'peer',
    readsOnly: NODE_CACHE_FULL,
    note: 'with useClones: false; by default it copies every value',
    create: () => nodeCache({ useClones: false }),
  },
  {
    id: 'map-fifo',
    ttl: false,
    role: 'floor',
    note: 'a bare Map that drops its oldest entry: the least a bounded cache can do',
    create: (capacity) => new MapFifo(capacity),
  },
  {
    id: 'map',
    ttl: false,
    role: 'floor',
    readsOnly: 'it grows without bound',
    create: () => new Map(),
  },
  {
    id: 'noop',
    ttl: false,
    role: 'harness',
    note: 'a cache that does nothing: the cost of the loop, subtracted from the others',
    create: () => new Noop(),
  },
];

/** @param {string} id */
export function contenderById(id) {
  const found = contenders.find((contender) => contender.id === id);
  if (found === undefined) throw new Error(`no contender is called ${id}`);
  return found;
}

/** The packages whose versions a report names. */
export const packages = [
  'plateau',
  'lru-cache',
  'tiny-lru',
  'quick-lru',
  'lru.min',
  'mnemonist',
  '@isaacs/ttlcache',
  'node-cache',
];

/**
 * A Map with a bound and nothing else. The iterator is kept: asking a Map for its first key anew walks over
 * the holes that earlier deletions left at its front, 13 µs per write at 20,000 entries against 0.12. It is made
 * when it is first needed: an iterator that stands still keeps every table alive that the Map has outgrown.
 */
class MapFifo {
  constructor(max) {
    this.max = max;
    this.map = new Map();
    this.oldest = undefined;
  }

  get size() {
    return this.map.size;
  }

  get(key) {
    return this.map.get(key);
  }

  set(key, value) {
    this.map.set(key, value);
    if (this.map.size > this.max) {
      this.oldest ??= this.map.keys();
      this.map.delete(this.oldest.next().value);
    }
  }
}

/** Stores what it is given, lest the compiler find out that the key need not be made. */
class Noop {
  constructor() {
    this.size = 0;
    this.key = undefined;
    this.value = { n: 1 };
  }

  get(key) {
    this.key = key;
    return this.value;
  }

  set(key, value) {
    this.key = key;
    this.value = value;
  }
}
