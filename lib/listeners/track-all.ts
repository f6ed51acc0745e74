/**
 * Observes every emitter and event target of the process, for tests and for the leak check.
 *
 * Here, and only here, something is patched: the methods that add listeners, on the two prototypes. An application in
 * production observes the emitters it means with `trackListeners`.
 */

import { EventEmitter } from 'node:events';
import { dispose } from '../lifetime/symbols';
import { note } from './ledger';
import { observationOf, observeSilently } from './observe';

// biome-ignore lint/suspicious/noExplicitAny: methods of any signature, passed on as they are
type Method = (this: any, ...args: any[]) => any;
type Patched = { holder: Record<string, Method>; name: string; original: Method; ours: Method };

const EMITTER_METHODS = ['on', 'addListener', 'prependListener'];

let patches: Patched[] = [];
let users = 0;

/** What {@link trackAllListeners} returns. */
export interface Restorable extends Disposable {
  /** Ends the observation. */
  restore(): void;
}

/**
 * From now on notes, for every EventEmitter and EventTarget, where listeners are added to it; `listenerReport` shows
 * them. For tests and diagnosis: each addition costs a look-up more, and every emitter in use some memory. May be called
 * several times; the last `restore` undoes it.
 *
 * @example
 * const all = trackAllListeners();
 * await runTheSuspect();
 * console.log(String(listenerReport()));
 * all.restore();
 */
export function trackAllListeners(): Restorable {
  if (users++ === 0) patch();
  let restored = false;
  const restore = (): void => {
    if (restored) return;
    restored = true;
    if (--users === 0) unpatch();
  };
  return { restore, [dispose]: restore };
}

function patch(): void {
  const emitter = EventEmitter.prototype as unknown as Record<string, Method>;
  for (const name of EMITTER_METHODS) replace(emitter, name);
  replace(EventTarget.prototype as unknown as Record<string, Method>, 'addEventListener');
}

function replace(holder: Record<string, Method>, name: string): void {
  const original = holder[name] as Method;
  const ours: Method = function (this: object, ...args) {
    const result: unknown = Reflect.apply(original, this, args);
    if (users > 0) noteAddition(this, args[0], args[1], ours);
    return result;
  };
  Object.defineProperty(ours, 'name', { value: name });
  // As a class would define it: not enumerable where it was not.
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { ...before, value: ours });
  patches.push({ holder, name, original, ours });
}

function noteAddition(target: object, event: unknown, listener: unknown, above: Method): void {
  if (typeof event !== 'string' && typeof event !== 'symbol') return;
  if (event === 'newListener' || listener === null || listener === undefined) return;
  const observed = observationOf(target) ?? observeSilently(target);
  if (observed.onNewListener !== undefined) return;
  const plain = (listener as { listener?: unknown }).listener ?? listener;
  note(observed.kind.watch(event), plain, above);
}

function unpatch(): void {
  for (const { holder, name, original, ours } of patches) {
    // If somebody has patched it since, ours stays beneath and does nothing.
    if (holder[name] !== ours) continue;
    const now = Object.getOwnPropertyDescriptor(holder, name);
    Object.defineProperty(holder, name, { ...now, value: original });
  }
  patches = [];
}
