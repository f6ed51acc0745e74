/**
 * plateau's caches as storage of Keyv, and so of cacheable and cache-manager.
 *
 * @packageDocumentation
 */

export {
  KeyvStore,
  type KeyvStoreCache,
  type KeyvStored,
  type KeyvStoreEntry,
  type KeyvStoreOptions,
} from './keyv/store';
