/**
 * Figures of the shared caches, by name. They are the process's, whichever thread asks, and counted where they live; what
 * is added up here outlives a cache that is closed and opened again, and a reset of its statistics.
 */

import { type OpenStore, openStores } from '../shared/open';
import { addRise, Names } from './names';

/** Counters of a store, each of them a number that rises. */
export interface SharedCounts {
  hits: number;
  misses: number;
  sets: number;
  rejected: number;
  evicted: number;
  expired: number;
  deleted: number;
  replaced: number;
  cleared: number;
}

/** One name. */
export interface SharedFigures {
  readonly cache: string;
  readonly counts: SharedCounts;
  /** Undefined when no store of that name is open. */
  state: SharedState | undefined;
}

/** Sums, where several stores are together. */
type SharedState = Pick<
  OpenStore,
  'entries' | 'maxEntries' | 'bytes' | 'maxBytes' | 'payloadBytes' | 'leases' | 'handles'
>;

export class SharedAccounts {
  readonly #names: Names<SharedFigures>;
  /** What the stores that are open had counted when they were last looked at, by their names. */
  #before = new Map<string, SharedCounts>();

  constructor(maxNames: number) {
    this.#names = new Names(maxNames, (cache) => ({ cache, counts: zero(), state: undefined }));
  }

  /** The figures now. */
  read(): readonly SharedFigures[] {
    for (const figures of this.#names.values()) figures.state = undefined;
    const seen = new Map<string, SharedCounts>();
    for (const store of openStores()) {
      const figures = this.#names.of(store.name);
      const counts = countsOf(store);
      addRise(figures.counts, this.#before.get(store.name) ?? zero(), counts);
      seen.set(store.name, counts);
      figures.state = sum(figures.state, store);
    }
    this.#before = seen;
    return [...this.#names.values()];
  }
}

function zero(): SharedCounts {
  return {
    hits: 0,
    misses: 0,
    sets: 0,
    rejected: 0,
    evicted: 0,
    expired: 0,
    deleted: 0,
    replaced: 0,
    cleared: 0,
  };
}

function countsOf({ hits, misses, sets, rejected, removals }: OpenStore): SharedCounts {
  return { hits, misses, sets, rejected, ...removals };
}

function sum(state: SharedState | undefined, store: OpenStore): SharedState {
  const { entries, maxEntries, bytes, maxBytes, payloadBytes, leases, handles } = store;
  if (state === undefined) return { entries, maxEntries, bytes, maxBytes, payloadBytes, leases, handles };
  return {
    entries: state.entries + entries,
    maxEntries: state.maxEntries + maxEntries,
    bytes: state.bytes + bytes,
    maxBytes: state.maxBytes + maxBytes,
    payloadBytes: state.payloadBytes + payloadBytes,
    leases: state.leases + leases,
    handles: state.handles + handles,
  };
}
