/** What `stats()` returns. */

import type { Core } from './core';
import type { TieredCacheStats } from './types';

export function statsOf(core: Core<unknown>, pendingRepairs: number): TieredCacheStats {
  const { counters: c, gate, coherence, loads } = core;
  return {
    localHits: c.localHits,
    localMisses: c.localMisses,
    remoteHits: c.remoteHits,
    remoteMisses: c.remoteMisses,
    loads: c.loads,
    loadFailures: c.loadFailures,
    loadsInFlight: loads.count,
    earlyRefreshes: c.earlyRefreshes,
    sharedLoads: c.sharedLoads,
    staleHits: c.staleHits,
    invalidationsSent: c.invalidationsSent,
    invalidationsReceived: c.invalidationsReceived,
    flushes: c.flushes,
    unconfirmedWrites: c.unconfirmedWrites,
    pendingRepairs,
    errors: {
      remote: c.remoteErrors,
      timeout: c.timeouts,
      skipped: c.skipped,
      decode: c.decodeErrors,
      local: c.localErrors,
      link: c.linkErrors,
    },
    commandsInFlight: gate.inFlight,
    breaker: gate.state,
    link: coherence.link,
    coherent: coherence.isCoherent,
  };
}
