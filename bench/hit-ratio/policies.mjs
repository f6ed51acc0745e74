/** How many requests of a trace hit, under plateau's policies and under two references of our own. */

import { loadPlateau } from '../harness/contenders.mjs';

/** @type {Record<string, (ids: Uint32Array, capacity: number) => number | Promise<number>>} */
export const policies = {
  lru: (ids, capacity) => throughCache(ids, capacity, 'lru'),
  's3-fifo': (ids, capacity) => throughCache(ids, capacity, 's3-fifo'),
  'shared-lru': (ids, capacity) => throughShared(ids, capacity, 'lru'),
  'shared-s3-fifo': (ids, capacity) => throughShared(ids, capacity, 's3-fifo'),
  'reference-lru': referenceLru,
  min: beladyMin,
};

/** The same where entries have sizes and bytes are the bound. */
export const bySize = {
  lru: (requests, bytes) => throughBytes(requests, bytes, 'lru'),
  's3-fifo': (requests, bytes) => throughBytes(requests, bytes, 's3-fifo'),
  'shared-lru': (requests, bytes) => throughSharedBytes(requests, bytes, 'lru'),
  'shared-s3-fifo': (requests, bytes) => throughSharedBytes(requests, bytes, 's3-fifo'),
};

/** BoundedCache by its public interface, as an application uses it. */
async function throughCache(ids, capacity, policy) {
  const BoundedCache = await loadPlateau();
  return hitsOf(new BoundedCache({ maxEntries: capacity, policy }), ids, () => 1);
}

/** SharedCache, with room for the bytes: entries are the bound. */
async function throughShared(ids, capacity, policy) {
  const maxBytes = Math.max(2 ** 20, 300 * capacity);
  const cache = await openShared({ maxBytes, maxEntries: capacity, policy });
  const hits = hitsOf(cache, ids, () => 'v');
  cache.close();
  return hits;
}

async function openShared(options) {
  const { SharedCache } = await import('plateau');
  return /** @type {import('plateau').SharedCache<any>} */ (
    new SharedCache({ name: 'hit-ratio', ...options })
  );
}

/** What SharedCache takes for an entry besides its bytes, so that both caches have the same room. */
const OVERHEAD = 64;

async function throughBytes({ ids, sizes }, maxBytes, policy) {
  const BoundedCache = await loadPlateau();
  const cache = new BoundedCache({ maxBytes, policy, sizeOf: (size, key) => size + key.length + OVERHEAD });
  // More than half of the cache is the most that the other would take.
  return hitsOf(cache, ids, (i, key) => (sizes[i] + key.length <= maxBytes / 2 ? sizes[i] : undefined));
}

async function throughSharedBytes({ ids, sizes }, maxBytes, policy) {
  const maxEntryBytes = Math.floor(maxBytes / 2);
  const cache = await openShared({ maxBytes, policy, codec: 'bytes', maxEntryBytes });
  const largest = new Uint8Array(sizes.reduce((a, b) => Math.max(a, b), 0));
  const hits = hitsOf(cache, ids, (i, key) =>
    sizes[i] + key.length <= maxEntryBytes ? largest.subarray(0, sizes[i]) : undefined,
  );
  const { bytes } = cache.stats();
  if (bytes > maxBytes) throw new Error(`holds ${bytes} bytes, more than ${maxBytes}`);
  cache.close();
  return hits;
}

/** Gets each key, and sets what was not there to what `make` makes of the request; `undefined` is not stored. */
function hitsOf(cache, ids, make) {
  const keys = [];
  let hits = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    keys[id] ??= `k${id}`;
    const key = keys[id];
    if (cache.get(key) !== undefined) {
      hits++;
      continue;
    }
    const value = make(i, key);
    if (value !== undefined) cache.set(key, value);
  }
  const { entries, maxEntries } = cache.stats();
  if (entries > maxEntries) throw new Error(`holds ${entries} entries, more than ${maxEntries}`);
  return hits;
}

/** LRU at its plainest: a Map in order of use. */
function referenceLru(ids, capacity) {
  const cache = new Map();
  const oldest = cache.keys();
  let hits = 0;
  for (const id of ids) {
    // Deleted and set anew it is the last; a kept iterator sees it again there.
    if (cache.delete(id)) hits++;
    cache.set(id, true);
    if (cache.size > capacity) cache.delete(oldest.next().value);
  }
  return hits;
}

/**
 * Belady's MIN: evicts what is used again last. It sees the future, so nothing can hit more often as long as
 * every requested entry is stored, as here.
 */
function beladyMin(ids, capacity) {
  const next = nextUses(ids);
  const cached = new Map();
  // Of each use, when it is followed by the next one. What has been used since is out of date, but also nearer
  // than everything still to come, so it never reaches the top.
  const heap = new MaxHeap(ids.length);
  let hits = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (cached.has(id)) hits++;
    else if (cached.size === capacity) cached.delete(ids[heap.pop()]);
    cached.set(id, true);
    heap.push(i, next[i]);
  }
  return hits;
}

/** For each request, the index of the next one for the same key; beyond the end, and all different, if there is none. */
function nextUses(ids) {
  const next = new Float64Array(ids.length);
  const seen = new Map();
  for (let i = ids.length - 1; i >= 0; i--) {
    next[i] = seen.get(ids[i]) ?? ids.length + i;
    seen.set(ids[i], i);
  }
  return next;
}

/** A binary heap of items with the largest rank on top. */
class MaxHeap {
  #items;
  #ranks;
  #size = 0;

  constructor(capacity) {
    this.#items = new Uint32Array(capacity);
    this.#ranks = new Float64Array(capacity);
  }

  push(item, rank) {
    let hole = this.#size++;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.#ranks[parent] >= rank) break;
      this.#move(parent, hole);
      hole = parent;
    }
    this.#place(hole, item, rank);
  }

  pop() {
    const top = this.#items[0];
    const last = --this.#size;
    const item = this.#items[last];
    const rank = this.#ranks[last];
    let hole = 0;
    for (;;) {
      let child = hole * 2 + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#ranks[child + 1] > this.#ranks[child]) child++;
      if (this.#ranks[child] <= rank) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#place(hole, item, rank);
    return top;
  }

  #move(from, to) {
    this.#place(to, this.#items[from], this.#ranks[from]);
  }

  #place(at, item, rank) {
    this.#items[at] = item;
    this.#ranks[at] = rank;
  }
}
