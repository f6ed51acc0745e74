/**
 * Internals for plateau's own tests and benchmarks. Built to `dist/testing.cjs`, never published.
 */

export { BigMap } from './cache/big-map';
export { storeOf } from './cache/bounded-cache';
export { fingerprint } from './cache/key-hash';
export { judge } from './check/judge';
export { readHar } from './check/load/har';
export { Lanes } from './check/load/lanes';
export * as checkReports from './check/report';
export { runCheck } from './check/run';
export { Series } from './check/series';
export { fitLine } from './check/statistics';
export type { CheckReport } from './check/types';
export { readCheckArgs } from './cli/check-args';
export { EventStreams } from './dashboard/streams';
export { describe } from './describe';
export * from './errors';
export { Kind, Watched } from './listeners/kinds';
export { Rows } from './listeners/rows';
export { segmentsOf } from './log/bounded-log';
export { Redactor } from './log/redact';
export { coreOf } from './lru-cache/cache';
export { largestCaches } from './memory/caches';
export { youngShare } from './memory/young';
export { instrumentKind, prometheusName } from './metrics/metric';
export { METRICS } from './metrics/table';
export { native } from './native';
export { type LoadOptions, loadNative } from './native/load';
export { currentPlatform, type Platform, platformName, triplesOf } from './native/platform';
export { nativeOf } from './shared/shared-cache';
export { UNKNOWN_SITE } from './sites/call-site';
export { Guard } from './tiered/guard';
export { Names } from './tiered/keys';
export { readMessage, Senders } from './tiered/messages';
export { slotOf } from './tiered/slot';
export { readHeader, writeHeader } from './tiered/wire';
export { weakInternals } from './weak/weak-cache';
