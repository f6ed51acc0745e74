/**
 * Keeps the local tier in step with writes elsewhere, and knows for how long it may be trusted.
 *
 * One connection of our own hears of every write. It is asked a few times within `maxStaleOnDisconnect` whether it still
 * works, and each answer is a *lease*: whatever was written before the question has been heard of. A local value is used
 * only while the lease runs, or while it is itself younger than `maxStaleOnDisconnect`. So the window of staleness holds
 * without noticing anything: not a cut cable, not a suspended machine, not a blocked event loop.
 *
 * When the connection is made anew, everything local is given up, since messages were missed.
 */

import { clearBackgroundTimeout, setBackgroundTimeout } from '../background';
import { plateauError } from '../errors';
import { now, tick } from './clock';
import type { Counters } from './counters';
import type { Driver, Link } from './drivers/driver';
import { isRefusal } from './gate';
import type { Names } from './keys';
import { readMessage, Senders } from './messages';
import type { Settings } from './options';
import type { Reporter } from './reporter';
import type { CoherenceLink } from './types';

/** What happens to the tiers. */
export interface CoherenceEvents {
  /** These keys were written elsewhere. */
  written(keys: readonly string[]): void;
  /** Anything may have been written elsewhere. */
  flush(): void;
  /** The namespace was cleared elsewhere. */
  cleared(): void;
  /** The connection is lost: the server may be another one soon. */
  lost(): void;
  /** The connection works; told once a second or less. */
  beat(): void;
}

/** Waits before connecting anew, ms: doubled from the first to the last. */
const FIRST_RETRY = 50;
const LAST_RETRY = 2000;
/** Between beats at least, and between those that are told, ms. */
const MIN_PAUSE = 25;
const TELL_BEAT = 900;
/** Between looks whether the application's client is connected, ms. */
const WAIT_FOR_CLIENT = 100;

export class Coherence {
  readonly #settings: Settings<unknown>;
  readonly #driver: Driver;
  readonly #names: Names;
  readonly #origin: string;
  readonly #events: CoherenceEvents;
  readonly #counters: Counters;
  readonly #reporter: Reporter;
  readonly #senders = new Senders();
  #link: Link | undefined;
  #kind: CoherenceLink = 'none';
  /** Whatever is older is never used again. */
  #flushedAt = tick();
  #leaseUntil = Number.NEGATIVE_INFINITY;
  #retry = FIRST_RETRY;
  #timer: NodeJS.Timeout | undefined;
  #canTrack: boolean;
  #toldBeat = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(
    settings: Settings<unknown>,
    names: Names,
    origin: string,
    events: CoherenceEvents,
    counters: Counters,
    reporter: Reporter,
  ) {
    this.#settings = settings;
    this.#driver = settings.driver;
    this.#names = names;
    this.#origin = origin;
    this.#events = events;
    this.#counters = counters;
    this.#reporter = reporter;
    this.#canTrack = settings.coherence !== 'pubsub' && settings.driver.offersTracking;
    void this.#connect();
  }

  get link(): CoherenceLink {
    return this.#kind;
  }

  /** Whether writes elsewhere have been heard of until no longer than `maxStaleOnDisconnect` ago. */
  get isCoherent(): boolean {
    return now() <= this.#leaseUntil;
  }

  /** Whether something known since `time` may still be used at all, if nothing better can be had. */
  isKept(time: number, at: number): boolean {
    // One from the future was left by another boot of the machine.
    return time >= this.#flushedAt && time <= at + 1000;
  }

  /** Whether something known since `time` is current, within the window. */
  covers(time: number, at: number): boolean {
    return (
      this.isKept(time, at) && (at <= this.#leaseUntil || at - time <= this.#settings.maxStaleOnDisconnect)
    );
  }

  /** Gives up all that is known so far. */
  flush(): void {
    this.#flushedAt = tick();
    this.#counters.flushes++;
    this.#events.flush();
  }

  /** Gives up all that is known so far, and the connection too. */
  startAnew(): void {
    this.flush();
    if (this.#link === undefined) return;
    this.#end();
    this.#later(FIRST_RETRY);
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #end(): void {
    clearBackgroundTimeout(this.#timer);
    this.#link?.close();
    this.#link = undefined;
    this.#kind = 'none';
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    if (!this.#driver.isReady()) {
      this.#later(WAIT_FOR_CLIENT);
      return;
    }
    const began = tick();
    try {
      const link = await this.#open();
      if (this.#closed) {
        link.close();
        return;
      }
      this.#link = link;
      this.#retry = FIRST_RETRY;
      this.#senders.reset();
      this.#leaseUntil = began + this.#settings.maxStaleOnDisconnect;
      this.flush();
      this.#beat();
    } catch (error) {
      this.#counters.linkErrors++;
      this.#reporter.report(error, 'subscribe');
      this.#later();
    }
  }

  async #open(): Promise<Link> {
    const { values, generation } = this.#names;
    // Told by a link that is not this one any more, or not yet, nothing counts: what follows gives up everything.
    let link: Link | undefined;
    const isOurs = (): boolean => link !== undefined && link === this.#link;
    const lost = (error: unknown): void => {
      if (isOurs()) this.#lose(error);
    };
    const channel = this.#driver.keyPrefix + this.#names.channel;
    const events = {
      message: (text: string) => isOurs() && this.#heard(text),
      changed: (names: readonly string[] | null) => isOurs() && this.#changed(names),
      lost,
    };
    if (this.#canTrack) {
      try {
        link = await this.#driver.track([values, generation], events);
        this.#kind = 'tracking';
        return link;
      } catch (error) {
        // An old server, or one that forbids it: publish and subscribe does as well.
        if (this.#settings.coherence === 'tracking' || !isRefusal(error)) throw error;
        this.#canTrack = false;
      }
    }
    link = await this.#driver.subscribe(channel, events);
    this.#kind = 'pubsub';
    return link;
  }

  #lose(error: unknown): void {
    this.#counters.linkErrors++;
    this.#end();
    this.#events.lost();
    if (this.#closed) return;
    this.#reporter.report(error, 'subscribe');
    this.#later();
  }

  #later(delay?: number): void {
    if (this.#closed) return;
    if (this.#driver.isClosed()) {
      this.close();
      return;
    }
    if (delay === undefined) {
      // Spread, so that the instances do not all come back in the same moment.
      delay = this.#retry * (0.5 + Math.random());
      this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
    }
    this.#timer = setBackgroundTimeout(() => void this.#connect(), delay);
  }

  /** Asks the connection whether it works, and again after a while; without an answer in time it is given up. */
  #beat(): void {
    const link = this.#link;
    if (link === undefined) return;
    if (this.#driver.isClosed()) {
      this.close();
      return;
    }
    const { maxStaleOnDisconnect } = this.#settings;
    const asked = tick();
    this.#timer = setBackgroundTimeout(
      () => {
        if (this.#link === link) {
          this.#lose(
            plateauError('PLATEAU_REMOTE_TIMEOUT', 'the connection for invalidations does not answer'),
          );
        }
      },
      Math.max(maxStaleOnDisconnect, 1000),
    );
    link.confirm().then(
      () => {
        if (this.#link !== link) return;
        clearBackgroundTimeout(this.#timer);
        this.#leaseUntil = asked + maxStaleOnDisconnect;
        if (asked - this.#toldBeat >= TELL_BEAT) {
          this.#toldBeat = asked;
          this.#events.beat();
        }
        // That may have ended it.
        if (this.#link !== link) return;
        const pause = Math.max(MIN_PAUSE, Math.min(1000, maxStaleOnDisconnect / 4));
        this.#timer = setBackgroundTimeout(() => this.#beat(), pause);
      },
      (error: unknown) => {
        if (this.#link === link) this.#lose(error);
      },
    );
  }

  #heard(text: string): void {
    const message = readMessage(text);
    if (message === undefined || message.origin === this.#origin) return;
    const missed = this.#senders.isGap(message.origin, message.number);
    if (message.kind === 'keys') this.#written(message.keys);
    else if (message.kind === 'clear') this.#events.cleared();
    // In a cluster, messages pass between nodes, and can be lost there without our connection knowing.
    if (missed || message.kind !== 'keys') this.flush();
  }

  #changed(names: readonly string[] | null): void {
    if (names === null) {
      this.flush();
      return;
    }
    const keys: string[] = [];
    for (const name of names) {
      const key = this.#names.keyOf(name);
      if (key !== undefined) keys.push(key);
      else if (name === this.#names.generation) {
        this.#events.cleared();
        this.flush();
      }
    }
    this.#written(keys);
  }

  #written(keys: readonly string[]): void {
    this.#counters.invalidationsReceived += keys.length;
    this.#events.written(keys);
  }
}
