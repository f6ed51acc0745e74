/** The options that both ways of showing metrics have, checked. */

import { invalidOption, outOfRange } from '../errors';
import { readCount } from '../options';
import type { Labels } from './metric';
import { METRICS } from './table';

/** What is shown, and how much of it. */
export interface MetricsOptions {
  /** Labels that every metric gets, such as `{ service: 'shop' }`. Default: none. */
  labels?: Readonly<Record<string, string>>;
  /** Names of caches that are shown, and of shared ones; the rest is summed as `other`. Default 50. */
  maxCaches?: number;
  /** Call sites of listeners, and of scopes, that are shown at a time: those with the most. Default 20. */
  maxSites?: number;
}

/** What `registerMetrics` returns. */
export interface MetricsRegistration extends Disposable {
  /** Whether the metrics are shown. */
  readonly running: boolean;
  /** Takes the metrics away again. The memory sampler goes on: that has its own `stop`. Stopping twice is fine. */
  stop(): void;
}

export const COMMON_OPTIONS = ['labels', 'maxCaches', 'maxSites'] as const;

export interface ReadMetricsOptions {
  labels: Labels;
  maxCaches: number;
  maxSites: number;
}

export function readMetricsOptions(
  options: Partial<Record<(typeof COMMON_OPTIONS)[number], unknown>>,
): ReadMetricsOptions {
  const { labels = {}, maxCaches = 50, maxSites = 20 } = options;
  return {
    labels: readLabels(labels),
    maxCaches: readCount('maxCaches', maxCaches),
    maxSites: readCount('maxSites', maxSites),
  };
}

function readLabels(given: unknown): Labels {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidOption('labels', 'an object of strings', given);
  }
  const labels: Record<string, string> = {};
  const own = new Set(METRICS.flatMap((metric) => metric.labels));
  for (const [name, value] of Object.entries(given)) {
    // Two underscores at the start are Prometheus's own.
    if (!/^(?!__)[a-z_]\w*$/i.test(name)) {
      throw outOfRange('a name in labels', 'letters, digits and underscores, not two of them first', name);
    }
    if (own.has(name)) throw outOfRange('a name in labels', `none of ${[...own].join(', ')}`, name);
    if (typeof value !== 'string') throw invalidOption(`labels.${name}`, 'a string', value);
    labels[name] = value;
  }
  return labels;
}
