/** The table of all metrics, in the order in which they are shown. */

import { cacheMetrics } from './cache-metrics';
import { holderMetrics } from './holder-metrics';
import { memoryMetrics } from './memory-metrics';
import type { Metric } from './metric';
import { runtimeMetrics } from './runtime-metrics';

export const METRICS: readonly Metric[] = [
  ...memoryMetrics,
  ...runtimeMetrics,
  ...cacheMetrics,
  ...holderMetrics,
];
