/**
 * plateau's metrics as instruments of OpenTelemetry. `docs/metrics.md` lists them.
 *
 * @packageDocumentation
 */

export type { MetricsOptions, MetricsRegistration } from './metrics/options';
export { type MeterLike, type OtelOptions, registerMetrics } from './otel/register';
