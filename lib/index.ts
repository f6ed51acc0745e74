/**
 * plateau: bounded caches and memory diagnosis for Node.js.
 *
 * @packageDocumentation
 */

// At import, so that a platform without an addon is reported when the app starts and not at its first request.
import './native';

export { BoundedCache } from './cache/bounded-cache';
export type { ClockSource } from './cache/clock';
export type { CacheDump, DumpEntry } from './cache/dump';
export type { LoadContext, Loader, LoadOptions } from './cache/loads';
export type { BoundedCacheOptions, EvictionPolicy, SetOptions } from './cache/options';
export { caches, relieve } from './cache/registry';
export type { RemovalReason } from './cache/removals';
export type { CacheStats } from './cache/stats';
export { BoundedLog, type LogStats } from './log/bounded-log';
export { type DebugEndpointOptions, debugEndpoint } from './log/debug-endpoint';
export type { BoundedLogOptions, LogBounds } from './log/options';
export type { PathPattern } from './log/paths';
export type { RequestRecord } from './log/request-log';
export type { RecentRequestsOptions } from './log/request-options';
export { version } from './version';
export { WeakCache, type WeakCacheOptions, type WeakCacheStats } from './weak/weak-cache';
