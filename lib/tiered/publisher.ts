/**
 * Tells the other instances which keys were written: all keys of one turn of the event loop in one message, in as few as
 * their number allows. A write is confirmed when its message has been published.
 */

import type { Counters } from './counters';
import type { Driver } from './drivers/driver';
import type { Gate } from './gate';
import type { Names } from './keys';
import { type Message, writeMessage } from './messages';

/** Keys in one message, and the characters of them. */
const MAX_KEYS = 500;
const MAX_LENGTH = 64 * 1024;
/** Keys waiting; beyond that the others are told to give up everything. */
const MAX_WAITING = 20_000;

interface Batch {
  keys: string[];
  promise: Promise<void>;
}

export class Publisher {
  readonly #driver: Driver;
  readonly #gate: Gate;
  readonly #channel: string;
  readonly #origin: string;
  readonly #counters: Counters;
  #number = 0;
  #batch: Batch | undefined;

  constructor(driver: Driver, gate: Gate, names: Names, origin: string, counters: Counters) {
    this.#driver = driver;
    this.#gate = gate;
    this.#channel = driver.keyPrefix + names.channel;
    this.#origin = origin;
    this.#counters = counters;
  }

  /** Tells of a key. Call it after the write: who hears of it reads the key anew. */
  add(key: string): Promise<void> {
    this.#batch ??= this.#start();
    const { keys, promise } = this.#batch;
    if (keys.length <= MAX_WAITING) keys.push(key);
    return promise;
  }

  /** Tells that the namespace was cleared. */
  async clear(): Promise<void> {
    await this.#publish({ kind: 'clear' });
  }

  #start(): Batch {
    const keys: string[] = [];
    const promise = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.#batch = undefined;
        this.#publishAll([...new Set(keys)]).then(resolve, reject);
      });
    });
    return { keys, promise };
  }

  async #publishAll(keys: string[]): Promise<void> {
    if (keys.length > MAX_WAITING) {
      await this.#publish({ kind: 'flush' });
      return;
    }
    const messages: Promise<unknown>[] = [];
    for (let from = 0; from < keys.length; ) {
      let length = 0;
      let to = from;
      while (to < keys.length && to - from < MAX_KEYS && length < MAX_LENGTH)
        length += keys[to++]?.length ?? 0;
      messages.push(this.#publish({ kind: 'keys', keys: keys.slice(from, to) }));
      from = to;
    }
    await Promise.all(messages);
    this.#counters.invalidationsSent += keys.length;
  }

  async #publish(content: { kind: 'keys'; keys: string[] } | { kind: 'clear' | 'flush' }): Promise<void> {
    await this.#gate.send(() => {
      // Numbered when it is sent: one that the gate refuses is missed by nobody.
      const message: Message = { origin: this.#origin, number: ++this.#number, ...content };
      return this.#driver.publish(this.#channel, writeMessage(message));
    });
  }
}
