/** What the dashboard tells of a process: the content of `memory.json`, and of each event of the stream. */

import type { ListenerSite, MemorySample, MemoryVerdict, MemoryVerdictKind, ScopeSite } from '../index';

/** One named cache. */
export interface DashboardCache {
  name: string;
  /** Whether it is a `SharedCache`: the whole process's, of whatever threads. */
  shared: boolean;
  entries: number;
  /** `null` without a bound on entries. */
  maxEntries: number | null;
  bytes: number;
  /** `null` without a bound in bytes. */
  maxBytes: number | null;
  hits: number;
  misses: number;
  /** From 0 to 1. */
  hitRatio: number;
  /** Entries that left because of a bound. */
  evicted: number;
}

/** One isolate: a main thread or a worker thread, of this or another process. */
export interface DashboardIsolate {
  pid: number;
  /** 0 is the main thread. */
  thread: number;
  /** Whether it is the one that serves this page. */
  self: boolean;
  /** Whether it still runs. */
  running: boolean;
  /** Of its newest sample; ms since the Unix epoch. */
  at: number;
  verdict: MemoryVerdictKind;
  /** For a leak: where. */
  place: string | undefined;
  /** Bytes on the heap after the newest major collection. */
  floor: number;
  /** Growth of what leaks or fills, per second. */
  perSecond: number | undefined;
  /** Of the process, in bytes. */
  rss: number;
  /** Share of the time spent collecting, 0 to 1. */
  gcShare: number;
  /** Delay of the event loop in ms. */
  loopDelay: number;
  /** In what it stands out among its siblings, processes of one script or threads of one process: its floor or its slope. */
  uneven: string | undefined;
}

/** The state of a process, as of `at`. */
export interface DashboardState {
  /** ms since the Unix epoch. */
  at: number;
  /** The option of that name. */
  title: string | undefined;
  process: {
    pid: number;
    /** 0 is the main thread. */
    thread: number;
    /** Seconds. */
    uptime: number;
    node: string;
    plateau: string;
  };
  /** Whether the sampler still looks. */
  running: boolean;
  /** `null` in the first moment. */
  sample: MemorySample | null;
  verdict: MemoryVerdict;
  /** The named caches with the most bytes and entries, at most 50. */
  caches: DashboardCache[];
  /** Call sites of listeners, growing ones first, at most 20; at most every five seconds anew. */
  listeners: ListenerSite[];
  /** Where the scopes that live were made, at most 20; likewise. */
  scopes: ScopeSite[];
  /** All isolates that are known, at most 200. */
  isolates: DashboardIsolate[];
}

/** The past, a column per signal; bytes, ms, and shares from 0 to 1. */
export interface DashboardHistory {
  /** Seconds per bucket that were asked for. */
  resolution: number;
  /** Ends of the buckets, ms since the Unix epoch, rising. */
  at: number[];
  /** The last in the bucket; 0 before the first collection. */
  floor: number[];
  /** The most in the bucket. */
  used: number[];
  external: number[];
  native: number[];
  rss: number[];
  gcShare: number[];
  loopDelay: number[];
}
