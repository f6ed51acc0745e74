/**
 * Where operations are reported: lru-cache's own channels, so that what subscribes to those sees these
 * caches as well.
 */

import { channel, tracingChannel } from 'node:diagnostics_channel';

/** Gets the status object of every synchronous operation. */
export const metrics = channel('lru-cache:metrics');

/** Traces `fetch` and `forceFetch`. */
export const tracing = tracingChannel('lru-cache');

/** Whether anybody listens. */
export function isObserved(): boolean {
  return metrics.hasSubscribers || tracing.hasSubscribers;
}
