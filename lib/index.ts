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
export type { Ends, Until } from './lifetime/ending';
export type { EmitterLike, EventSource, TargetLike } from './scope/emitters';
export { keepContext } from './scope/keep-context';
export type { RequestScopeOptions, ScopeOptions } from './scope/options';
export type { ScopeLeak, ScopeLeakReason, ScopeReport, ScopeSite } from './scope/report';
export { scopeReport } from './scope/report';
export { requestScopeOf } from './scope/request-scope';
export type { AnyDisposable, StreamLike } from './scope/resources';
export { createScope, Scope } from './scope/scope';
export { type WaitOptions, waitForEvent } from './scope/wait-for-event';
export { version } from './version';
