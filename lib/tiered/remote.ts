/**
 * The remote tier: what is asked of Redis, in terms of keys and values. Everything here rejects when Redis cannot be
 * reached; what that means for a read or a write is decided by the callers.
 */

import { now, tick } from './clock';
import { encodeValue } from './codec';
import type { Coherence } from './coherence';
import type { Counters } from './counters';
import { type Gate, isNoScript } from './gate';
import type { Names } from './keys';
import { MAX_TTL, type Settings } from './options';
import type { Reporter } from './reporter';
import { ACQUIRE, COMMIT, INDEX, READ, RELEASE, REMOVE, RENEW, type Script, SET } from './scripts';
import type { TieredEntry } from './types';
import { newId, readHeader, writeHeader } from './wire';

/** A value found in Redis. */
export interface Found<V> {
  readonly entry: TieredEntry<V>;
  /** The line about it, to recognise it again. */
  readonly line: string;
}

/** What reading a key comes to: a value, fresh or not; or one that cannot be used, known by its line; or nothing. */
export type Reading<V> = Found<V> | { readonly entry: undefined; readonly line: string };

/** What is to be stored. */
export interface Storable {
  /** The text of the value. */
  readonly text: string;
  readonly id: string;
  readonly ttl: number;
  readonly grace: number;
  readonly cost: number;
}

const NOTHING = { entry: undefined, line: '' } as const;
/** The generation of a namespace that was never cleared, and the run of a server that is not asked for it. */
const FIRST_GENERATION = '0';
/** The record of the generation outlives every value, so that none from before a `clear` can come back. */
const GENERATION_TTL = 3 * MAX_TTL;
/** For so many ms the generation is not asked for again because of a value of another one. */
const RECENT = 100;

export class Remote<V> {
  readonly #settings: Settings<V>;
  readonly #names: Names;
  readonly #gate: Gate;
  readonly #coherence: Coherence;
  readonly #counters: Counters;
  readonly #reporter: Reporter;
  #generation = '';
  /** Since when that is known. */
  #generationAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  /** How often it was forgotten, so that an answer to an earlier question is not taken for one to a later. */
  #forgotten = 0;
  /** The generation that a `clear` of this instance has written last, to be put back should Redis lose it. */
  #cleared: string | undefined;

  constructor(
    settings: Settings<V>,
    names: Names,
    gate: Gate,
    coherence: Coherence,
    counters: Counters,
    reporter: Reporter,
  ) {
    this.#settings = settings;
    this.#names = names;
    this.#gate = gate;
    this.#coherence = coherence;
    this.#counters = counters;
    this.#reporter = reporter;
  }

  /** The text of a value, and a name for it. */
  storable(value: V, ttl: number, grace: number, cost = 0): Storable {
    const { codec, ttlJitter } = this.#settings;
    const jittered = ttlJitter === 0 ? ttl : ttl * (1 - Math.random() * ttlJitter);
    return { text: encodeValue(codec, value), id: newId(), ttl: jittered, grace, cost };
  }

  async read(key: string): Promise<Reading<V>> {
    const began = tick();
    const reply = this.#run(READ, [this.#names.value(key)], []);
    if (!this.#knowsGeneration()) {
      // Asked for at the same time; and both awaited, so that neither is left to reject unheard.
      const [asked, read] = await Promise.allSettled([this.#currentGeneration(), reply]);
      if (read.status === 'fulfilled' && asked.status === 'rejected') throw asked.reason;
    }
    return this.#interpret(key, await reply, began);
  }

  /**
   * Takes the lock of a key; or tells what others have stored since the value with `line` was seen.
   *
   * @param force whether to take it from who has it
   */
  async acquire(
    key: string,
    line: string,
    token: string,
    force: boolean,
  ): Promise<'held' | 'busy' | Reading<V>> {
    const began = tick();
    await this.#currentGeneration();
    const names = [this.#names.value(key), this.#names.lock(key)];
    const { lockTtl } = this.#settings;
    const reply = await this.#run(ACQUIRE, names, [
      ...[line, token, String(Math.ceil(lockTtl))],
      force ? '1' : '0',
    ]);
    if (Array.isArray(reply)) return this.#interpret(key, reply, began);
    return Number(reply) === 1 ? 'held' : 'busy';
  }

  /** Stores what was loaded under the lock; whether that was still held. */
  async commit(key: string, token: string, storable: Storable): Promise<boolean> {
    const [text, time] = await this.#stored(storable);
    const names = [this.#names.value(key), this.#names.lock(key)];
    return Number(await this.#run(COMMIT, names, [token, text, time])) === 1;
  }

  renew(key: string, token: string): Promise<unknown> {
    const lockTtl = String(Math.ceil(this.#settings.lockTtl));
    return this.#run(RENEW, [this.#names.lock(key)], [token, lockTtl]);
  }

  release(key: string, token: string): Promise<unknown> {
    return this.#run(RELEASE, [this.#names.lock(key)], [token]);
  }

  async set(key: string, storable: Storable): Promise<void> {
    const [text, time] = await this.#stored(storable);
    await this.#run(SET, [this.#names.value(key), this.#names.lock(key)], [text, time]);
  }

  async remove(key: string): Promise<boolean> {
    const names = [this.#names.value(key), this.#names.lock(key)];
    return Number(await this.#run(REMOVE, names, [])) > 0;
  }

  /** Notes in the index of each tag that the key has it; the keys that have to leave the cache for that. */
  async index(key: string, tags: readonly string[], lifetime: number): Promise<string[]> {
    const { maxKeysPerTag } = this.#settings;
    const replies = await Promise.all(
      tags.map((tag) => {
        const name = this.#names.tag(tag);
        return this.#run(
          INDEX,
          [name],
          [...[this.#names.member(key), String(Math.ceil(lifetime))], String(maxKeysPerTag)],
        );
      }),
    );
    return replies.flat().map((member) => this.#names.keyOfMember(String(member)));
  }

  /** A part of the keys of a tag, and where the next part begins; '0' is the beginning and the end. */
  async indexed(tag: string, cursor: string): Promise<{ keys: string[]; next: string }> {
    const name = this.#names.tag(tag);
    const reply = (await this.#send(name, ['ZSCAN', name, cursor, 'COUNT', '500'])) as [unknown, unknown[]];
    const members = reply[1].filter((_, index) => index % 2 === 0);
    return { next: String(reply[0]), keys: members.map((member) => this.#names.keyOfMember(String(member))) };
  }

  /** Begins a new generation, so that no value there is can be found any more. */
  async clear(): Promise<void> {
    const name = this.#names.generation;
    const fresh = newId();
    await this.#send(name, ['SET', name, fresh, 'PX', String(GENERATION_TTL)]);
    this.#cleared = fresh;
    this.forgetGeneration();
  }

  /** The generation may have changed. */
  forgetGeneration(): void {
    this.#generationAt = Number.NEGATIVE_INFINITY;
    this.#forgotten++;
  }

  #knowsGeneration(): boolean {
    return this.#coherence.covers(this.#generationAt, now());
  }

  async #currentGeneration(): Promise<string> {
    // Another round where it was forgotten while it was asked for.
    while (!this.#knowsGeneration()) {
      this.#asking ??= this.#learnGeneration();
      await this.#asking;
    }
    return this.#generation;
  }

  async #learnGeneration(): Promise<void> {
    const forgotten = this.#forgotten;
    let since = tick();
    try {
      const generation = await this.#askGeneration();
      if (this.#generation !== generation) {
        // What is in the local tier is from another run of the server, or from before a `clear`.
        const isFirst = this.#generation === '';
        const missedNothing = this.#coherence.isKept(since, now());
        this.#generation = generation;
        if (!isFirst) this.#coherence.flush();
        if (missedNothing) since = tick();
      }
      if (forgotten === this.#forgotten) this.#generationAt = since;
    } finally {
      this.#asking = undefined;
    }
  }

  async #askGeneration(): Promise<string> {
    const { driver, trustAfterRestart } = this.#settings;
    const name = this.#names.generation;
    const askRun = !driver.isCluster && !trustAfterRestart;
    const run = askRun ? this.#send(undefined, ['INFO', 'server']).catch(() => '') : '';
    let generation = (await this.#send(name, ['GET', name])) as string | null;
    if (generation === null && this.#cleared !== undefined) {
      // Redis has lost it, but values from before that `clear` may still be there.
      await this.#send(name, ['SET', name, this.#cleared, 'NX', 'PX', String(GENERATION_TTL)]);
      generation = this.#cleared;
    }
    return `${generation ?? FIRST_GENERATION}-${/run_id:([0-9a-f]{1,16})/.exec(String(await run))?.[1] ?? '0'}`;
  }

  async #interpret(key: string, reply: unknown, began: number): Promise<Reading<V>> {
    if (!Array.isArray(reply)) return NOTHING;
    const [left, stored] = reply as [unknown, unknown];
    const header = typeof stored === 'string' ? readHeader(stored) : undefined;
    if (header === undefined) {
      this.#undecodable(key, new Error('what is stored under the name of a key is no value of ours'));
      // Known by its first characters, so that it can be replaced.
      return { entry: undefined, line: String(stored).slice(0, 16) };
    }
    const { line, grace, cost, id } = header;
    if (!(await this.#isCurrent(header.generation))) return { entry: undefined, line };
    try {
      const value = this.#settings.codec.decode((stored as string).slice(line.length));
      const end = began + Number(left);
      return { line, entry: { v: value, a: began, f: end - grace, e: end, c: cost, i: id } };
    } catch (error) {
      this.#undecodable(key, error);
      return { entry: undefined, line };
    }
  }

  async #isCurrent(generation: string): Promise<boolean> {
    if (generation === this.#generation) return true;
    // Either the value is old or what we know is: a message that says so may be on its way.
    if (now() - this.#generationAt < RECENT) return false;
    this.forgetGeneration();
    return generation === (await this.#currentGeneration());
  }

  #undecodable(key: string, error: unknown): void {
    this.#counters.decodeErrors++;
    this.#reporter.report(error, 'decode', key);
  }

  async #stored({ text, id, ttl, grace, cost }: Storable): Promise<[text: string, time: string]> {
    const generation = await this.#currentGeneration();
    const time = Math.max(1, Math.ceil(ttl + Math.ceil(grace)));
    return [writeHeader({ generation, id, grace, cost }) + text, String(time)];
  }

  /** Runs a script by its sum, or by its text where Redis does not know it yet. */
  async #run(script: Script, names: string[], args: string[]): Promise<unknown> {
    const rest = [String(names.length), ...names, ...args];
    const first = names[0];
    try {
      return await this.#send(first, ['EVALSHA', script.sha, ...rest]);
    } catch (error) {
      if (!isNoScript(error)) throw error;
      return this.#send(first, ['EVAL', script.text, ...rest]);
    }
  }

  #send(key: string | undefined, args: string[]): Promise<unknown> {
    return this.#gate.send(() => this.#settings.driver.send(key, args));
  }
}
