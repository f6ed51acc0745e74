/**
 * Writing: here at once, in Redis next, then the others are told.
 *
 * A write that Redis does not confirm leaves its key in a bounded list of repairs. As soon as Redis can be reached the
 * keys in it are deleted there and announced; until then this instance does not read them from Redis.
 */

import { clearBackgroundTimeout, setBackgroundTimeout } from '../background';
import { plateauError } from '../errors';
import type { Call } from './calls';
import { tick } from './clock';
import type { Core } from './core';
import { type Repair, Repairs } from './repairs';
import { Semaphore } from './semaphore';
import type { TieredErrorContext } from './types';

/** Keys written to Redis at the same time. */
const AT_ONCE = 256;
/** Writes on their way to Redis, and those that wait for that. */
const WRITES_AT_ONCE = 1000;
const MAX_WAITING = 100_000;
/** Between attempts to repair, ms. */
const RETRY = 200;

/** A write of a key, and the one that it waits for. */
interface Turn {
  before: Promise<boolean> | undefined;
  done?: Promise<boolean>;
}

export class Writes<V> {
  readonly #core: Core<V>;
  readonly repairs = new Repairs();
  /** The last write of each key under way: writes of a key reach Redis in the order of the calls. */
  readonly #turns = new Map<string, Turn>();
  /** A burst of writes takes its turn: refused for their number, they would all have to be repaired. */
  readonly #places: Semaphore;
  #repairing: Promise<boolean> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(core: Core<V>) {
    this.#core = core;
    this.#places = new Semaphore(
      Math.ceil(Math.min(WRITES_AT_ONCE, core.settings.maxCommands / 4)),
      MAX_WAITING,
    );
  }

  /** Stores a value; whether it is in Redis and the others know. */
  async set(key: string, value: V, call: Call): Promise<boolean> {
    const core = this.#core;
    const storable = core.remote.storable(value, call.ttl, call.grace);
    core.written(key);
    const began = tick();
    const fresh = began + storable.ttl;
    const { id, grace } = storable;
    const entry = { v: value, a: began, f: fresh, e: fresh + grace, c: 0, i: id };
    core.local.keep(key, entry);
    const store = async (): Promise<void> => {
      await this.index(key, call);
      await core.remote.set(key, storable);
    };
    return this.#write('set', key, store, () => {
      const wasOverwritten = core.local.isOutdated(key, began);
      core.written(key);
      if (!wasOverwritten) core.local.keep(key, { ...entry, a: tick() });
    });
  }

  /** Deletes a key everywhere; whether that is known to have happened. */
  async delete(key: string): Promise<boolean> {
    const core = this.#core;
    core.written(key);
    return this.#write(
      'delete',
      key,
      () => core.remote.remove(key),
      () => core.written(key),
    );
  }

  /** Notes the tags of a key, before it is stored; keys that no longer fit in an index leave the cache. */
  async index(key: string, { tags, ttl, grace }: Call): Promise<void> {
    if (tags.length === 0) return;
    const leaving = await this.#core.remote.index(key, tags, ttl + grace);
    await this.#removeAll(leaving);
  }

  /** Deletes what has a tag; whether all of it is known to be gone. */
  async deleteByTag(tag: string): Promise<boolean> {
    try {
      await this.#deleteTagged(tag);
      return true;
    } catch (error) {
      // Which entries here have the tag is not known.
      this.#core.coherence.flush();
      this.repairs.addTag(tag);
      this.#unconfirmed(error, 'deleteByTag', tag);
      return false;
    }
  }

  /** Empties the namespace; whether that is known to have happened. */
  async clear(): Promise<boolean> {
    const core = this.#core;
    core.local.clearForAll();
    core.coherence.flush();
    try {
      await this.#clearAll();
      return true;
    } catch (error) {
      this.repairs.addAll();
      this.#unconfirmed(error, 'clear');
      return false;
    }
  }

  /** Whether what Redis has for a key may be used. Where it is to be repaired first, that is tried. */
  async isReadable(key: string): Promise<boolean> {
    return !this.repairs.concerns(key) || (await this.#repair());
  }

  close(): void {
    this.#closed = true;
    clearBackgroundTimeout(this.#timer);
  }

  /**
   * @param work what is to be done in Redis
   * @param after what is to be done here then: a read that overtook the work may have brought the old value back
   */
  async #write(
    operation: 'set' | 'delete',
    key: string,
    work: () => Promise<unknown>,
    after: () => void,
  ): Promise<boolean> {
    const turn: Turn = { before: this.#turns.get(key)?.done };
    turn.done = this.#inTurn(turn, operation, key, work, after);
    this.#turns.set(key, turn);
    const confirmed = await turn.done;
    if (this.#turns.get(key) === turn) this.#turns.delete(key);
    return confirmed;
  }

  async #inTurn(
    turn: Turn,
    operation: 'set' | 'delete',
    key: string,
    work: () => Promise<unknown>,
    after: () => void,
  ): Promise<boolean> {
    await turn.before;
    turn.before = undefined;
    // Not where a later write of the key has been here already.
    const settle = (): void => {
      if (this.#turns.get(key) === turn) after();
    };
    const entered = this.#places.enter();
    try {
      if (entered === undefined) throw tooManyWrites();
      await entered;
      // Else the repair would undo what is written now.
      if (!(await this.isReadable(key))) throw stillToRepair();
      await work();
      settle();
      await this.#core.announce(key);
      return true;
    } catch (error) {
      settle();
      this.repairs.add(key);
      this.#unconfirmed(error, operation, key);
      return false;
    } finally {
      if (entered !== undefined) this.#places.leave();
    }
  }

  async #deleteTagged(tag: string): Promise<void> {
    let cursor = '0';
    do {
      const { keys, next } = await this.#core.remote.indexed(tag, cursor);
      await this.#removeAll(keys);
      cursor = next;
    } while (cursor !== '0');
  }

  async #removeAll(keys: readonly string[]): Promise<void> {
    for (let from = 0; from < keys.length; from += AT_ONCE) {
      await inParallel(keys.slice(from, from + AT_ONCE), async (key) => {
        await this.#core.remote.remove(key);
        this.#core.written(key);
        await this.#core.announce(key);
      });
    }
  }

  async #clearAll(): Promise<void> {
    const core = this.#core;
    await core.remote.generation.clear();
    core.coherence.flush();
    if (core.publishes) await core.publisher.clear();
  }

  #unconfirmed(error: unknown, operation: TieredErrorContext['operation'], key?: string): void {
    this.#core.counters.unconfirmedWrites++;
    this.#core.reporter.report(error, operation, key);
    this.#later();
  }

  #later(): void {
    if (this.#closed || this.#timer !== undefined || this.repairs.size === 0) return;
    this.#timer = setBackgroundTimeout(() => {
      this.#timer = undefined;
      void this.#repair();
    }, RETRY);
  }

  /** Repairs what is to be repaired; whether all of it is. */
  async #repair(): Promise<boolean> {
    // What was given up on may still be carried out, by a client that sends it again: that has to happen first.
    if (!this.#core.gate.isOpen || this.#core.gate.givenUp > 0) {
      this.#later();
      return false;
    }
    this.#repairing ??= this.#repairAll().finally(() => {
      this.#repairing = undefined;
      this.#later();
    });
    return this.#repairing;
  }

  async #repairAll(): Promise<boolean> {
    const { repairs } = this;
    let areAllDone = true;
    const attempt = async (item: Repair, work: () => Promise<unknown>): Promise<void> => {
      try {
        await repairs.done(item, work);
      } catch {
        // Counted as what it is, and tried again later. The rest may be on servers that answer.
        areAllDone = false;
      }
    };
    if (repairs.all) await attempt(repairs.all, () => this.#clearAll());
    for (const tag of repairs.tags()) await attempt(tag, () => this.#deleteTagged(tag.name));
    const keys = repairs.keys();
    for (let from = 0; from < keys.length; from += AT_ONCE) {
      const some = keys.slice(from, from + AT_ONCE);
      await Promise.all(some.map((item) => attempt(item, () => this.#removeAll([item.name]))));
    }
    return areAllDone;
  }
}

function tooManyWrites(): Error {
  return plateauError('PLATEAU_REMOTE_UNAVAILABLE', `${MAX_WAITING} writes are waiting, no more are allowed`);
}

function stillToRepair(): Error {
  const text = 'an earlier write could not be confirmed, and is still to be repaired';
  return plateauError('PLATEAU_REMOTE_UNAVAILABLE', text);
}

/** Waits for all, also where one fails, so that none is left to reject unheard. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const ends = await Promise.allSettled(items.map(work));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
