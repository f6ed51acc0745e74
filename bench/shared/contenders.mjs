/** Stores of text by key, beyond the objects of one heap, and the objects of one heap beside them. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Opened
 * @property {(key: string) => any} get
 * @property {(key: string, value: string) => unknown} set
 * @property {(keys: string[]) => any[]} [getMany] Where that is more than one look-up after the other.
 * @property {(writes: () => any) => any} [batch] Runs writes as one batch, where there is such a thing.
 * @property {() => any} [stats]
 * @property {() => unknown} close
 */

/** @type {Record<string, (entries: number, bytes: number) => Promise<Opened>>} */
export const contenders = {
  // Does nothing, and so takes what the loop and the making of keys take.
  noop: async () => {
    const last = { key: '', value: '' };
    return {
      get: (key) => {
        last.key = key;
        return key;
      },
      set: (key, value) => {
        last.key = key;
        last.value = value;
      },
      close() {},
    };
  },
  plateau: async (entries, bytes) => {
    const { SharedCache } = await import('plateau');
    const cache = new SharedCache({ name: 'bench', maxBytes: roomFor(entries, bytes) });
    return {
      get: (key) => cache.get(key),
      getMany: (keys) => cache.getMany(keys),
      set: (key, value) => cache.set(key, value),
      stats: () => cache.stats(),
      close: () => cache.close(),
    };
  },
  lmdb: async (entries, bytes) => {
    const { open } = await import('lmdb');
    // In memory where there is such a place, and without waiting for a disk: as fast as it can be.
    const folder = mkdtempSync(join(memoryFolder(), 'plateau-lmdb-'));
    const database = open({
      path: folder,
      encoding: 'string',
      noSync: true,
      mapSize: 4 * roomFor(entries, bytes),
    });
    return {
      get: (key) => database.get(key),
      set: (key, value) => database.putSync(key, value),
      // One transaction for all writes of a measurement; one each would cost many times as much.
      batch: (writes) => database.transactionSync(writes),
      close: async () => {
        await database.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  map: async () => {
    const map = new Map();
    return { get: (key) => map.get(key), set: (key, value) => map.set(key, value), close() {} };
  },
  'lru-cache': async (entries) => {
    const { LRUCache } = await import('lru-cache');
    const cache = new LRUCache({ max: entries });
    return { get: (key) => cache.get(key), set: (key, value) => cache.set(key, value), close() {} };
  },
};

/** Bytes that hold so many entries of about so many bytes, with room to spare. */
export function roomFor(entries, bytes) {
  return Math.ceil(2 ** 24 + 1.25 * entries * (bytes + 100));
}

function memoryFolder() {
  return process.platform === 'linux' ? '/dev/shm' : tmpdir();
}
