/**
 * One load, done once across worker threads and instances as far as that is possible, and in any case done.
 *
 * Redis is read; on a miss the key is locked there, and who has the lock loads and stores. Who has not looks again and
 * again until a value is there or the lock is free, and after `lockWait` takes the lock by force. Where Redis cannot be
 * reached, the value is loaded at once and used here, for no longer than `maxStaleOnDisconnect`.
 *
 * The lock only saves work. That an old value is never stored over a newer one follows from the lock being broken by
 * every write, see `scripts.ts`, and holds whoever loads and however long.
 */

import { clearBackgroundTimeout, setBackgroundTimeout } from '../background';
import type { Loader } from '../cache/loads';
import { plateauError } from '../errors';
import type { Call } from './calls';
import { now, tick } from './clock';
import type { Core, Loaded } from './core';
import { Lock } from './lock';
import type { Reading } from './remote';
import type { TieredEntry } from './types';
import { overWorkers } from './workers';
import type { Writes } from './writes';

/** What is being refreshed: an entry, or whatever stale one there is in Redis. */
export type Refreshing<V> = TieredEntry<V> | 'stale' | undefined;

export class Loads<V> {
  readonly #core: Core<V>;
  readonly #writes: Writes<V>;
  readonly #refresh: (key: string, loader: Loader<string, V>, call: Call) => void;

  constructor(
    core: Core<V>,
    writes: Writes<V>,
    refresh: (key: string, loader: Loader<string, V>, call: Call) => void,
  ) {
    this.#core = core;
    this.#writes = writes;
    this.#refresh = refresh;
  }

  run(
    key: string,
    loader: Loader<string, V>,
    call: Call,
    controller: AbortController,
    refreshing?: Refreshing<V>,
  ): Promise<Loaded<V>> {
    const once = (): Promise<Loaded<V>> => this.#run(key, loader, call, controller, refreshing);
    return refreshing === undefined ? overWorkers(this.#core, key, once) : once();
  }

  async #run(
    key: string,
    loader: Loader<string, V>,
    call: Call,
    controller: AbortController,
    refreshing: Refreshing<V>,
  ): Promise<Loaded<V>> {
    const { local, remote, reporter } = this.#core;
    let lock: Lock<V> | undefined;
    let operation: 'read' | 'lock' = 'read';
    try {
      if (!this.#writes.repairs.concerns(key) || (await this.#writes.isReadable(key))) {
        let reading = await remote.read(key);
        const found = this.#use(key, loader, call, reading, refreshing);
        if (found !== undefined) return found;
        operation = 'lock';
        // Before the load: what is deleted by tag from now on includes this key.
        await this.#writes.index(key, call);
        lock = new Lock(this.#core, key);
        while (!(await lock.take(reading.line, controller.signal, refreshing === undefined))) {
          if (lock.seen === undefined) return undefined;
          reading = lock.seen;
          const stored = this.#use(key, loader, call, reading, refreshing);
          if (stored === undefined) continue;
          if (lock.hasWaited) this.#core.counters.sharedLoads++;
          return stored;
        }
      }
    } catch (error) {
      if (controller.signal.aborted) throw error;
      lock = undefined;
      reporter.report(error, operation, key);
    }
    try {
      const old = local.find(key, now());
      return await this.#load(key, loader, call, controller, lock, old?.v);
    } finally {
      lock?.release();
    }
  }

  /** What is found in Redis, if that is what was wanted. */
  #use(
    key: string,
    loader: Loader<string, V>,
    call: Call,
    { entry }: Reading<V>,
    refreshing: Refreshing<V>,
  ): Loaded<V> {
    const { local, counters } = this.#core;
    if (entry === undefined) {
      counters.remoteMisses++;
      return undefined;
    }
    local.keep(key, entry);
    const at = now();
    if (at < entry.f) {
      // The very one that is to be replaced.
      if (typeof refreshing === 'object' && refreshing.i === entry.i) return undefined;
      counters.remoteHits++;
      return { entry };
    }
    counters.remoteMisses++;
    if (refreshing !== undefined || at >= entry.f + call.staleWhileRevalidate) return undefined;
    counters.staleHits++;
    // When this flight has landed, as there is one for a key.
    setImmediate(() => this.#refresh(key, loader, call));
    return { entry };
  }

  async #load(
    key: string,
    loader: Loader<string, V>,
    call: Call,
    controller: AbortController,
    lock: Lock<V> | undefined,
    stale: V | undefined,
  ): Promise<Loaded<V>> {
    const { counters } = this.#core;
    const began = tick();
    counters.loads++;
    let value: V;
    try {
      value = await this.#timed(() => loader(key, { signal: controller.signal, stale }), controller);
    } catch (error) {
      counters.loadFailures++;
      throw error;
    }
    const cost = now() - began;
    const entry = { v: value, a: began, f: began, e: began, c: cost, i: '' };
    // There is nothing to be stored, and the callers get what the loader gave.
    if (value === undefined) return { entry };
    return { entry: await this.#store(key, call, entry, lock) };
  }

  /** Runs the loader, and calls it off after `loadTimeout`. */
  #timed(load: () => V | PromiseLike<V>, controller: AbortController): Promise<V> {
    const { loadTimeout } = this.#core.settings;
    return new Promise((resolve, reject) => {
      const timer = setBackgroundTimeout(() => {
        const error = plateauError('PLATEAU_LOAD_TIMEOUT', `the loader took longer than ${loadTimeout} ms`);
        controller.abort(error);
        reject(error);
      }, loadTimeout);
      (async () => load())()
        .then(resolve, reject)
        .finally(() => clearBackgroundTimeout(timer));
    });
  }

  async #store(
    key: string,
    call: Call,
    loaded: TieredEntry<V>,
    lock: Lock<V> | undefined,
  ): Promise<TieredEntry<V>> {
    const { local, remote, reporter, settings } = this.#core;
    let entry = loaded;
    let isStored = false;
    let operation: 'encode' | 'set' = 'encode';
    try {
      const storable = remote.storable(loaded.v, call.ttl, call.grace, loaded.c);
      const fresh = now() + storable.ttl;
      entry = { ...loaded, f: fresh, e: fresh + call.grace, i: storable.id };
      operation = 'set';
      if (lock !== undefined) {
        // Anew, as loading has taken its time.
        await this.#writes.index(key, call);
        if (!(await lock.commit(storable))) return entry;
        isStored = true;
      }
    } catch (error) {
      reporter.report(error, operation, key);
      if (operation === 'encode') {
        const fresh = now() + call.ttl;
        entry = { ...loaded, f: fresh, e: fresh + call.grace };
      }
    }
    // What only this instance knows is not known to be deleted elsewhere.
    local.keep(key, entry, isStored ? undefined : settings.maxStaleOnDisconnect);
    return entry;
  }
}
