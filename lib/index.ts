/**
 * plateau: bounded caches and memory diagnosis for Node.js.
 *
 * @packageDocumentation
 */

// At import, so that a platform without an addon is reported when the app starts and not at its first request.
import './native';

export { inspectAgents } from './agents/inspect';
export type {
  AgentFinding,
  AgentFindingCode,
  AgentLike,
  AgentOrigin,
  AgentSummary,
  AgentsReport,
  DispatcherLike,
  InspectAgentsOptions,
} from './agents/types';
export { BoundedCache } from './cache/bounded-cache';
export type { ClockSource } from './cache/clock';
export type { CacheDump, DumpEntry } from './cache/dump';
export type { LoadContext, Loader, LoadOptions } from './cache/loads';
export type { BoundedCacheOptions, EvictionPolicy, SetOptions } from './cache/options';
export { caches, relieve } from './cache/registry';
export type { RemovalReason } from './cache/removals';
export type { CacheStats } from './cache/stats';
export type {
  AnalyzeHeapOptions,
  CaptureHeapOptions,
  ClassGrowth,
  ClosureSites,
  CollectionSizes,
  CompareHeapsOptions,
  DetachedObjects,
  DuplicateGroups,
  HeapAnalysis,
  HeapCapture,
  HeapClass,
  HeapComparison,
  HeapFinding,
  HeapHolder,
  HeapLook,
  HeapObject,
  HeapPlace,
  HeapReadOptions,
  HeapRetainer,
  HeapSource,
  HeapStep,
  HeapSummary,
  LargestObjects,
  LeakPattern,
  SourcePlace,
  TraceStep,
} from './heap';
export { analyzeHeap, captureHeap, compareHeaps } from './heap';
export type { Ends, Until } from './lifetime/ending';
export type { EmitterLike, TargetLike } from './lifetime/shapes';
export { onListenerGrowth } from './listeners/growth';
export { type ListenerReport, type ListenerSite, listenerReport } from './listeners/report';
export { type Restorable, trackAllListeners } from './listeners/track-all';
export {
  type ListenerTracker,
  type Trackable,
  type TrackerControls,
  type TrackListenersOptions,
  trackListeners,
} from './listeners/track-listeners';
export { BoundedLog, type LogStats } from './log/bounded-log';
export { type DebugEndpointOptions, debugEndpoint } from './log/debug-endpoint';
export type { BoundedLogOptions, LogBounds } from './log/options';
export type { PathPattern } from './log/paths';
export type { RequestRecord } from './log/request-log';
export type { RecentRequestsOptions } from './log/request-options';
export {
  type MemoryEvents,
  MemorySampler,
  memorySampler,
  startMemorySampler,
} from './memory/sampler';
export type {
  Extremes,
  LeakPlace,
  MemoryAlarm,
  MemoryBucket,
  MemoryPressure,
  MemorySample,
  MemorySamplerOptions,
  MemoryTrend,
  MemoryVerdict,
  MemoryVerdictKind,
  Slope,
} from './memory/types';
export type { EventSource } from './scope/emitters';
export { keepContext } from './scope/keep-context';
export type { RequestScopeOptions, ScopeOptions } from './scope/options';
export type { ScopeLeak, ScopeLeakReason, ScopeReport, ScopeSite } from './scope/report';
export { scopeReport } from './scope/report';
export { requestScopeOf } from './scope/request-scope';
export type { AnyDisposable, StreamLike } from './scope/resources';
export { createScope, Scope } from './scope/scope';
export { type WaitOptions, waitForEvent } from './scope/wait-for-event';
export type { SharedCodec, SharedCodecName } from './shared/codecs';
export type { SharedLoader, SharedLoadOptions } from './shared/loads';
export type { SharedCacheOptions, SharedSetOptions } from './shared/options';
export { SharedCache, type SharedKey, sharedCaches } from './shared/shared-cache';
export type { SharedCacheStats } from './shared/stats';
export type { TieredLoadOptions, TieredSetOptions } from './tiered/calls';
export type { TieredCacheOptions } from './tiered/options';
export { TieredCache } from './tiered/tiered-cache';
export type {
  BreakerState,
  CoherenceLink,
  LocalTier,
  TieredCacheStats,
  TieredCodec,
  TieredEntry,
  TieredErrorContext,
} from './tiered/types';
export { version } from './version';
export { WeakCache, type WeakCacheOptions, type WeakCacheStats } from './weak/weak-cache';
export type { SuperviseWebSocketsOptions, TerminationReason } from './websockets/options';
export { superviseWebSockets } from './websockets/supervise';
export type {
  SocketIoNamespaceLike,
  SocketIoServerLike,
  WebSocketServerEvents,
  WebSocketStats,
  WebSocketSupervisor,
  WsServerLike,
} from './websockets/types';
