/**
 * lru-cache 11's interface over plateau's engine: changing the import is the whole migration. `docs/lru-cache.md` has
 * what differs.
 *
 * @packageDocumentation
 */

export { LRUCache } from './lru-cache/cache';
export type {
  Index,
  NumberArray,
  PosInt,
  Stack,
  StackLike,
  UintArray,
  ZeroArray,
} from './lru-cache/internals';
export type { BackgroundFetch, DisposeTask, Perf } from './lru-cache/types';
