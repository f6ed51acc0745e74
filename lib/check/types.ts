/** What a check finds, as plain objects: `--json` prints a {@link CheckReport}. */

import type { HeapComparison, HeapFinding, SourcePlace } from '../heap/types';
import type { Filling } from './bounded';
import type { Course } from './judge';
import type { HandleGrowth, ListenerGrowth } from './protocol';

/** What is measured of an isolate after each round. */
export type Signal = 'heap' | 'external' | 'native' | 'descriptors' | 'handles';

/** The floors of one isolate after one round, or before the first. */
export interface Floor {
  /** Requests that had been answered by then, by this isolate where it counts them, else by all. */
  requests: number;
  /** Bytes of JavaScript objects: the heap in use without compiled code. */
  heap: number;
  /** Bytes outside the heap that objects hold: Buffers and the like. */
  external: number;
  /** Bytes of the process that neither explains. 0 in a worker thread. */
  native: number;
  /** Open file descriptors; 0 where the system does not say, and in worker threads. */
  descriptors: number;
  /** Handles and requests that keep the event loop going. */
  handles: number;
  /** Of those, timers. */
  timers: number;
  /** Of those, sockets, pipes and servers. */
  sockets: number;
}

/** A {@link Signal} of an isolate, judged. */
export interface SignalReport {
  course: Course;
  /** Per request: bytes, or a number of descriptors or handles. */
  slope: number;
  /** The 95 % confidence interval of it. */
  low: number;
  high: number;
  /** What is still fine, per request. */
  budget: number;
  /** By how much it grew over the rounds that were judged. */
  growth: number;
  /** How many rounds those were. */
  rounds: number;
  reason: string;
}

/** One isolate (a process's main thread, or a worker thread) that was judged. */
export interface IsolateReport {
  /** `server.js, process 4711`, with the worker's number where it is one. */
  name: string;
  pid: number;
  /** 0 for the main thread. */
  thread: number;
  verdict: 'healthy' | 'leak' | 'unclear';
  signals: Record<Signal, SignalReport>;
  /** The first is from before the first round. */
  floors: Floor[];
}

/** A {@link HeapFinding} in bytes per request. */
export interface CheckFinding extends HeapFinding {
  /** Bytes retained per request. */
  bytesPerRequest: number;
}

/** A function that allocated what is still there. */
export interface AllocationSite extends SourcePlace {
  /** Bytes of what it allocated while it was looked at, and what is still there: an estimate from samples. */
  bytes: number;
}

/** What the load did, in all. */
export interface LoadReport {
  /** Requests, iterations or WebSocket connections that were begun. */
  sent: number;
  /** Of those, answered in full. */
  answered: number;
  /** Of those, cut by the check itself. */
  cut: number;
  /** Of those, refused, reset or timed out. */
  failed: number;
  /** Answers by status code. */
  statuses: Record<string, number>;
  /** The first failure, in words. */
  failure: string | undefined;
}

/** The result of a check. */
export interface CheckReport {
  /** The version of this form. */
  schema: 1;
  verdict: 'healthy' | 'leak' | 'unclear';
  /** The verdict in one sentence. */
  summary: string;
  /** The command that was checked. */
  command: string[];
  /** What was asked of it: `GET http://127.0.0.1:3000/cart`. */
  targets: string[];
  /** When it began, in ISO 8601. */
  startedAt: string;
  /** How long it took, in seconds. */
  seconds: number;
  /** Requests per round. */
  roundSize: number;
  load: LoadReport;
  isolates: IsolateReport[];
  /** The isolate that the findings are of. */
  culprit: string | undefined;
  /** What grows, most bytes first. Only of a leak in a heap. */
  findings: CheckFinding[];
  /** What grows within a bound that it has not reached, as objects by how they are held: no leak. */
  filling: Filling[];
  /** What the findings were taken from. */
  comparison: HeapComparison | undefined;
  /** Functions that allocated, while the snapshots were taken, what is still there; most bytes first. */
  allocations: AllocationSite[];
  /** Places that add listeners which stay. */
  listeners: ListenerGrowth[];
  /** Places that open sockets, timers or files which stay open. */
  handles: HandleGrowth[];
  /** What a reader should know: what could not be done, or was decided. */
  notes: string[];
}
