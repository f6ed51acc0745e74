/**
 * What the check and its agents say to each other: one JSON object per line, over a socket that only the user can
 * reach. An agent lives in each isolate of the app.
 */

import type { SourcePlace } from '../heap/types';
import type { AllocationSite, Floor } from './types';

/** The variable that tells agents where to connect. */
export const SOCKET_VARIABLE = 'PLATEAU_CHECK_SOCKET';

/** What an agent says of itself first. */
export interface Hello {
  tell: 'hello';
  pid: number;
  /** The process that started it. */
  parent: number;
  /** 0 for the main thread. */
  thread: number;
  /** What runs, as in `process.argv[1]`. */
  script: string;
  node: string;
}

/** A server listens. */
export interface Listening {
  tell: 'listening';
  kind: 'http' | 'https' | 'http2' | 'net';
  /** As `server.address()` says. */
  host: string;
  port: number;
  /** Whether that port was asked for, and not any that is free. */
  fixed: boolean;
  /** Of a Unix socket or named pipe, instead of a port. */
  path?: string;
}

/** A place that adds listeners, and how many more there are now. */
export interface ListenerGrowth {
  file: string;
  line: number;
  event: string;
  emitter: string;
  /** Added since the agent began to look, and still there. */
  live: number;
}

/** A place that opens handles which stay open. */
export interface HandleGrowth extends SourcePlace {
  /** Node's name for it: `TCPWRAP`, `Timeout`. */
  type: string;
  /** Opened since the agent began to look, and still open. */
  open: number;
}

/** How much an object holds and may hold. */
export interface Bound {
  unit: 'entries' | 'bytes';
  held: number;
  most: number;
  /** What it is: its tag, or its class. */
  is: string;
}

/** The bounds of those objects, by id, that have one. */
export interface Bounds {
  bounds: Record<number, Bound>;
  /** Bytes of old objects at which V8 gives up. */
  heapRoom: number;
}

/** What an agent says besides a floor. */
export interface Aside {
  /** Requests that it has begun to answer. */
  served: number;
  /** The longest timer, in ms, that the program has set. */
  longestTimer: number;
  /** How many descriptors the process may have open. */
  descriptorLimit: number;
}

/** What can be asked of an agent, and what it answers. */
export interface Asks {
  /** Collects garbage until the floor settles, and measures. */
  floor: { ask: []; answer: Omit<Floor, 'requests'> & Aside };
  /** Begins to note who adds listeners and opens handles. */
  observe: { ask: []; answer: boolean };
  growth: { ask: []; answer: { listeners: ListenerGrowth[]; handles: HandleGrowth[] } };
  /** Writes a snapshot to a file. */
  snapshot: { ask: [file: string]; answer: { bytes: number } };
  /** Begins to sample allocations. */
  sample: { ask: []; answer: boolean };
  /** Ends that, and tells the places of those that are still there. */
  sampled: { ask: []; answer: AllocationSite[] };
  /** Which of the objects with these ids in the snapshots have a bound. */
  bounds: { ask: [ids: number[]]; answer: Bounds };
  /** Source maps applied, those that the app's loader has made included. */
  places: { ask: [SourcePlace[]]; answer: SourcePlace[] };
}

export type AskName = keyof Asks;
export type Question = { id: number; ask: AskName; with: unknown[] };
export type Answer = { tell: 'answer'; id: number; value?: unknown; error?: string };
export type Told = Hello | Listening | Answer;

/** Cuts a stream of text into lines. */
export function lines(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part !== '') onLine(part);
  };
}
