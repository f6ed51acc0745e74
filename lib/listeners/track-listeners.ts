/** `trackListeners`: its options, its types, and the choice between trackers of emitters and of event targets. */

import type { EventEmitter } from 'node:events';
import { invalidArgument } from '../errors';
import { hasEnded, onEnd, type Until } from '../lifetime/ending';
import { isEmitter, isObject, isTarget } from '../lifetime/shapes';
import { readFunction, readKnown, readName } from '../options';
import { EmitterTracker } from './emitter-tracker';
import { type Observed, observationOf, observe } from './observe';
import { type ListenerReport, type ListenerSite, siteReport } from './report';
import { TargetTracker } from './target-tracker';

/** What can be tracked: Node's emitters and whatever has their methods, and event targets. */
export type Trackable =
  | {
      on(...args: never[]): unknown;
      removeListener(...args: never[]): unknown;
      emit(...args: never[]): unknown;
    }
  | EventTarget;

/** Options of {@link trackListeners}. */
export interface TrackListenersOptions {
  /**
   * The tracker's listeners are removed when this ends: a response (finished, or the connection gone), a request (as
   * long as its response), a socket, a stream, a WebSocket, an `AbortSignal`, another tracker or a scope. If it has
   * ended already, the tracker adds nothing, and warns of that once per call site (`PLATEAU_DISPOSED`).
   */
  until?: Until | undefined;
  /**
   * What the emitter is called in reports.
   * @default the name of its class
   */
  name?: string | undefined;
  /**
   * Called when a call site that adds listeners to this emitter begins to grow. The last one given for an emitter
   * counts. What it throws becomes a process warning.
   */
  onGrowth?: ((site: ListenerSite) => void) | undefined;
}

type EmitterMethod =
  | 'on'
  | 'once'
  | 'addListener'
  | 'prependListener'
  | 'prependOnceListener'
  | 'off'
  | 'removeListener'
  | 'removeAllListeners'
  | 'emit'
  | 'eventNames'
  | 'listenerCount'
  | 'listeners'
  | 'rawListeners'
  | 'setMaxListeners'
  | 'getMaxListeners';
type TargetMethod = 'addEventListener' | 'removeEventListener' | 'dispatchEvent';

/** The end of a tracker, and its report. */
export interface TrackerControls extends Disposable {
  /** Whether the tracker has ended. */
  readonly disposed: boolean;
  /** Listeners added through this tracker and not yet removed, as far as it knows. */
  readonly size: number;
  /**
   * Removes the listeners that were added through this tracker, and only those. The tracker adds none after that.
   * Linear in their number.
   */
  dispose(): void;
  /** The call sites that add listeners to this emitter, this tracker's and all others. See {@link listenerReport}. */
  report(): ListenerReport;
}

/** The methods of an emitter that every tracker of an event target has as well. */
interface TargetConvenience {
  on(type: string, listener: (event: Event) => void): this;
  once(type: string, listener: (event: Event) => void): this;
  off(type: string, listener: (event: Event) => void): this;
}

/**
 * An emitter's own interface with a lifetime. All of it works on the emitter itself, with two differences: `dispose`
 * and `removeAllListeners` remove only what came through the tracker, and after its end nothing can be added.
 */
export type ListenerTracker<T> = TrackerControls & Methods<T>;

type Methods<T> = 0 extends 1 & T
  ? // biome-ignore lint/suspicious/noExplicitAny: of an emitter that is `any`, the methods are
    Record<EmitterMethod | TargetMethod, any>
  : Pick<T, Extract<keyof T, EmitterMethod | TargetMethod>> &
      (T extends { on: unknown } ? unknown : TargetConvenience);

const NAMES = ['until', 'name', 'onGrowth'] as const;
const TRACKABLE = 'an EventEmitter or an EventTarget';

/**
 * Tracks the listeners of an emitter: gives those that are added through the returned tracker a lifetime, and notes
 * where listeners come from, whoever adds them.
 *
 * @example
 * app.get('/prices', (req, res) => {
 *   const events = trackListeners(bus, { until: res });   // was: bus
 *   events.on('price', (price) => res.write(`data: ${price}\n\n`));
 * });
 *
 * Observing an emitter costs it one `newListener` listener, once; an emitter that is observed already costs a look-up.
 * Neither the emitter nor any listener is kept alive. Additions to an `EventTarget` are only seen through trackers.
 *
 * @throws TypeError `PLATEAU_INVALID_ARGUMENT` when it is neither an emitter nor an event target;
 * `PLATEAU_INVALID_OPTION` when an option is unknown or of the wrong type
 */
export function trackListeners<T extends Trackable>(
  emitter: T,
  options?: TrackListenersOptions,
): ListenerTracker<T> {
  const known = typeof emitter === 'object' && emitter !== null ? observationOf(emitter) : undefined;
  const isOfNode = isEventEmitter(emitter);
  if (options === undefined) {
    const tracker = trackerOf(isOfNode, emitter, known ?? observe(emitter), undefined);
    return tracker as unknown as ListenerTracker<T>;
  }
  const { until, name, onGrowth } = readOptions(options);
  const isObserved = known?.onNewListener !== undefined;
  // Before anything is changed: `until` may be nothing that ends.
  if (until !== undefined && !isObserved) hasEnded(until);
  const observed = isObserved ? known : observe(emitter, name);
  const tracker = trackerOf(isOfNode, emitter, observed, until);
  if (until !== undefined) tracker.endsWith(onEnd(until, tracker));
  if (name !== undefined && !observed.kind.shared) observed.kind.label = name;
  if (onGrowth !== undefined) observed.kind.onGrowth = (row) => onGrowth(siteReport(row));
  return tracker as unknown as ListenerTracker<T>;
}

/** Whether it is an emitter with the methods of Node's, or else an event target. */
function isEventEmitter(it: unknown): boolean {
  if (isObject(it)) {
    if (isEmitter(it) && typeof (it as Partial<EventEmitter>).emit === 'function') return true;
    if (isTarget(it)) return false;
  }
  throw invalidArgument('emitter', TRACKABLE, it);
}

/** Each class by its name: V8 then makes one piece of the constructors and what calls them. */
function trackerOf(
  isOfNode: boolean,
  target: unknown,
  observed: Observed,
  cause: unknown,
): EmitterTracker | TargetTracker {
  return isOfNode
    ? new EmitterTracker(target as EventEmitter, observed, cause)
    : new TargetTracker(target as EventTarget, observed, cause);
}

function readOptions(given: unknown): TrackListenersOptions {
  const options = readKnown(given, NAMES);
  readName(options.name);
  readFunction('onGrowth', options.onGrowth);
  return options as TrackListenersOptions;
}
