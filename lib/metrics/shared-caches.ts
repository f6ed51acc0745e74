/**
 * Figures of the shared caches, by name. They are the process's, whichever thread asks, and counted where they live; what
 * is added up here outlives a cache that is closed and opened again, and a reset of its statistics.
 */

import { type OpenStore, openStores } from '../shared/open';
import { addRise, type EntryCounts, entryCounts, Named, NO_ENTRIES } from './named';

/** One name. */
export interface SharedFigures {
  readonly cache: string;
  readonly counts: EntryCounts;
  /** Undefined when no store of that name is open. */
  state: SharedState | undefined;
}

/** Sums, where several stores are together. */
type SharedState = Pick<
  OpenStore,
  'entries' | 'maxEntries' | 'bytes' | 'maxBytes' | 'payloadBytes' | 'leases' | 'handles'
>;

export class SharedAccounts {
  readonly #names: Named<SharedFigures>;
  /** What the stores that are open had counted when they were last looked at, by their names. */
  #before = new Map<string, EntryCounts>();

  constructor(maxNames: number) {
    this.#names = new Named(maxNames, (cache) => ({ cache, counts: { ...NO_ENTRIES }, state: undefined }));
  }

  /** The figures now. */
  read(): readonly SharedFigures[] {
    for (const figures of this.#names.values()) figures.state = undefined;
    const seen = new Map<string, EntryCounts>();
    for (const store of openStores()) {
      const figures = this.#names.of(store.name);
      const counts = entryCounts(store);
      addRise(figures.counts, this.#before.get(store.name) ?? NO_ENTRIES, counts);
      seen.set(store.name, counts);
      figures.state = sum(figures.state, store);
    }
    this.#before = seen;
    return [...this.#names.values()];
  }
}

function sum(state: SharedState | undefined, store: OpenStore): SharedState {
  const { entries, maxEntries, bytes, maxBytes, payloadBytes, leases, handles } = store;
  const own: SharedState = { entries, maxEntries, bytes, maxBytes, payloadBytes, leases, handles };
  if (state === undefined) return own;
  for (const name of Object.keys(own) as (keyof SharedState)[]) own[name] += state[name];
  return own;
}
