/** Registers the metrics with the application's registry, and takes them away again. */

import { invalidOption, outOfRange, plateauError } from '../errors';
import {
  COMMON_OPTIONS,
  type MetricsOptions,
  type MetricsRegistration,
  readMetricsOptions,
} from '../metrics/options';
import { MetricsSource } from '../metrics/source';
import { METRICS } from '../metrics/table';
import { readKnown } from '../options';
import { RegistryMetric } from './registry-metric';

/** What is used of a `Registry` of prom-client. */
export interface RegistryLike {
  // biome-ignore lint/suspicious/noExplicitAny: prom-client's own type of a metric, which need not be installed
  registerMetric(metric: any): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** Options of `registerMetrics`. */
export interface PrometheusOptions extends MetricsOptions {
  /** The application's registry: `register` of prom-client, or a `Registry` of its own. */
  register: RegistryLike;
  /** What all names begin with. Default `plateau_`. */
  prefix?: string;
}

/** Registrations by registry and prefix. */
const registrations = new WeakMap<RegistryLike, Map<string, Registration>>();

class Registration implements MetricsRegistration {
  readonly #register: RegistryLike;
  /** By the name under which the registry has them; `metric.name` may change. */
  readonly #metrics: ReadonlyMap<string, RegistryMetric>;

  constructor(register: RegistryLike, metrics: readonly RegistryMetric[]) {
    this.#register = register;
    this.#metrics = new Map(metrics.map((metric) => [metric.name, metric]));
    for (const name of this.#metrics.keys()) {
      if (register.getSingleMetric(name) === undefined) continue;
      throw plateauError(
        'PLATEAU_METRIC_TAKEN',
        `there is another metric ${name} in the registry: give registerMetrics another prefix`,
      );
    }
    for (const metric of metrics) register.registerMetric(metric);
  }

  /** Not after the registry was cleared. */
  get running(): boolean {
    for (const [name, metric] of this.#metrics) {
      if (this.#register.getSingleMetric(name) === metric) return true;
    }
    return false;
  }

  stop(): void {
    for (const [name, metric] of this.#metrics) {
      if (this.#register.getSingleMetric(name) === metric) this.#register.removeSingleMetric(name);
    }
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}

/**
 * Registers plateau's metrics with a registry of prom-client 15 or later, and starts the memory sampler of this thread if
 * none runs. Values are read when the registry is: a scrape takes about half a millisecond, and longer where many
 * thousands of listeners are observed. `docs/metrics.md` lists the metrics, their labels, and how many series they are.
 *
 * In the main thread the memory of all threads that have a sampler is shown, with a label `thread`; caches, listeners and
 * scopes are those of the thread that registers. Registering twice with one registry and prefix is the same
 * registration, whose options then stay.
 *
 * @example
 * import { register } from 'prom-client';
 * import { registerMetrics } from 'plateau/prometheus';
 *
 * registerMetrics({ register });
 *
 * @throws TypeError | RangeError `PLATEAU_INVALID_ARGUMENT`, `PLATEAU_INVALID_OPTION`, `PLATEAU_OUT_OF_RANGE` for options
 * that are wrong
 * @throws Error `PLATEAU_METRIC_TAKEN` when the registry has another metric of one of the names; then none is registered
 */
export function registerMetrics(options: PrometheusOptions): MetricsRegistration {
  const known = readKnown(options, ['register', 'prefix', ...COMMON_OPTIONS]);
  const register = readRegister(known.register);
  const prefix = readPrefix(known.prefix);
  const read = readMetricsOptions(known);
  const byPrefix = registrations.get(register) ?? new Map<string, Registration>();
  const before = byPrefix.get(prefix);
  if (before?.running) return before;
  const source = new MetricsSource(read);
  const registration = new Registration(
    register,
    METRICS.map((metric) => new RegistryMetric(prefix, metric, source)),
  );
  registrations.set(register, byPrefix.set(prefix, registration));
  return registration;
}

function readRegister(value: unknown): RegistryLike {
  const { registerMetric, getSingleMetric, removeSingleMetric } = (value ?? {}) as Partial<RegistryLike>;
  const functions = [registerMetric, getSingleMetric, removeSingleMetric];
  if (functions.some((each) => typeof each !== 'function')) {
    throw invalidOption('register', 'a registry of prom-client, such as its `register`', value);
  }
  return value as RegistryLike;
}

function readPrefix(value: unknown = 'plateau_'): string {
  const accepted = 'the start of a metric name: letters, digits and underscores, no digit first';
  if (typeof value !== 'string') throw invalidOption('prefix', accepted, value);
  if (!/^(?:[a-z_]\w*)?$/i.test(value)) throw outOfRange('prefix', accepted, value);
  return value;
}
