/** The options of `superviseWebSockets`: what they mean, and their checks. */

import { MAX_DELAY } from '../cache/clock';
import { invalidOption, outOfRange } from '../errors';
import { readFunction, readKnown } from '../options';

/** Why a client was terminated. */
export type TerminationReason =
  /** It sent nothing at all for a whole heartbeat, not even the answer to a ping. */
  | 'vanished'
  /** More than `maxBuffered` bytes waited for it for at least `slowFor`. Also where it had vanished as well. */
  | 'slow';

/** Options of {@link superviseWebSockets}. */
export interface SuperviseWebSocketsOptions<Client = unknown> {
  /**
   * Milliseconds between two pings to a client, 1 to 2,147,483,647. Who has sent nothing since the last one is
   * terminated, so that a client whose network is cut is gone within two heartbeats. Must be longer than the slowest
   * client's round trip. Socket.IO has pings of its own (`pingInterval`, `pingTimeout`), which this does not change:
   * there it is how often the buffers are looked at.
   * @default 30_000
   */
  heartbeat?: number | undefined;
  /**
   * Bytes that may wait in this process for one client, a positive number; `Infinity` for no bound. A client with more
   * for `slowFor` is terminated. Between two looks more than this can gather: see `slowFor`.
   * @default 1_048_576
   */
  maxBuffered?: number | undefined;
  /**
   * Milliseconds for which more than `maxBuffered` bytes must wait, at every look and without having been sent off
   * completely in between, 1 to 2,147,483,647. Where it is shorter than the heartbeat, buffers are looked at this
   * often. So a client is terminated for it at the latest `2 * slowFor` (or `slowFor + heartbeat`) after it fell behind.
   * @default the heartbeat
   */
  slowFor?: number | undefined;
  /**
   * Called just before a client is terminated, when it can still be asked. What it throws, or rejects with, becomes
   * a process warning, `PLATEAU_ON_TERMINATE`; the client is terminated all the same. Of a Socket.IO connection with
   * several namespaces, one socket is reported.
   */
  onTerminate?: ((client: Client, reason: TerminationReason) => void) | undefined;
}

/** Options with the defaults filled in. */
export interface Settings {
  readonly heartbeat: number;
  readonly maxBuffered: number;
  readonly slowFor: number;
  readonly onTerminate: ((client: object, reason: TerminationReason) => unknown) | undefined;
}

const HEARTBEAT = 30_000;
const MAX_BUFFERED = 1024 * 1024;
const KNOWN = ['heartbeat', 'maxBuffered', 'slowFor', 'onTerminate'] as const;

/** Checks the options and fills in the defaults. */
export function readOptions(given: unknown): Settings {
  const o = readKnown(given === undefined ? {} : given, KNOWN);
  const heartbeat = readDelay('heartbeat', o.heartbeat, HEARTBEAT);
  const onTerminate: Settings['onTerminate'] = readFunction('onTerminate', o.onTerminate);
  return {
    heartbeat,
    maxBuffered: readBytes('maxBuffered', o.maxBuffered, MAX_BUFFERED),
    slowFor: readDelay('slowFor', o.slowFor, heartbeat),
    onTerminate,
  };
}

function readDelay(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const accepted = `a number of milliseconds from 1 to ${MAX_DELAY}`;
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!(value >= 1 && value <= MAX_DELAY)) throw outOfRange(name, accepted, value);
  return value;
}

function readBytes(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise;
  const accepted = 'a positive number of bytes, or Infinity';
  if (typeof value !== 'number') throw invalidOption(name, accepted, value);
  if (!(value > 0)) throw outOfRange(name, accepted, value);
  return value;
}
