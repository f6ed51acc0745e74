/** Stores of text by key, beyond the objects of one heap, and the objects of one heap beside them. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * @typedef {object} Opened
 * @property {(key: string) => any} get
 * @property {(key: string, value: string) => unknown} set
 * @property {(keys: string[]) => any[]} [getMany] Where that is more than one look-up after the other.
 * @property {(writes: () => any) => any} [batch] Runs writes as one batch, where there is such a thing.
 * @property {boolean} [filled] Whether nothing can be written but what fills it.
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
  // What a look-up outside the heap takes at the least: see floor.rs.
  floor: async (entries, bytes) => {
    const { open, add, get } = loadFloor();
    open(entries, roomFor(entries, bytes));
    return { get, set: add, filled: true, close() {} };
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

function loadFloor() {
  const root = new URL('../../', import.meta.url);
  const cargo = ['build', '--release', '--example', 'floor', '--message-format', 'json'];
  const said = execFileSync('cargo', cargo, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const built = said
    .split('\n')
    .find((line) => line.includes('"name":"floor"') && line.includes('"filenames"'));
  const module = { exports: /** @type {any} */ ({}) };
  process.dlopen(module, JSON.parse(built ?? '{}').filenames[0]);
  return module.exports;
}

function memoryFolder() {
  return process.platform === 'linux' ? '/dev/shm' : tmpdir();
}
