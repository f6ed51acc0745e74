/** The parts of one tiered cache, and how they hear of each other. */

import { Flights } from '../lifetime/flights';
import { tick } from './clock';
import { Coherence } from './coherence';
import { Counters } from './counters';
import { Gate } from './gate';
import { Names } from './keys';
import { Local } from './local';
import type { Settings } from './options';
import { Publisher } from './publisher';
import { Remote } from './remote';
import { Reporter } from './reporter';
import type { TieredEntry } from './types';
import { newId } from './wire';

/** A load under way may turn out to be for others to do, and then comes to nothing. */
export type Loaded<V> = { readonly entry: TieredEntry<V> } | undefined;

export class Core<V> {
  readonly settings: Settings<V>;
  readonly counters = new Counters();
  readonly reporter: Reporter;
  readonly gate: Gate;
  readonly coherence: Coherence;
  readonly local: Local<V>;
  readonly remote: Remote<V>;
  readonly publisher: Publisher;
  readonly loads = new Flights<Loaded<V>>(tick);
  readonly reads = new Flights<TieredEntry<V> | undefined>(tick);
  /** Whether writers tell the others themselves: not where Redis does for the whole fleet. */
  readonly publishes: boolean;

  constructor(settings: Settings<V>) {
    this.settings = settings;
    this.publishes = settings.coherence !== 'tracking';
    this.reporter = new Reporter(settings.onError, settings.namespace);
    // Those that do not look into values take settings for values of any kind.
    const untyped = settings as unknown as Settings<unknown>;
    const names = new Names(settings.namespace);
    const origin = newId();
    this.gate = new Gate(untyped, this.counters);
    const events = {
      written: (keys: readonly string[]) => {
        for (const key of keys) this.written(key);
      },
      cleared: () => {
        this.remote.generation.forget();
        this.local.clearForAll();
      },
      flush: () => this.#flushed(),
      lost: () => this.remote.generation.forget(),
      // That it could not be asked shows where a command fails that somebody waits for.
      beat: () => void this.remote.generation.check().catch(() => {}),
    };
    this.coherence = new Coherence(untyped, names, origin, events, this.counters, this.reporter);
    this.local = new Local(settings, this.coherence, this.counters, this.reporter);
    this.remote = new Remote(settings, names, this.gate, this.coherence, this.counters, this.reporter);
    this.publisher = new Publisher(settings.driver, this.gate, names, origin, this.counters);
  }

  /** The key was written, here or elsewhere: nothing from before that is used, or stored when it ends. */
  written(key: string): void {
    this.loads.forget(key);
    this.reads.forget(key);
    this.local.written(key);
  }

  /** Tells the other instances. */
  async announce(key: string): Promise<void> {
    if (this.publishes) await this.publisher.add(key);
  }

  #flushed(): void {
    this.loads.forgetAll();
    this.reads.forgetAll();
    this.local.clear();
  }
}
