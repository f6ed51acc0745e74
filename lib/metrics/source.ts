/** Where a registration's metrics get their values from. */

import { printError, warnOnce } from '../lifetime/report-error';
import { startMemorySampler } from '../memory/sampler';
import { CacheAccounts } from './caches';
import { ListenerAccounts } from './listeners';
import { type Metric, type Point, readPoints } from './metric';
import type { ReadMetricsOptions } from './options';
import { type Accounts, Scrape } from './scrape';
import { SharedAccounts } from './shared-caches';

export class MetricsSource {
  readonly #accounts: Accounts;
  readonly #labels: ReadMetricsOptions['labels'];
  readonly #labelled: boolean;
  #scrape: Scrape | undefined;

  /** Starts the memory sampler where none runs: what is not watched cannot be shown later. */
  constructor({ labels, maxCaches, maxSites }: ReadMetricsOptions) {
    startMemorySampler();
    this.#labels = labels;
    this.#labelled = Object.keys(labels).length > 0;
    this.#accounts = {
      caches: new CacheAccounts(maxCaches),
      shared: new SharedAccounts(maxCaches),
      listeners: new ListenerAccounts(),
      maxSites,
    };
  }

  /**
   * The points of a metric. All that is asked for in one go sees the same moment. What goes wrong becomes a process
   * warning and leaves the metric without points: the application's own metrics must not be lost with it.
   */
  read(metric: Metric): Point[] {
    try {
      const points = readPoints(metric, this.#current());
      if (!this.#labelled) return points;
      return points.map(({ value, labels }) => ({ value, labels: { ...this.#labels, ...labels } }));
    } catch (error) {
      // One failure may concern many metrics, each time they are read.
      const reason = printError(error);
      warnOnce(
        `metrics ${reason.split('\n', 1)[0]}`,
        `${metric.name} could not be read: ${reason}`,
        'PLATEAU_METRICS',
      );
      return [];
    }
  }

  #current(): Scrape {
    if (this.#scrape === undefined) {
      this.#scrape = new Scrape(this.#accounts);
      queueMicrotask(() => {
        this.#scrape = undefined;
      });
    }
    return this.#scrape;
  }
}
