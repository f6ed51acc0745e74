/** Caches that release expired entries by themselves, and two for comparison. */

import { loadPlateau } from '../harness/contenders.mjs';

/**
 * @typedef {object} Contender
 * @property {string} id
 * @property {number} [resolution] Milliseconds it promises to release within.
 * @property {boolean} [keeps] Whether it keeps expired entries until somebody asks for them.
 * @property {boolean} [empty] Whether it is given no entries, hence a small heap that takes no time to collect.
 * @property {string} [note]
 * @property {(entries: number, ttl: number) => any} create
 * @property {(cache: any) => number} [sizeOf] Entries held; `size` unless given.
 */

const plateau = async (options) => new (await loadPlateau())(options);
const lruCache = async (options) => new (await import('lru-cache')).LRUCache(options);

/** @type {Contender[]} */
export const contenders = [
  {
    id: 'plateau',
    resolution: 1000,
    note: 'with the default ttlResolution, 1 s',
    create: (entries, ttl) => plateau({ maxEntries: entries, ttl }),
  },
  {
    id: 'plateau-100ms',
    resolution: 100,
    note: 'with ttlResolution: 100',
    create: (entries, ttl) => plateau({ maxEntries: entries, ttl, ttlResolution: 100 }),
  },
  {
    id: 'lru-cache+autopurge',
    note: 'with ttlAutopurge: one timer per entry',
    create: (entries, ttl) => lruCache({ max: entries, ttl, ttlAutopurge: true }),
  },
  {
    id: 'ttlcache',
    note: '@isaacs/ttlcache: one timer for the next deadline',
    create: async (entries, ttl) => new (await import('@isaacs/ttlcache')).TTLCache({ max: entries, ttl }),
  },
  {
    id: 'node-cache',
    note: 'with checkperiod: 1 and useClones: false: walks over all entries every second',
    create: async (_entries, ttl) =>
      new (await import('node-cache')).default({ stdTTL: ttl / 1000, checkperiod: 1, useClones: false }),
    sizeOf: (cache) => cache.getStats().keys,
  },
  {
    id: 'lru-cache+ttl',
    keeps: true,
    note: 'without ttlAutopurge: releases nothing by itself, here for its memory',
    create: (entries, ttl) => lruCache({ max: entries, ttl }),
  },
  {
    id: 'idle',
    keeps: true,
    empty: true,
    note: 'nothing but the loop that watches: its processor time per second is subtracted from the others',
    create: () => ({ size: 0, set() {} }),
  },
];
