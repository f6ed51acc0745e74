/** Makes observable instruments of the metrics, which one callback observes whenever the meter's readers collect. */

import { invalidOption } from '../errors';
import { instrumentKind, type Metric } from '../metrics/metric';
import {
  COMMON_OPTIONS,
  type MetricsOptions,
  type MetricsRegistration,
  readMetricsOptions,
} from '../metrics/options';
import { MetricsSource } from '../metrics/source';
import { METRICS } from '../metrics/table';
import { readKnown } from '../options';

/** What is used of a `Meter` of `@opentelemetry/api`. Its own types need not be installed. */
export interface MeterLike {
  createObservableCounter(name: string, options?: InstrumentOptions): unknown;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): unknown;
  createObservableGauge(name: string, options?: InstrumentOptions): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the API's own types of results and instruments
  addBatchObservableCallback(callback: (result: any) => void, instruments: any[]): void;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  removeBatchObservableCallback(callback: (result: any) => void, instruments: any[]): void;
}

interface InstrumentOptions {
  description?: string;
  unit?: string;
}

interface BatchResult {
  observe(instrument: unknown, value: number, attributes?: Record<string, string>): void;
}

/** Options of `registerMetrics`. */
export interface OtelOptions extends MetricsOptions {
  /** The application's meter: `metrics.getMeter('plateau')` of `@opentelemetry/api`. */
  meter: MeterLike;
}

/** Instruments cannot be taken away again, so those of a meter are kept with it. */
const instruments = new WeakMap<MeterLike, ReadonlyMap<Metric, unknown>>();
const registrations = new WeakMap<MeterLike, MetricsRegistration>();

/**
 * Shows plateau's metrics through a meter of `@opentelemetry/api` 1.4 or later, and starts the memory sampler of this
 * thread if none runs. One callback reads all values whenever a reader collects. `docs/metrics.md` lists the
 * instruments, their attributes, and how many series they are.
 *
 * In the main thread the memory of all threads that have a sampler is shown, with an attribute `thread`; caches,
 * listeners and scopes are those of the thread that registers. Registering twice with one meter is the same
 * registration, whose options then stay.
 *
 * @example
 * import { metrics } from '@opentelemetry/api';
 * import { registerMetrics } from 'plateau/otel';
 *
 * registerMetrics({ meter: metrics.getMeter('plateau') });
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_ARGUMENT`, `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` for options
 * that are wrong
 */
export function registerMetrics(options: OtelOptions): MetricsRegistration {
  const known = readKnown(options, ['meter', ...COMMON_OPTIONS]);
  const meter = readMeter(known.meter);
  const read = readMetricsOptions(known);
  const before = registrations.get(meter);
  if (before?.running) return before;
  const registration = start(meter, new MetricsSource(read));
  registrations.set(meter, registration);
  return registration;
}

function start(meter: MeterLike, source: MetricsSource): MetricsRegistration {
  const made = instrumentsOf(meter);
  const observed = [...made.values()];
  const observe = (result: BatchResult): void => {
    for (const [metric, instrument] of made) {
      for (const { value, labels } of source.read(metric)) result.observe(instrument, value, labels);
    }
  };
  let running = true;
  meter.addBatchObservableCallback(observe, observed);
  const stop = (): void => {
    if (running) meter.removeBatchObservableCallback(observe, observed);
    running = false;
  };
  return {
    get running() {
      return running;
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

function instrumentsOf(meter: MeterLike): ReadonlyMap<Metric, unknown> {
  let made = instruments.get(meter);
  if (made === undefined) {
    made = new Map(METRICS.map((metric) => [metric, make(meter, metric)]));
    instruments.set(meter, made);
  }
  return made;
}

function make(meter: MeterLike, metric: Metric): unknown {
  const options = { description: metric.help, unit: metric.unit };
  return meter[`createObservable${instrumentKind(metric)}`](`plateau.${metric.name}`, options);
}

const METHODS = [
  'createObservableCounter',
  'createObservableUpDownCounter',
  'createObservableGauge',
  'addBatchObservableCallback',
  'removeBatchObservableCallback',
] as const satisfies readonly (keyof MeterLike)[];

function readMeter(value: unknown): MeterLike {
  const meter = (value ?? {}) as Partial<MeterLike>;
  if (METHODS.some((name) => typeof meter[name] !== 'function')) {
    throw invalidOption(
      'meter',
      "a meter of @opentelemetry/api, such as `metrics.getMeter('plateau')`",
      value,
    );
  }
  return value as MeterLike;
}
