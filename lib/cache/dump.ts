/** The form in which a cache's content is saved and restored. */

import { invalidArgument } from '../errors';
import type { Store } from './store';

/** One entry of a {@link CacheDump}. */
export interface DumpEntry<K, V> {
  /** As it was given, by identity. */
  key: K;
  /** The value, as it was given. */
  value: V;
  /** Milliseconds it had left to live when dumped; absent without a deadline. */
  ttl?: number | undefined;
  /** Size in bytes; absent in a cache without `maxBytes`. */
  size?: number | undefined;
}

/**
 * What `dump()` returns and `restore()` takes: plain data, fit for `structuredClone`, and for JSON if keys and values
 * are. Entries come least recently used first.
 */
export interface CacheDump<K, V> {
  /** So that nothing else is taken for a dump. */
  format: 'plateau.cache';
  /** Of this format. */
  version: 1;
  /**
   * When it was made, in milliseconds since the Unix epoch, whatever the cache's clock: time spent in a file counts
   * against the TTL.
   */
  at: number;
  /** Least recently used first. */
  entries: DumpEntry<K, V>[];
}

/** The content of a store. */
export function dumpOf<K, V>(store: Store<K, V>): CacheDump<K, V> {
  const now = store.exactNow();
  const entries: DumpEntry<K, V>[] = [];
  for (const slot of store.byRank().reverse()) {
    const deadline = store.freshEnd(slot);
    if (deadline <= now) continue;
    const entry: DumpEntry<K, V> = { key: store.keys[slot] as K, value: store.values[slot] as V };
    if (deadline !== Number.POSITIVE_INFINITY) entry.ttl = deadline - now;
    if (store.sizes !== undefined) entry.size = store.sizes[slot] as number;
    entries.push(entry);
  }
  return { format: 'plateau.cache', version: 1, at: Date.now(), entries };
}

/** Checks a dump from wherever it came, before anything is changed. */
export function readDump<K, V>(given: unknown): CacheDump<K, V> {
  const dump = given as CacheDump<K, V> | null;
  if (typeof dump !== 'object' || dump === null || dump.format !== 'plateau.cache') {
    throw invalidArgument('dump', 'an object made by dump()', given);
  }
  if (dump.version !== 1) throw invalidArgument('dump.version', '1', dump.version);
  if (typeof dump.at !== 'number' || !Number.isFinite(dump.at)) {
    throw invalidArgument('dump.at', 'a time in milliseconds', dump.at);
  }
  if (!Array.isArray(dump.entries)) throw invalidArgument('dump.entries', 'an array', dump.entries);
  for (const [i, entry] of dump.entries.entries()) {
    if (typeof entry !== 'object' || entry === null || !('key' in entry) || !('value' in entry)) {
      throw invalidArgument(`dump.entries[${i}]`, 'an object with key and value', entry);
    }
    const { ttl, size } = entry;
    if (ttl !== undefined && !(typeof ttl === 'number' && ttl > 0)) {
      throw invalidArgument(`dump.entries[${i}].ttl`, 'a positive number of milliseconds', ttl);
    }
    if (size !== undefined && !(typeof size === 'number' && size >= 0 && Number.isFinite(size))) {
      throw invalidArgument(`dump.entries[${i}].size`, 'a finite number of bytes, 0 or more', size);
    }
  }
  return dump;
}
