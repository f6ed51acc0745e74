/** What the memory sampler tells: samples, verdicts, and their parts. Bytes and milliseconds unless said otherwise. */

import type { ListenerSite } from '../listeners/report';
import type { ScopeSite } from '../scope/report';

/** What the floor, in the end, says about a process. */
export type MemoryVerdictKind =
  /** The sampler has not seen enough collections to judge. */
  | 'not-enough-data'
  /** The process starts, or its growth after the start is still decaying. */
  | 'warming-up'
  /** No growth that matters. */
  | 'healthy'
  /** Growth that has a bound: it is decaying, or a known bounded cache is filling. */
  | 'filling'
  /** The collector takes a large share of the time, without growth of the floor. */
  | 'gc-pressure'
  /** Steady growth that does not decay. */
  | 'leak';

/** Where a leak is. */
export type LeakPlace =
  /** JavaScript objects. */
  | 'heap'
  /** Memory outside the heap that objects of it keep: `Buffer`s, `ArrayBuffer`s. */
  | 'external'
  /** Memory of the process that is neither: native add-ons, allocators. */
  | 'native'
  /** Open descriptors: files, sockets. */
  | 'descriptors'
  /** Timers, sockets and other active resources of the event loop. */
  | 'handles';

/** A slope with its interval (95 %). */
export interface Slope {
  value: number;
  low: number;
  high: number;
}

/** How one signal has moved over the time that was judged. */
export interface MemoryTrend {
  place: LeakPlace;
  /** Whether it grows steadily, more than by chance and more than matters, without decaying. */
  growing: boolean;
  /** First and last level of the time judged: bytes, or a count for descriptors and handles. */
  from: number;
  to: number;
  /** Seconds judged, and points (collections or samples) in it. */
  seconds: number;
  points: number;
  /** Per second. */
  perSecond: Slope;
  /** Per HTTP request; absent without requests. */
  perRequest: Slope | undefined;
  /** One-sided probability of such a rise without a trend (Mann–Kendall, corrected for autocorrelation). */
  p: number;
  /** The slope of the second half as a share of the first half's: below 0.6 growth decays. `NaN` with too few points. */
  decay: number;
}

/** What is wrong, how sure that is, and what to do next. */
export interface MemoryVerdict {
  verdict: MemoryVerdictKind;
  /** For a leak: where. */
  place: LeakPlace | undefined;
  /** Since when the verdict has been this one; ms since the Unix epoch. */
  since: number;
  /** For a leak: when the growth began. */
  onset: number | undefined;
  /** 0 to 1. */
  confidence: number;
  /** Of the place of a leak or of what is filling. Bytes, or a count, per second. */
  perSecond: Slope | undefined;
  perRequest: Slope | undefined;
  /** Until the heap limit is reached, if it goes on like this. */
  secondsToHeapLimit: number | undefined;
  /** Until the memory limit of the container is reached. */
  secondsToCgroupLimit: number | undefined;
  /** Why, with numbers, in one sentence. */
  evidence: string;
  /** What to do next, in one sentence. */
  next: string;
  /** Every signal that was judged. */
  trends: MemoryTrend[];
}

/** One look at the isolate and its process. */
export interface MemorySample {
  /** ms since the Unix epoch. */
  at: number;
  heap: {
    /** Old and large-object space right after the newest major collection; 0 before the first. */
    floor: number;
    used: number;
    committed: number;
    limit: number;
  };
  external: {
    bytes: number;
    arrayBuffers: number;
    /** After the newest major collection. */
    floor: number;
  };
  /**
   * Memory of the process that no isolate's heap or buffers explain; what `malloc` has given out, where that is known;
   * and what shared caches hold of it, which is bounded and no part of what is judged.
   */
  native: { bytes: number; mallocUsed: number | undefined; sharedCaches: number };
  process: {
    rss: number;
    anonymous: number;
    /** Processor time since the start of the process, in seconds. */
    cpu: number;
    descriptors: number;
    minorFaults: number;
    majorFaults: number;
  };
  /** Of the container; absent without a memory limit. */
  cgroup: { limit: number; used: number; limitHits: number; oomKills: number } | undefined;
  /** Since the sampler started; `share` is the share of time spent collecting in the last minute, 0 to 1. */
  gc: { major: number; minor: number; majorMs: number; minorMs: number; share: number };
  loop: { delay: number; utilization: number };
  /** Since the sampler started; `rate` per second over the last ten. */
  requests: { count: number; rate: number };
  handles: { count: number; timers: number };
  /** Of the named caches. */
  caches: { bytes: number; entries: number };
}

/** A stretch of the history, with the extremes of what was sampled in it. */
export interface MemoryBucket {
  /** Its end; ms since the Unix epoch. */
  at: number;
  seconds: number;
  floor: Extremes;
  used: Extremes;
  external: Extremes;
  native: Extremes;
  rss: Extremes;
  descriptors: Extremes;
  handles: Extremes;
  loopDelay: Extremes;
  gcShare: Extremes;
  /** Received in it. */
  requests: number;
}

/** 0 in all three where there was nothing to see, as a floor without a collection. */
export interface Extremes {
  min: number;
  max: number;
  last: number;
}

/** Memory runs short. */
export interface MemoryPressure {
  /** What runs short: the heap of the isolate, or the memory of the container. */
  limit: 'heap' | 'cgroup';
  /** Bytes in use; of the heap, by old objects. */
  used: number;
  /** Bytes that may be; of the heap, V8's limit less what only young objects can use: where the process would end. */
  bytes: number;
  /** `used` as a share of `bytes`. */
  share: number;
  /** Entries that were released from named caches because of it. */
  relieved: number;
}

/** A leak was found: what is known of it at that moment. Everything in it is bounded. */
export interface MemoryAlarm {
  verdict: MemoryVerdict;
  /** Call sites whose listeners accumulate, at most ten; only of emitters that are observed. */
  listeners: ListenerSite[];
  /** Where scopes are opened that are not closed, at most ten, those with the most open ones first. */
  scopes: ScopeSite[];
  /** The named caches with the most entries, at most ten; shared ones, which are the whole process's, among them. */
  caches: {
    name: string;
    entries: number;
    /** `Infinity` without such a bound. */
    maxEntries: number;
    bytes: number;
    /** Whether it is a `SharedCache`. */
    shared: boolean;
  }[];
}

/** Options of `startMemorySampler`. */
export interface MemorySamplerOptions {
  /**
   * A directory for the black box: one file of fixed size per isolate, readable after any kind of death. Made if
   * missing, 0700; the files are 0600. Default: none.
   */
  recorder?: string;
  /** Size of that file, in bytes, from 64 KiB to 1 GiB. Default 4 MiB: twelve hours and more. */
  recorderBytes?: number;
  /**
   * From which share of a limit on there is pressure, 0 to 1. Default 0.85 of what old objects may take of the heap, and
   * of the container's limit.
   */
  pressureAt?: number;
  /** Under pressure, named caches are shrunk to this share of what they hold; 1 leaves them alone. Default 1. */
  relieveTo?: number;
  /** Least time between two alarms, and between two pressure events, in ms. Default 600,000 and a tenth of it. */
  cooldown?: number;
  /**
   * Whether V8 is asked for a major collection (an ordinary, incremental one) when it has made none for twelve seconds or
   * longer while requests came or memory grew; without collections there is no floor to judge. Its pauses take less than
   * a four-hundredth of the time. Default true.
   */
  askForCollections?: boolean;
  /**
   * Whether `npx plateau profile <pid>` may ask this process: a socket that only its user can reach is opened, in
   * `plateau-<uid>` in the directory for temporary files. In the main thread only. Default false.
   */
  control?: boolean;
}
