/**
 * The local tier with its rules: what may be used of it, and what may be put there.
 *
 * A tier that worker threads share is written by instances that may hear of a write later than this one. Therefore its
 * entries are also compared with what was written lately, and one that took long to get is not put there.
 */

import { invalidOption } from '../errors';
import { now, tick } from './clock';
import type { Coherence } from './coherence';
import type { Counters } from './counters';
import { Guard } from './guard';
import type { Settings } from './options';
import type { Reporter } from './reporter';
import type { TieredEntry } from './types';

/** In a shared tier, what began longer ago than this is not stored, ms. The notes of writes reach back further. */
const LATE = 10_000;

export class Local<V> {
  readonly #settings: Settings<V>;
  readonly #coherence: Coherence;
  readonly #counters: Counters;
  readonly #reporter: Reporter;
  readonly #guard = new Guard(now());
  /** Whether other threads use the same tier. */
  readonly isShared: boolean;

  constructor(settings: Settings<V>, coherence: Coherence, counters: Counters, reporter: Reporter) {
    this.#settings = settings;
    this.#coherence = coherence;
    this.#counters = counters;
    this.#reporter = reporter;
    this.isShared = isShared(settings.local);
  }

  /** The entry of a key, fresh or not, if it may be used at all. */
  find(key: string, at: number): TieredEntry<V> | undefined {
    let found: unknown;
    try {
      found = this.#settings.local.get(key);
    } catch (error) {
      this.#failed(error, key);
      return undefined;
    }
    if (!isEntry<V>(found) || at >= found.e || !this.#coherence.isKept(found.a, at)) return undefined;
    if (this.isShared && this.#guard.isNoted(key, found.a)) return undefined;
    return found;
  }

  /** The entry of a key if it is known to be current, fresh or not. */
  current(key: string, at: number): TieredEntry<V> | undefined {
    const entry = this.find(key, at);
    return entry !== undefined && this.#coherence.covers(entry.a, at) ? entry : undefined;
  }

  /** Whether what is known since `time` may have been overwritten meanwhile. */
  isOutdated(key: string, time: number): boolean {
    return this.#guard.isOutdated(key, time) || !this.#coherence.isKept(time, now());
  }

  /**
   * Keeps a value for reads to come, unless the key was written since that was right.
   *
   * @param most the longest it may be fresh, ms
   */
  keep(key: string, entry: TieredEntry<V>, most = Number.POSITIVE_INFINITY): void {
    const at = now();
    if (this.isOutdated(key, entry.a) || (this.isShared && at - entry.a > LATE)) return;
    const { localTtl, ttlJitter } = this.#settings;
    if (entry.e <= at) return;
    const limit = Math.min(localTtl, most);
    // The time to live in Redis has been spread already.
    const fresh = at + limit * (1 - Math.random() * ttlJitter);
    const kept = at + limit < entry.f ? { ...entry, f: fresh } : entry;
    try {
      this.#settings.local.set(key, kept as never, { ttl: entry.e - at });
    } catch (error) {
      this.#failed(error, key);
      this.#remove(key);
    }
  }

  /** The key was written: what is here is old, and so is what is under way. */
  written(key: string): void {
    // So many writes may be heard of that the notes do not reach back far enough to judge what others put here.
    if (this.#guard.note(key, tick(), LATE) && this.isShared) this.#coherence.flush();
    this.#remove(key);
  }

  /** Removes an entry that is not wanted any more though it is not old. */
  #remove(key: string): void {
    try {
      this.#settings.local.delete(key);
    } catch (error) {
      this.#failed(error, key);
    }
  }

  /** Gives the memory back; that nothing from before is used is the coherence's doing. */
  clear(): void {
    // Other threads have their own connections, and are told by those.
    if (this.isShared) return;
    this.clearForAll();
  }

  clearForAll(): void {
    try {
      this.#settings.local.clear();
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown, key?: string): void {
    this.#counters.localErrors++;
    this.#reporter.report(error, 'local', key);
  }
}

/** Whether a value of the tier is an entry, whoever put it there. */
export function isEntry<V>(value: unknown): value is TieredEntry<V> {
  if (typeof value !== 'object' || value === null) return false;
  const { a, f, e } = value as Partial<TieredEntry<V>>;
  return typeof a === 'number' && typeof f === 'number' && typeof e === 'number' && 'v' in value;
}

/** Whether threads may share a tier: it offers what only sharing needs. */
function isShared(tier: object): boolean {
  return typeof (tier as { setIfAbsent?: unknown }).setIfAbsent === 'function';
}

const PROBE = '\0plateau:tiered';

/**
 * Puts an entry into a shared tier and reads it back.
 *
 * @throws TypeError `PLATEAU_INVALID_OPTION` if its codec cannot hold entries
 */
export function probeShared(tier: Settings<unknown>['local']): void {
  if (!isShared(tier)) return;
  let back: unknown;
  try {
    tier.set(PROBE, { v: 'x', a: 0, f: 1, e: 2, c: 0, i: 'x' } as never, { ttl: 1000 });
    back = tier.get(PROBE);
    tier.delete(PROBE);
  } catch {
    back = undefined;
  }
  if (!isEntry(back))
    throw invalidOption('local', "a SharedCache with the codec 'json' or 'structured'", tier);
}
