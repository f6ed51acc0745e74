/**
 * The remote tier: what is asked of Redis, in terms of keys and values. Everything here rejects when Redis cannot be
 * reached; what that means for a read or a write is decided by the callers.
 */

import { tick } from './clock';
import { encodeValue } from './codec';
import type { Coherence } from './coherence';
import type { Counters } from './counters';
import { type Gate, isNoScript } from './gate';
import { Generation } from './generation';
import type { Names } from './keys';
import type { Settings } from './options';
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

/** What reading a key comes to: a value, fresh or not; or one that cannot be used, known by its line or `'*'`; or ''. */
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
export class Remote<V> {
  readonly #settings: Settings<V>;
  readonly #names: Names;
  readonly #gate: Gate;
  readonly #counters: Counters;
  readonly #reporter: Reporter;
  readonly generation: Generation;

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
    this.#counters = counters;
    this.#reporter = reporter;
    const send = (key: string | undefined, args: string[]) => this.#send(key, args);
    this.generation = new Generation(
      settings as unknown as Settings<unknown>,
      names.generation,
      coherence,
      send,
    );
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
    if (!this.generation.isKnown) {
      // Asked for at the same time; and both awaited, so that neither is left to reject unheard.
      const [asked, read] = await Promise.allSettled([this.generation.current(), reply]);
      if (read.status === 'fulfilled' && asked.status === 'rejected') throw asked.reason;
    }
    return this.#interpret(key, await reply, began);
  }

  /**
   * Takes the lock of a key, in the generation that it answers with; or tells what others have stored meanwhile.
   *
   * @param line that of the value seen last
   * @param force whether to take it from who has it
   */
  async acquire(
    key: string,
    line: string,
    token: string,
    force: boolean,
  ): Promise<{ readonly generation: string } | 'busy' | Reading<V>> {
    const began = tick();
    const generation = await this.generation.current();
    const names = [this.#names.value(key), this.#names.lock(key)];
    const { lockTtl } = this.#settings;
    const reply = await this.#run(ACQUIRE, names, [
      ...[line, token, String(Math.ceil(lockTtl))],
      force ? '1' : '0',
    ]);
    if (Array.isArray(reply)) return this.#interpret(key, reply, began);
    return Number(reply) === 1 ? { generation } : 'busy';
  }

  /**
   * Stores what was loaded under the lock; whether that was still held.
   *
   * @param generation the one in which loading began: what has been cleared since then stays so
   */
  async commit(key: string, token: string, storable: Storable, generation: string): Promise<boolean> {
    const [text, time] = stored(storable, generation);
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
    const [text, time] = stored(storable, await this.generation.current());
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

  async #interpret(key: string, reply: unknown, began: number): Promise<Reading<V>> {
    if (!Array.isArray(reply)) return NOTHING;
    const [left, stored] = reply as [unknown, unknown];
    const header = typeof stored === 'string' ? readHeader(stored) : undefined;
    if (header === undefined) {
      this.#undecodable(key, new Error('what is stored under the name of a key is no value of ours'));
      return { entry: undefined, line: '*' };
    }
    const { line, grace, cost, id } = header;
    if (!(await this.generation.isCurrent(header.generation))) return { entry: undefined, line };
    try {
      const value = this.#settings.codec.decode((stored as string).slice(line.length));
      const end = began + Number(left);
      return { line, entry: { v: value, a: began, f: end - grace, e: end, c: cost, i: id } };
    } catch (error) {
      this.#undecodable(key, error);
      return { entry: undefined, line };
    }
  }

  #undecodable(key: string, error: unknown): void {
    this.#counters.decodeErrors++;
    this.#reporter.report(error, 'decode', key);
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
    return this.#gate.send(() => this.#settings.driver.send(key, args), key);
  }
}

/** The text under a key, and its time to live. */
function stored({ text, id, ttl, grace, cost }: Storable, generation: string): [text: string, time: string] {
  const time = Math.max(1, Math.ceil(ttl + Math.ceil(grace)));
  return [writeHeader({ generation, id, grace, cost }) + text, String(time)];
}
