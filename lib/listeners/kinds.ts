/**
 * What is watched: emitters by kind, and the events of each kind.
 *
 * A long-lived emitter (a bus, a store) is a kind of its own, so that its report names it. Of those that come and go
 * (sockets, responses, signals) there is one kind per class. Emitters are held weakly, and listeners not at all: what
 * is known of a listener hangs on the listener itself.
 */

import { SiteSampler } from '../sites/call-site';
import type { Row } from './rows';

/** Emitters of one class that are told apart. */
const MAX_OF_CLASS = 8;
/** Events of one kind that are told apart; names made per request (`reply:123`) share the last place. */
const MAX_EVENTS = 64;
/** Stands for the events beyond. */
export const OTHER_EVENTS: unique symbol = Symbol('other events');

/** Additions looked at, per event and look, before only every other is. */
const QUOTA = 256;
/** Additions passed over at most for one that is looked at. */
const MAX_INTERVAL = 1 << 16;

export type EventName = string | symbol;

/** What is known of a live listener. */
export interface Entry {
  row: Row;
  at: number;
  /** How many additions it stands for. */
  weight: number;
}

/** One event of one kind. */
export class Watched {
  static #ids = 0;
  readonly id = `${++Watched.#ids}`;
  readonly kind: Kind;
  readonly event: EventName;
  /** What is known of listeners; a WeakMap, so that it goes with them. */
  readonly entries = new WeakMap<object, Entry>();
  /** Of additions. */
  readonly sites = new SiteSampler(32);
  /** Additions to pass over before one is looked at: the one number that an addition changes. */
  skip = 0;
  /** One addition in so many is looked at. */
  interval = 1;
  /** Listeners seen by the look under way, and for how many those of them that are known stand. */
  live = 0;
  claimed = 0;
  #quota = QUOTA;
  /** Additions looked at, and those to pass over after them. */
  #accounted = 0;
  #addsAtLook = 0;
  /** Additions up to the last that was looked at. */
  #taken = 0;

  constructor(kind: Kind, event: EventName) {
    this.kind = kind;
    this.event = event;
  }

  /** All additions, looked at or not. */
  get adds(): number {
    return this.#accounted - this.skip;
  }

  beginLook(): void {
    this.live = 0;
    this.claimed = 0;
  }

  /** By what to multiply what was looked at, for those since the last that was. */
  get factor(): number {
    return this.#taken === 0 ? 1 : this.adds / this.#taken;
  }

  /** The same for live listeners: a sample may by chance stand for more than there are. */
  get scale(): number {
    return this.claimed * this.factor > this.live ? this.live / this.claimed : this.factor;
  }

  /** An addition is looked at: returns for how many it stands. Within a second, the more come, the fewer are. */
  take(): number {
    if (--this.#quota <= 0) {
      this.interval = Math.min(this.interval * 2, MAX_INTERVAL);
      this.#quota = QUOTA;
    }
    this.#next();
    const adds = this.#accounted - this.skip;
    const stands = adds - this.#taken;
    this.#taken = adds;
    return stands;
  }

  /** There is no time to look at this one: a later one stands for it. */
  pass(): void {
    this.interval = Math.min(this.interval * 2, MAX_INTERVAL);
    this.#next();
  }

  /** Counts this one, and those to pass over after it. */
  #next(): void {
    this.skip = this.interval - 1;
    this.#accounted += this.interval;
  }

  /** A second has passed: what comes next is sampled as this second would have had to be. Whether anything was added. */
  relax(): boolean {
    const recent = this.adds - this.#addsAtLook;
    this.#addsAtLook = this.adds;
    let interval = 1;
    while (interval < MAX_INTERVAL && recent > QUOTA * interval) interval *= 2;
    this.interval = Math.min(interval, this.interval);
    const less = Math.max(0, this.skip - this.interval + 1);
    this.skip -= less;
    this.#accounted -= less;
    this.#quota = QUOTA;
    return recent > 0;
  }
}

/** One emitter, or all of a class. */
export class Kind {
  label: string;
  /** Whether several emitters are counted together. */
  readonly shared: boolean;
  readonly events = new Map<EventName, Watched>();
  /** Called with each site that begins to grow. */
  onGrowth: ((row: Row) => void) | undefined;
  #members: WeakRef<object>[] = [];

  constructor(label: string, shared: boolean) {
    this.label = label;
    this.shared = shared;
  }

  join(target: object): void {
    this.#members.push(new WeakRef(target));
  }

  watch(event: EventName): Watched {
    const known = this.events.get(event);
    if (known !== undefined) return known;
    const name = this.events.size < MAX_EVENTS ? event : OTHER_EVENTS;
    let watched = this.events.get(name);
    if (watched === undefined) {
      watched = new Watched(this, name);
      this.events.set(name, watched);
    }
    return watched;
  }

  /** The emitters that are alive; forgets the others. */
  *members(): IterableIterator<object> {
    let kept = 0;
    const members = this.#members;
    const { length } = members;
    for (let i = 0; i < length; i++) {
      const ref = members[i] as WeakRef<object>;
      const target = ref.deref();
      if (target === undefined) continue;
      members[kept++] = ref;
      yield target;
    }
    // Also those that joined meanwhile.
    members.copyWithin(kept, length);
    members.length -= length - kept;
  }

  /** Whether there may be emitters. */
  get populated(): boolean {
    return this.#members.length > 0;
  }
}

const classes = new WeakMap<object, { instances: number; shared: Kind | undefined }>();
/** All kinds with live emitters; they are few, or share. */
export const kinds = new Set<Kind>();

/** The kind that `target`, seen for the first time, belongs to. */
export function assignKind(target: object, name: string | undefined): Kind {
  const kind = name === undefined ? kindByClass(target) : new Kind(name, false);
  kind.join(target);
  kinds.add(kind);
  return kind;
}

function kindByClass(target: object): Kind {
  const maker: unknown = (target as { constructor?: unknown }).constructor;
  const known = typeof maker === 'function' ? maker : Object;
  const label = (known as { name?: unknown }).name;
  const title = typeof label === 'string' && label !== '' ? label.slice(0, 80) : 'EventEmitter';
  let group = classes.get(known);
  if (group === undefined) {
    group = { instances: 0, shared: undefined };
    classes.set(known, group);
  }
  if (!comesAndGoes(target) && group.instances < MAX_OF_CLASS) {
    group.instances++;
    return new Kind(group.instances === 1 ? title : `${title} #${group.instances}`, false);
  }
  group.shared ??= new Kind(group.instances === 0 ? title : `${title} (others)`, true);
  return group.shared;
}

/** Streams, sockets, requests, WebSockets and signals end; there are as many as the traffic wants. */
function comesAndGoes(target: object): boolean {
  return 'destroyed' in target || 'readyState' in target || 'aborted' in target;
}
