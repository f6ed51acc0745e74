/**
 * A metric as prom-client's registry takes them: by the interface of its metrics, not by its classes, so that none of
 * prom-client is loaded by us, and values are read when they are asked for instead of being kept twice.
 */

import { type Metric, type Point, prometheusName } from '../metrics/metric';
import type { MetricsSource } from '../metrics/source';

/** What a registry asks a metric for. */
interface Collected {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  aggregator: Metric['merge'];
  values: Point[];
}

export class RegistryMetric {
  /** Not read-only: for OpenMetrics, prom-client takes `_total` from it. */
  name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly aggregator: Metric['merge'];
  readonly labelNames: readonly string[];
  readonly #metric: Metric;
  readonly #source: MetricsSource;

  constructor(prefix: string, metric: Metric, source: MetricsSource) {
    this.name = `${prefix}${prometheusName(metric)}`;
    this.help = metric.help;
    this.type = metric.kind;
    this.aggregator = metric.merge;
    this.labelNames = metric.labels;
    this.#metric = metric;
    this.#source = source;
  }

  /** Collects it. */
  async get(): Promise<Collected> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.#source.read(this.#metric) };
  }

  /** `register.resetMetrics()` sets counters to 0: these belong to what they count. */
  reset(): void {}
}
