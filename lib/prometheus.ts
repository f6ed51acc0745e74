/**
 * plateau's metrics in the application's own prom-client registry. `docs/metrics.md` lists them.
 *
 * @packageDocumentation
 */

export type { MetricsOptions, MetricsRegistration } from './metrics/options';
export { type PrometheusOptions, type RegistryLike, registerMetrics } from './prometheus/register';
