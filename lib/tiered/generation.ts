/**
 * Which values in Redis count. Each one names the generation of the namespace in which it was written, and the run of the
 * server: a value of another generation was there before a `clear`, and one of another run may be older than what was
 * written last, since a server that restarts from a snapshot, or a promoted replica, may have lost that. Both are
 * misses.
 *
 * So `clear` is one small write, however many keys there are; the old values expire, as every key does.
 */

import { now, tick } from './clock';
import type { Coherence } from './coherence';
import { isRefusal } from './gate';
import { MAX_TTL, type Settings } from './options';
import { newId } from './wire';

/** The generation of a namespace that was never cleared. */
const FIRST = '0';
/** The record outlives every value, so that none from before a `clear` can come back. */
const RECORD_TTL = String(3 * MAX_TTL);
/** For so many ms it is not asked for again because of a value of another one. */
const RECENT = 100;
const ROUNDS = 3;

export class Generation {
  readonly #settings: Settings<unknown>;
  /** The name of the record. */
  readonly #name: string;
  readonly #send: (key: string | undefined, args: string[]) => Promise<unknown>;
  readonly #coherence: Coherence;
  #value = '';
  /** Since when that is known. */
  #since = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  /** How often it was forgotten, so that an answer to an earlier question is not taken for one to a later. */
  #forgotten = 0;
  /** What the last `clear` of this instance has written, to be put back should Redis lose it. */
  #cleared: string | undefined;

  constructor(
    settings: Settings<unknown>,
    name: string,
    coherence: Coherence,
    send: (key: string | undefined, args: string[]) => Promise<unknown>,
  ) {
    this.#settings = settings;
    this.#name = name;
    this.#coherence = coherence;
    this.#send = send;
  }

  /** Whether `current` answers at once. */
  get isKnown(): boolean {
    return this.#coherence.covers(this.#since, now());
  }

  /** The generation, asked for where what is known is not covered by the window of staleness. */
  async current(): Promise<string> {
    // Another round where it was forgotten while it was asked for; a few, as a window may be shorter than a question takes.
    for (let round = 0; round < ROUNDS && !this.isKnown; round++) await this.check();
    return this.#value;
  }

  /** Whether a value of this generation counts. */
  async isCurrent(generation: string): Promise<boolean> {
    if (generation === this.#value) return true;
    // Either the value is old or what we know is: a message that says so may be on its way.
    if (now() - this.#since < RECENT) return false;
    this.forget();
    return generation === (await this.current());
  }

  /** It may have changed. */
  forget(): void {
    this.#since = Number.NEGATIVE_INFINITY;
    this.#forgotten++;
  }

  /** Begins a new one. */
  async clear(): Promise<void> {
    const fresh = newId();
    await this.#send(this.#name, ['SET', this.#name, fresh, 'PX', RECORD_TTL]);
    this.#cleared = fresh;
    this.forget();
  }

  /** Asks for it though it is known, to notice a server that has taken the place of another. */
  async check(): Promise<void> {
    this.#asking ??= this.#learn().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
  }

  async #learn(): Promise<void> {
    const forgotten = this.#forgotten;
    let since = tick();
    const value = await this.#ask();
    const before = this.#value;
    if (value !== before) {
      this.#value = value;
      const isUndisturbed = this.#coherence.isKept(since, now());
      if (before !== '') this.#giveUp(before, value);
      // Giving up the rest does not make this any older.
      if (isUndisturbed) since = tick();
    }
    if (forgotten === this.#forgotten) this.#since = since;
  }

  /** What is in the local tier is of another run, or from before a `clear`. */
  #giveUp(before: string, value: string): void {
    // If the client has turned to another server, our connection listens to the wrong one.
    if (runOf(before) !== runOf(value)) this.#coherence.startAnew();
    else this.#coherence.flush();
  }

  async #ask(): Promise<string> {
    const { driver, trustAfterRestart } = this.#settings;
    const asksRun = !driver.isCluster && !trustAfterRestart;
    // Both are awaited in any case, so that neither is left to reject unheard.
    const [record, info] = await Promise.allSettled([
      this.#send(this.#name, ['GET', this.#name]),
      asksRun ? this.#send(undefined, ['INFO', 'server']).catch(unlessForbidden) : '',
    ]);
    if (record.status === 'rejected') throw record.reason;
    if (info.status === 'rejected') throw info.reason;
    let generation = record.value as string | null;
    if (generation === null && this.#cleared !== undefined) {
      // Redis has lost it, but values from before that `clear` may still be there.
      await this.#send(this.#name, ['SET', this.#name, this.#cleared, 'NX', 'PX', RECORD_TTL]);
      generation = this.#cleared;
    }
    const run = /run_id:([0-9a-f]{1,16})/.exec(String(info.value))?.[1] ?? '0';
    return `${generation ?? FIRST}-${run}`;
  }
}

function runOf(generation: string): string {
  return generation.slice(generation.lastIndexOf('-') + 1);
}

/** Where asking for the run is not allowed, or not known, there is none; where it failed, it is to be asked again. */
function unlessForbidden(error: unknown): string {
  if (isRefusal(error)) return '';
  throw error;
}
