/**
 * What a metric is, and how it is called. There is one table of them (`table.ts`), from which the Prometheus metrics, the
 * OpenTelemetry instruments and the documentation are made.
 *
 * A metric has one name, in OpenTelemetry's style. Its Prometheus name is the one that the OpenTelemetry Collector gives
 * it, so that alert rules and dashboards serve both ways.
 *
 * @see docs/design/metrics.md
 */

import type { Scrape } from './scrape';

/** Labels of a point; OpenTelemetry's attributes. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Point {
  readonly value: number;
  readonly labels: Labels;
}

/** Units by UCUM: bytes, seconds, a share, and per second; in braces what is counted, which no Prometheus name shows. */
export type Unit = 'By' | 's' | '1' | 'By/s' | `{${string}}` | `{${string}}/s`;

/** One row of the table. */
export interface Metric {
  /** With dots, without the prefix: `heap.floor`. */
  readonly name: string;
  readonly unit: Unit;
  /** A counter only rises while the process lives. */
  readonly kind: 'counter' | 'gauge';
  /**
   * How several processes make one: prom-client's `AggregatorRegistry` does that, for a cluster. What can be summed is
   * an up-down counter in OpenTelemetry.
   */
  readonly merge: 'sum' | 'max' | 'min' | 'average';
  readonly labels: readonly string[];
  /** One sentence without the full stop. */
  readonly help: string;
  readonly read: (scrape: Scrape) => Iterable<Point>;
}

/** The name in Prometheus, without the prefix: `heap_floor_bytes`. */
export function prometheusName({ name, unit, kind }: Metric): string {
  const [counted, per] = unit.split('/');
  const parts = [name.replaceAll('.', '_')];
  if (counted === 'By') parts.push('bytes');
  if (counted === 's') parts.push('seconds');
  if (per === 's') parts.push('per_second');
  if (kind === 'counter') parts.push('total');
  else if (unit === '1') parts.push('ratio');
  return parts.join('_');
}

/** What it is in OpenTelemetry, by the end of the names of its API's functions. */
export function instrumentKind({ kind, merge, unit }: Metric): 'Counter' | 'UpDownCounter' | 'Gauge' {
  if (kind === 'counter') return 'Counter';
  // A rate cannot be added up over time, though it can be over processes.
  return merge === 'sum' && !unit.endsWith('/s') ? 'UpDownCounter' : 'Gauge';
}

/** `metric.read`, without what is no number. */
export function readPoints(metric: Metric, scrape: Scrape): Point[] {
  return [...metric.read(scrape)].filter(({ value }) => Number.isFinite(value));
}

/** One point where there is a value. */
export function* point(value: number | undefined, labels: Labels = {}): Generator<Point> {
  if (value !== undefined) yield { value, labels };
}
