/**
 * Puts together what the dashboard tells. Nothing of it is computed before somebody asks, and then at most once a
 * second, however many ask. Whatever comes from the program is bounded in number and length.
 */

import { threadId } from 'node:worker_threads';
import { realNow } from '../background';
import { caches } from '../cache/registry';
import type { CacheStats } from '../cache/stats';
import { listenerReport } from '../listeners/report';
import { type MemorySampler, memorySampler, startMemorySampler } from '../memory/sampler';
import { scopeReport } from '../scope/report';
import { type OpenStore, openStores } from '../shared/open';
import { version } from '../version';
import { Isolates } from './isolates';
import type { DashboardCache, DashboardHistory, DashboardState } from './types';

const MOST_CACHES = 50;
const MOST_SITES = 20;
const MOST_TEXT = 200;
/** How old an answer may be, in ms. Less than the second between two events, so that each is new. */
const FRESH = 900;
/** Looking at all listeners takes time in proportion to them: every five seconds, and at most this share of the time. */
const SITES_EVERY = 5000;
const SITES_SHARE = 0.01;

/** The stretches of the past that can be asked for: seconds, and seconds per bucket. */
const RANGES: Record<string, { seconds: number; resolution: number }> = {
  '10m': { seconds: 600, resolution: 1 },
  '2h': { seconds: 7200, resolution: 10 },
  '24h': { seconds: 86_400, resolution: 60 },
};

type Sites = Pick<DashboardState, 'listeners' | 'scopes'>;

export class StateSource {
  readonly #title: string | undefined;
  readonly #isolates = new Isolates();
  #sampler: MemorySampler | undefined;
  #text = '';
  #leaking = false;
  #madeAt = Number.NEGATIVE_INFINITY;
  #sites: Sites = { listeners: [], scopes: [] };
  #sitesDue = Number.NEGATIVE_INFINITY;

  constructor(title: string | undefined) {
    this.#title = title;
  }

  /** Reads what takes a while to read, for the next `state()`. */
  prepare(): Promise<void> {
    return this.#isolates.refresh(this.#current());
  }

  /** The state as JSON, and whether its verdict is a leak. */
  state(): { text: string; leaking: boolean } {
    const now = realNow();
    // For the next time.
    void this.prepare();
    if (now - this.#madeAt >= FRESH) {
      const state = this.#make(now);
      this.#text = JSON.stringify(state);
      this.#leaking = state.verdict.verdict === 'leak';
      this.#madeAt = now;
    }
    return { text: this.#text, leaking: this.#leaking };
  }

  /** The past as JSON; `undefined` for a range that there is not. */
  history(range: string): string | undefined {
    const asked = Object.hasOwn(RANGES, range) ? RANGES[range] : undefined;
    if (asked === undefined) return undefined;
    const buckets = this.#current().history(asked);
    const column = (pick: (bucket: (typeof buckets)[number]) => number) => buckets.map(pick);
    const history: DashboardHistory = {
      resolution: asked.resolution,
      at: column(({ at }) => at),
      floor: column(({ floor }) => Math.round(floor.last)),
      used: column(({ used }) => Math.round(used.max)),
      external: column(({ external }) => Math.round(external.last)),
      native: column(({ native }) => Math.round(native.last)),
      rss: column(({ rss }) => Math.round(rss.max)),
      gcShare: column(({ gcShare }) => rounded(gcShare.max, 1e5)),
      loopDelay: column(({ loopDelay }) => rounded(loopDelay.max, 100)),
    };
    return JSON.stringify(history);
  }

  /** The sampler of this thread, or the last that there was; without any, one is started. */
  #current(): MemorySampler {
    this.#sampler = memorySampler() ?? this.#sampler ?? startMemorySampler();
    return this.#sampler;
  }

  #make(now: number): DashboardState {
    const sampler = this.#current();
    const sample = sampler.sample();
    const verdict = sampler.verdict();
    return {
      at: Date.now(),
      title: this.#title,
      process: {
        pid: process.pid,
        thread: threadId,
        uptime: process.uptime(),
        node: process.versions.node,
        plateau: version,
      },
      running: sampler.running,
      sample: sample ?? null,
      verdict,
      caches: cacheRows(),
      ...this.#sitesAt(now),
      isolates: this.#isolates.rows(sampler, sample, verdict),
    };
  }

  #sitesAt(now: number): Sites {
    if (now >= this.#sitesDue) {
      this.#sites = {
        listeners: listenerReport().sites.slice(0, MOST_SITES).map(clipped),
        scopes: scopeReport().sites.slice(0, MOST_SITES).map(clipped),
      };
      const done = realNow();
      this.#sitesDue = done + Math.max(SITES_EVERY, (done - now) / SITES_SHARE);
    }
    return this.#sites;
  }
}

function cacheRows(): DashboardCache[] {
  const own = caches()
    .sort((a, b) => b.bytes - a.bytes || b.size - a.size)
    // Before their statistics, which cost more.
    .slice(0, MOST_CACHES)
    .map((cache) => cacheRow(String(cache.name), cache.stats(), false));
  const shared = openStores().map((store) => cacheRow(store.name, store, true));
  return [...own, ...shared].sort((a, b) => b.bytes - a.bytes || b.entries - a.entries).slice(0, MOST_CACHES);
}

function cacheRow(name: string, stats: CacheStats | OpenStore, shared: boolean): DashboardCache {
  const { entries, maxEntries, bytes, maxBytes, hits, misses, hitRatio, removals } = stats;
  return {
    ...{ name: clip(name), shared, entries, maxEntries: bound(maxEntries), bytes, maxBytes: bound(maxBytes) },
    ...{ hits, misses, hitRatio, evicted: removals.evicted },
  };
}

/** JSON has no infinity. */
function bound(most: number): number | null {
  return Number.isFinite(most) ? most : null;
}

/** The row with no text longer than it should be: names of events and requests come from the program's users. */
function clipped<Row extends object>(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Array.isArray(value) ? value.map(clip) : clip(value)]),
  ) as Row;
}

function clip<T>(value: T): T {
  return typeof value === 'string' && value.length > MOST_TEXT
    ? (`${value.slice(0, MOST_TEXT)}…` as T & string)
    : value;
}

function rounded(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
