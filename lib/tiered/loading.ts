/**
 * `getOrLoad`: what a caller gets, and when loading begins. How a load is done once across instances is in `loads.ts`.
 */

import type { Loader } from '../cache/loads';
import { plateauError } from '../errors';
import type { Call } from './calls';
import { now } from './clock';
import type { Core } from './core';
import { Loads } from './loads';
import type { TieredEntry } from './types';
import type { Writes } from './writes';

export class Loading<V> {
  readonly #core: Core<V>;
  readonly #loads: Loads<V>;

  constructor(core: Core<V>, writes: Writes<V>) {
    this.#core = core;
    this.#loads = new Loads(core, writes, (key, loader, call) => this.#refresh(key, loader, call));
  }

  async get(key: string, loader: Loader<string, V>, call: Call): Promise<V> {
    const { local, counters, coherence } = this.#core;
    if (call.signal?.aborted) throw call.signal.reason;
    const at = now();
    const entry = local.find(key, at);
    if (entry !== undefined && coherence.covers(entry.a, at)) {
      if (at < entry.f) {
        counters.localHits++;
        if (isDue(entry, call.earlyRefresh, at)) this.#refreshEarly(key, loader, call, entry);
        return entry.v;
      }
      if (at < entry.f + call.staleWhileRevalidate) {
        counters.staleHits++;
        this.#refresh(key, loader, call, entry);
        return entry.v;
      }
    }
    counters.localMisses++;
    try {
      return await this.#load(key, loader, call);
    } catch (error) {
      // A caller that gave up wants no value; one whose load failed, took too long or was refused does.
      if (call.staleIfError === 0 || call.signal?.aborted) throw error;
      const later = now();
      const kept = local.find(key, later);
      if (kept === undefined || later >= kept.f + call.staleIfError) throw error;
      counters.staleHits++;
      return kept.v;
    }
  }

  /** The value by the load under way, or by a new one. */
  async #load(key: string, loader: Loader<string, V>, call: Call): Promise<V> {
    const { loads, coherence } = this.#core;
    for (;;) {
      let flight = loads.get(key);
      // One that began long ago, while nothing was heard of writes elsewhere, may come back with an old value.
      if (flight === undefined || !coherence.covers(flight.began, now())) {
        this.#admit();
        flight = loads.start(key, false, (controller) => this.#loads.run(key, loader, call, controller));
      }
      const loaded = await loads.join(key, flight, call.signal, call.timeout);
      if (loaded !== undefined) return loaded.entry.v;
      // It was a refresh that has left the loading to another instance.
    }
  }

  #admit(): void {
    const { maxLoads } = this.#core.settings;
    if (this.#core.loads.count < maxLoads) return;
    throw plateauError('PLATEAU_TOO_MANY_LOADS', `${maxLoads} loads are in flight, no more are allowed`);
  }

  #refreshEarly(key: string, loader: Loader<string, V>, call: Call, entry: TieredEntry<V>): void {
    if (this.#refresh(key, loader, call, entry)) this.#core.counters.earlyRefreshes++;
  }

  /** Loads anew in the background, unless somebody does; whether it was begun. */
  #refresh(key: string, loader: Loader<string, V>, call: Call, old?: TieredEntry<V>): boolean {
    const { loads, settings } = this.#core;
    if (loads.get(key) !== undefined || loads.count >= settings.maxLoads) return false;
    loads.start(key, true, (controller) => this.#loads.run(key, loader, call, controller, old ?? 'stale'));
    return true;
  }
}

/**
 * Whether an entry is to be refreshed before it expires, by chance: XFetch of Vattani, Chierichetti and Lowenstein,
 * "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015. The time is taken to be later than it is by the time a
 * load takes, times an exponentially distributed number.
 */
function isDue({ f, c }: TieredEntry<unknown>, beta: number, at: number): boolean {
  return beta !== 0 && c !== 0 && at - c * beta * Math.log(1 - Math.random()) >= f;
}
