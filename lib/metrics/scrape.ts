/** What one scrape reads: everything is looked at once, when the first metric asks for it, so that metrics agree. */

import { isMainThread, threadId } from 'node:worker_threads';
import { toSample, toVerdict } from '../memory/read';
import { memorySampler } from '../memory/sampler';
import type { MemorySample, MemoryVerdict } from '../memory/types';
import { native } from '../native';
import type { CacheAccounts, CacheFigures } from './caches';
import type { ListenerAccounts, ListenerFigures } from './listeners';
import { readScopes, type ScopeFigures } from './scopes';
import type { SharedAccounts, SharedFigures } from './shared-caches';

/** Threads shown; a pool of more has its later ones left out. */
const MOST_THREADS = 64;

/** What the sampler of one thread says. */
export interface Isolate {
  /** `main`, or `worker-` and Node's number of the thread. */
  readonly thread: string;
  readonly sample: MemorySample;
  readonly verdict: MemoryVerdict;
}

/** What lives as long as a registration: counters that must not fall. */
export interface Accounts {
  readonly caches: CacheAccounts;
  readonly shared: SharedAccounts;
  readonly listeners: ListenerAccounts;
  /** Call sites of listeners and scopes that are shown at a time. */
  readonly maxSites: number;
}

export class Scrape {
  /** The label of this thread. */
  readonly thread: string = threadName(threadId);
  readonly #accounts: Accounts;
  #isolates: Isolate[] | undefined;
  #caches: readonly CacheFigures[] | undefined;
  #shared: readonly SharedFigures[] | undefined;
  #listeners: ListenerFigures | undefined;
  #scopes: ScopeFigures | undefined;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  /** Those that have a sampler: in the main thread all of the process, in a worker its own. */
  get isolates(): readonly Isolate[] {
    this.#isolates ??= isMainThread ? allIsolates() : ownIsolate(this.thread);
    return this.#isolates;
  }

  /** The sample with the newest figures of the process. */
  get newest(): MemorySample | undefined {
    return this.isolates.reduce<MemorySample | undefined>(
      (newest, { sample }) => (newest === undefined || sample.at > newest.at ? sample : newest),
      undefined,
    );
  }

  get caches(): readonly CacheFigures[] {
    this.#caches ??= this.#accounts.caches.read();
    return this.#caches;
  }

  /** Those of the process. */
  get shared(): readonly SharedFigures[] {
    this.#shared ??= this.#accounts.shared.read();
    return this.#shared;
  }

  get listeners(): ListenerFigures {
    this.#listeners ??= this.#accounts.listeners.read(this.#accounts.maxSites);
    return this.#listeners;
  }

  get scopes(): ScopeFigures {
    this.#scopes ??= readScopes(this.#accounts.maxSites);
    return this.#scopes;
  }
}

function allIsolates(): Isolate[] {
  return native
    .memoryIsolates()
    .slice(0, MOST_THREADS)
    .map(({ thread, sample, verdict }) => ({
      thread: threadName(thread),
      sample: toSample(sample),
      verdict: toVerdict(verdict),
    }));
}

function ownIsolate(thread: string): Isolate[] {
  const sampler = memorySampler();
  const sample = sampler?.sample();
  return sampler === undefined || sample === undefined
    ? []
    : [{ thread, sample, verdict: sampler.verdict() }];
}

function threadName(id: number): string {
  return id === 0 ? 'main' : `worker-${id}`;
}
