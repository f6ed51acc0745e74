/** The counters behind `stats()`. */

export class Counters {
  localHits = 0;
  localMisses = 0;
  remoteHits = 0;
  remoteMisses = 0;
  loads = 0;
  loadFailures = 0;
  earlyRefreshes = 0;
  sharedLoads = 0;
  staleHits = 0;
  invalidationsSent = 0;
  invalidationsReceived = 0;
  flushes = 0;
  unconfirmedWrites = 0;
  remoteErrors = 0;
  timeouts = 0;
  skipped = 0;
  decodeErrors = 0;
  localErrors = 0;
  linkErrors = 0;
}
