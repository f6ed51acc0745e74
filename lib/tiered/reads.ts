/** Reading without loading: the local tier, then Redis, asked once per key however many wait. */

import { now } from './clock';
import type { Core } from './core';
import type { TieredEntry } from './types';
import type { Writes } from './writes';

export class Reads<V> {
  readonly #core: Core<V>;
  readonly #writes: Writes<V>;

  constructor(core: Core<V>, writes: Writes<V>) {
    this.#core = core;
    this.#writes = writes;
  }

  /** The fresh entry of a key, if it can be had. Never rejects for Redis' sake. */
  find(key: string): Promise<TieredEntry<V> | undefined> {
    const { local, counters, coherence, reads } = this.#core;
    const at = now();
    const entry = local.current(key, at);
    if (entry !== undefined && at < entry.f) {
      counters.localHits++;
      return Promise.resolve(entry);
    }
    counters.localMisses++;
    let flight = reads.get(key);
    // One that began long ago may come back with what has been overwritten meanwhile.
    if (flight === undefined || !coherence.covers(flight.began, at)) {
      flight = reads.start(key, false, () => this.#read(key));
    }
    return flight.promise;
  }

  async #read(key: string): Promise<TieredEntry<V> | undefined> {
    const { remote, counters, reporter, local } = this.#core;
    if (this.#writes.repairs.concerns(key) && !(await this.#writes.isReadable(key))) return undefined;
    try {
      const { entry } = await remote.read(key);
      // A stale one too: it may be asked for by who accepts that.
      if (entry !== undefined) local.keep(key, entry);
      if (entry !== undefined && now() < entry.f) {
        counters.remoteHits++;
        return entry;
      }
      counters.remoteMisses++;
    } catch (error) {
      reporter.report(error, 'read', key);
    }
    return undefined;
  }
}
