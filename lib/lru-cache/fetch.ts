/**
 * `fetch`: one load per key at a time. A promise stands in the entry's place while it is under way, and knows the value
 * it replaces. Whether it still stands there when it settles decides what becomes of the result.
 */

import type { Core } from './core';
import { read } from './reads';
import type { LruStatus } from './status';
import type { BackgroundFetch, LruFetcherFetchOptions, LruFetchOptions } from './types';

type Defined = NonNullable<unknown>;

/** The options of a call with the cache's defaults filled in: what a `fetchMethod` may change. */
type Settings<K, V, FC> = LruFetcherFetchOptions<K, V, FC> & { signal: AbortSignal | undefined };

/** What `fetch` does; `status` is its status object, if anybody wants one. */
export async function fetchEntry<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  key: K,
  given: LruFetchOptions<K, V, FC>,
  status: LruStatus<K, V, FC> | undefined,
): Promise<V | undefined> {
  const { forceRefresh = false, context } = given;
  if (status) {
    status.op = 'fetch';
    status.key = key;
    if (forceRefresh) status.forceRefresh = true;
    status.cache = core.owner;
  }
  if (core.settings.fetchMethod === undefined) {
    if (status) status.fetch = 'get';
    return read(core, key, given, status);
  }
  const settings = withDefaults(core, given, status);
  const { store, age } = core;
  const slot = store.index.find(key);
  if (slot === 0) {
    if (status) status.fetch = 'miss';
    return awaited(startFetch(core, key, settings, context as FC));
  }
  const held = store.values[slot] as V | BackgroundFetch<V>;
  if (core.isFetch(held)) {
    const isEnough = settings.allowStale && held.__staleWhileFetching !== undefined;
    if (status) {
      status.fetch = 'inflight';
      if (isEnough) status.returnedStale = true;
    }
    return isEnough ? held.__staleWhileFetching : awaited(held);
  }
  const isStale = core.isStale(slot);
  if (!forceRefresh && !isStale) {
    if (status) status.fetch = 'hit';
    store.touch(slot);
    if (settings.updateAgeOnGet) age?.renew(slot);
    if (status) age?.describe(slot, status);
    return held;
  }
  const started = startFetch(core, key, settings, context as FC);
  const isEnough = settings.allowStale && started.__staleWhileFetching !== undefined;
  if (status) {
    status.fetch = isStale ? 'stale' : 'refresh';
    if (isEnough && isStale) status.returnedStale = true;
  }
  return isEnough ? started.__staleWhileFetching : awaited(started);
}

/** Somebody waits for it: it may reject. */
function awaited<V>(fetching: BackgroundFetch<V>): BackgroundFetch<V> {
  fetching.__returned = fetching;
  return fetching;
}

function withDefaults<K extends Defined, V extends Defined, FC>(
  { owner }: Core<K, V, FC>,
  given: LruFetchOptions<K, V, FC>,
  status: LruStatus<K, V, FC> | undefined,
): Settings<K, V, FC> {
  const {
    allowStale = owner.allowStale,
    updateAgeOnGet = owner.updateAgeOnGet,
    noDeleteOnStaleGet = owner.noDeleteOnStaleGet,
    ttl = owner.ttl,
    noDisposeOnSet = owner.noDisposeOnSet,
    size = 0,
    sizeCalculation = owner.sizeCalculation,
    noUpdateTTL = owner.noUpdateTTL,
    noDeleteOnFetchRejection = owner.noDeleteOnFetchRejection,
    allowStaleOnFetchRejection = owner.allowStaleOnFetchRejection,
    ignoreFetchAbort = owner.ignoreFetchAbort,
    allowStaleOnFetchAbort = owner.allowStaleOnFetchAbort,
    signal,
  } = given;
  const settings = {
    allowStale,
    updateAgeOnGet,
    noDeleteOnStaleGet,
    ttl,
    noDisposeOnSet,
    size,
    sizeCalculation,
    noUpdateTTL,
    noDeleteOnFetchRejection,
    allowStaleOnFetchRejection,
    allowStaleOnFetchAbort,
    ignoreFetchAbort,
    status,
    signal,
  };
  // `sizeCalculation` and `status` are there for the fetch method to see and set, even if undefined.
  return settings as Settings<K, V, FC>;
}

/** Calls `fetchMethod`, unless a fetch of the key is under way, and puts the promise in the entry's place. */
export function startFetch<K extends Defined, V extends Defined, FC>(
  core: Core<K, V, FC>,
  key: K,
  settings: Settings<K, V, FC>,
  context: FC,
): BackgroundFetch<V> {
  const { store } = core;
  const slot = store.index.find(key);
  const held = slot === 0 ? undefined : store.values[slot];
  if (core.isFetch(held)) return held;
  const controller = new AbortController();
  const { signal: outer } = settings;
  outer?.addEventListener('abort', () => controller.abort(outer.reason), { signal: controller.signal });
  const task = new Task(core, key, controller, settings);
  const promise = task.run(held, context);
  const fetching: BackgroundFetch<V> = Object.assign(promise, {
    __abortController: controller,
    __staleWhileFetching: held,
    __returned: undefined,
  });
  task.promise = fetching;
  const now = store.index.find(key);
  // An entry that is being refreshed has not been used yet: it keeps its place in the order, and its size.
  if (now !== 0 && slot !== 0) store.values[now] = fetching;
  else core.set(key, fetching, settings);
  task.place = store.index.find(key);
  return fetching;
}

/** A fetch from start to end. */
class Task<K extends Defined, V extends Defined, FC> {
  promise!: BackgroundFetch<V>;
  /** The slot that it stands in, 0 if it was not stored. */
  place = 0;
  readonly #core: Core<K, V, FC>;
  readonly #key: K;
  readonly #signal: AbortSignal;
  readonly #settings: Settings<K, V, FC>;

  constructor(core: Core<K, V, FC>, key: K, controller: AbortController, settings: Settings<K, V, FC>) {
    this.#core = core;
    this.#key = key;
    this.#signal = controller.signal;
    this.#settings = settings;
  }

  run(stale: V | undefined, context: FC): Promise<V | undefined> {
    const settings = this.#settings;
    const signal = this.#signal;
    if (settings.status) settings.status.fetchDispatched = true;
    const started = new Promise<V | undefined>((resolve, reject) => {
      const result = this.#core.settings.fetchMethod?.(this.#key, stale, {
        signal,
        options: settings,
        context,
      });
      let settle: (value: V | undefined) => void = resolve;
      signal.addEventListener('abort', () => {
        // Asked only now, as the fetch method may have changed it.
        if (settings.ignoreFetchAbort && !settings.allowStaleOnFetchAbort) return;
        resolve(undefined);
        // What comes later is for the cache alone.
        if (settings.allowStaleOnFetchAbort) settle = (value) => this.#resolved(value, true);
      });
      if (result instanceof Promise) result.then((value) => settle(value as V | undefined), reject);
      else if (result !== undefined) resolve(result as V);
    });
    return started.then(
      (value) => this.#resolved(value, false),
      (error: unknown) => this.#rejected(error),
    );
  }

  /** `late` is what arrives after an abort that the caller has been told of. */
  #resolved(value: V | undefined, late: boolean): V | undefined {
    const { ignoreFetchAbort, allowStaleOnFetchAbort, status } = this.#settings;
    const { aborted, reason } = this.#signal;
    const isWanted = ignoreFetchAbort && value !== undefined;
    if (status) {
      if (aborted && !late) {
        status.fetchAborted = true;
        status.fetchError = reason;
        if (isWanted) status.fetchAbortIgnored = true;
      } else status.fetchResolved = true;
    }
    if (aborted && !late && !isWanted) {
      return this.#failed(reason, ignoreFetchAbort || (allowStaleOnFetchAbort && value !== undefined));
    }
    const { promise } = this;
    const held = this.#held();
    if (held === promise || (held === undefined && late && isWanted && this.#isPlaceFree())) {
      if (value !== undefined) {
        if (status) status.fetchUpdated = true;
        this.#core.set(this.#key, value, this.#settings, status, promise);
      } else if (promise.__staleWhileFetching !== undefined) this.#restore();
      else this.#core.delete(this.#key, 'fetch');
    }
    return value;
  }

  #rejected(error: unknown): V | undefined {
    const { status } = this.#settings;
    if (status) {
      status.fetchRejected = true;
      status.fetchError = error as Error;
    }
    return this.#failed(error, false);
  }

  /** `mayComeLater` is whether an aborted fetch goes on. */
  #failed(error: unknown, mayComeLater: boolean | undefined): V | undefined {
    const { allowStaleOnFetchAbort, allowStaleOnFetchRejection, noDeleteOnFetchRejection } = this.#settings;
    const { status } = this.#settings;
    const { promise } = this;
    const stale = promise.__staleWhileFetching;
    const isStaleAborted = this.#signal.aborted && allowStaleOnFetchAbort;
    const mayBeStale = isStaleAborted || allowStaleOnFetchRejection;
    if (this.#held() === promise) {
      const isKept = mayBeStale || noDeleteOnFetchRejection;
      if (!isKept || (stale === undefined && !(mayComeLater && isStaleAborted))) {
        this.#core.delete(this.#key, 'fetch');
      } else if (!isStaleAborted) this.#restore();
    }
    if (mayBeStale) {
      if (status && stale !== undefined) status.returnedStale = true;
      return stale;
    }
    // Without anybody waiting, nobody would handle the rejection.
    if (promise.__returned === promise) throw error;
    return undefined;
  }

  /** What stands in the entry's place. */
  #held(): V | BackgroundFetch<V> | undefined {
    const { store } = this.#core;
    const slot = store.index.find(this.#key);
    return slot === 0 ? undefined : store.values[slot];
  }

  /** Whether no other entry has taken its place: what comes late must not make others leave. */
  #isPlaceFree(): boolean {
    const { hot, used } = this.#core.store;
    return this.place === 0 || this.place >= used || hot[2 * this.place] === 0;
  }

  /** Puts the value back that was there before. */
  #restore(): void {
    const { store } = this.#core;
    store.values[store.index.find(this.#key)] = this.promise.__staleWhileFetching;
  }
}
